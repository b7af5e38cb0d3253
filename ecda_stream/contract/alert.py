"""The alert: a request to a review team for a second look; never a command, a certainty or a sentence from the file."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from ecda_stream.contract.base import Published
from ecda_stream.contract.score import Position


class AlertFact(Published):
    """One dated fact in the stream's words for reviewers, and how many points it added."""

    words: str
    days: tuple[date, ...] = ()
    """The latest days on which it happened."""
    entries: Annotated[int, Field(ge=0)] = 0
    """How many entries there are behind it, shown or not."""
    points: float


class AlertChild(Published):
    """One child of the family whose case was closed."""

    person: str
    score_id: str
    score_revision: int
    closing_day: date
    sealed_reference: str | None = None
    meaning: str
    """What the score means in words; frequencies only from a calibrated model."""
    points: float | None = None
    probability: float | None = None
    range: tuple[float, float] | None = None
    raises: tuple[AlertFact, ...] = ()
    lowers: tuple[AlertFact, ...] = ()
    missing: tuple[str, ...] = ()
    """What is missing or stale."""


class Alert(Published):
    """One alert per family and closing day; what changes it comes as the next revision under the same id."""

    alert_id: str
    revision: Annotated[int, Field(ge=0)]
    status: Literal["open", "withdrawn"]
    status_reason: str
    stream: str
    mode: Literal["demo", "shadow", "live"]
    request: str
    """What is asked of the reader."""
    authority: str
    family: str
    closing_day: date
    """That of the first child; another child's can differ after a correction."""
    raised_at: datetime
    """When it was raised, or raised anew after it was withdrawn."""
    review_by: date
    expires_on: date
    caused_by: Position
    model_version: str
    children: tuple[AlertChild, ...]
    caveat: str
    """What the alert is not, and the mode it was made in."""
