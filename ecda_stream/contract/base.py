"""The two ways a model of ours is strict: what we publish forbids unknown fields, what arrives tolerates and counts them."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Published(BaseModel):
    """Something that leaves: frozen, no unknown field, no NaN, and its errors never quote their input."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, hide_input_in_errors=True)


class Inbound(BaseModel):
    """Something that arrives: frozen, unknown fields are kept aside to be counted, and its errors never quote their input."""

    model_config = ConfigDict(frozen=True, extra="allow", allow_inf_nan=False, hide_input_in_errors=True)
