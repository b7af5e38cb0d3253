"""The score record: one for every trigger, scored or not, and one more for every revision; enough to recompute it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from ecda_stream.contract.base import Published
from ecda_stream.contract.entry import Token


class Position(Published):
    """A place in the event log."""

    partition: Annotated[int, Field(ge=0)]
    offset: Annotated[int, Field(ge=0)]


class Evidence(Published):
    """A dated entry behind a contribution, by its place in the log."""

    day: date
    type: str
    offset: int


class Contribution(Published):
    """What one feature added to the score: its value, its points (or log-odds), and the latest of the dated entries behind it."""

    feature: str
    value: float | None = None
    points: float
    evidence: tuple[Evidence, ...] = ()
    entries: Annotated[int, Field(ge=0)] = 0
    """How many entries there are behind it, shown or not."""


class Digests(Published):
    """Which model, definition and lexicon produced the record."""

    model: str
    definition: str
    lexicon: tuple[str, ...] = ()


class Decision(Published):
    """What was decided about alerting, and why."""

    alert: bool
    """Whether the trigger is part of an alert that went out."""
    held: bool = False
    """Whether it waits for a free place in a coming week."""
    audit: bool = False
    """Whether it was drawn by lot from below the threshold."""
    reason: str


class ScoreRecord(Published):
    """The outcome of one trigger; `points` for a points table, `probability` and `range` only for a calibrated model."""

    stream: str
    score_id: str
    revision: Annotated[int, Field(ge=0)]
    event_id: Token
    authority: str
    person: str
    family: str
    closing_day: date
    referral_date: date | None = None
    arrived_at: datetime
    position: Position
    caused_by: Position
    outcome: Literal["scored", "not_scored"]
    reason: str | None = None
    mode: Literal["demo", "shadow", "live"]
    model_version: str
    points: float | None = None
    probability: float | None = None
    range: tuple[float, float] | None = None
    """90 % family-bootstrap interval of the calibrated rate at this score."""
    range_triggers: int | None = None
    """How many triggers of the calibration stand behind the range."""
    threshold: float
    """The model's: points or log-odds from which on a review is asked for."""
    features: Mapping[str, float | None] = {}
    contributions: tuple[Contribution, ...] = ()
    quality_notes: tuple[str, ...] = ()
    digests: Digests
    decision: Decision
