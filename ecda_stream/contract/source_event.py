"""From the bytes of a source record to a valid event, or to the reason why it is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time

from pydantic import BaseModel, ValidationError

from ecda_stream.contract.envelope import LONDON, Envelope, explain, open_envelope
from ecda_stream.contract.events import EVENT_TYPES, EventData
from ecda_stream.contract.people import Person, PersonIdentifier, Relation
from ecda_stream.errors import InvalidEvent

LONGEST_TEXT_BYTES = 2 * 1024 * 1024


@dataclass(frozen=True)
class SourceRecord:
    """One record as it stands in a source topic or on a line of a file; nothing in it has been looked at."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Mapping[str, bytes | None]
    arrived_at: datetime


@dataclass(frozen=True)
class SourceEvent:
    """A source event whose envelope and data keep their contract, by themselves."""

    envelope: Envelope
    data: EventData
    arrived_at: datetime
    topic: str
    """Where the record stood: a source topic, or the name of a file."""

    @property
    def unknown_fields(self) -> int:
        """Return how many fields the contract does not know: tolerated, and counted."""
        return len(self.envelope.model_extra or ()) + _count_unknown(self.data)


def decode(record: SourceRecord) -> SourceEvent:
    """Return the event in a record.

    Raises InvalidEvent with a reason code of `contract.refusal.REASONS`.
    """
    envelope, content = open_envelope(record.value, record.headers)
    data_type = EVENT_TYPES.get(envelope.type)
    if data_type is None:
        raise InvalidEvent("unknown-type", "no event type of this name and version")
    text = content.get("text")
    if isinstance(text, str) and len(text.encode()) > LONGEST_TEXT_BYTES:
        raise InvalidEvent("text-too-long", f"text is longer than {LONGEST_TEXT_BYTES} bytes")
    try:
        data = data_type.model_validate(content)
    except ValidationError as error:
        raise explain(error, (data_type, Person, PersonIdentifier, Relation), data_type.missing_codes) from None
    return SourceEvent(envelope, data, record.arrived_at, record.topic)


def arrived_when_recorded(event: SourceEvent) -> SourceEvent:
    """Return an event as if it had arrived when it was recorded, else at the start of the day on which it happened.

    For back-tests and demonstrations.
    """
    happened = datetime.combine(event.data.happened_at, time(), LONDON)
    return replace(event, arrived_at=(event.envelope.recordedtime or happened).astimezone(UTC))


def arrived_as_stated(event: SourceEvent) -> SourceEvent:
    """Return an event of a file with the time of arrival that its line states; without one it has arrived when it was recorded."""
    stated = event.envelope.arrivedtime
    return arrived_when_recorded(event) if stated is None else replace(event, arrived_at=stated)


def _count_unknown(model: BaseModel) -> int:
    own = len(model.model_extra or ())
    for name in type(model).model_fields:
        value = getattr(model, name)
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, BaseModel):
                own += _count_unknown(item)
    return own
