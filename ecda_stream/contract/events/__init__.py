"""Every event type a source may publish, by its CloudEvents `type`.

Names and fields are those of the CIN census in snake_case (data standards: CIN census, DfE children's social care API, Standard
Safeguarding Dataset, school census, SSDA903); decisions are events too, so that the log alone determines every alert.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ecda_stream.contract.events import agencies, control, social_care
from ecda_stream.contract.events.base import PREFIX, EventData

EVENT_TYPES: Mapping[str, type[EventData]] = MappingProxyType(
    {data_type.cloud_event_type(): data_type for module in (social_care, agencies, control) for data_type in module.TYPES}
)
"""CloudEvents type (`uk.csc.closure.recorded.v1`) -> the model of its data."""

__all__ = ["EVENT_TYPES", "PREFIX", "EventData"]
