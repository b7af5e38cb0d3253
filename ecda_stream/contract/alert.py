"""What goes to reviewers: the alert, a request for a second look and never a command, a certainty or a sentence from the file; and the
notice that none are raised at present."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from ecda_stream.contract.base import Published
from ecda_stream.contract.score import Position

Verdict = Literal["agree", "disagree", "need_information", "wrong_data"]


class AlertFact(Published):
    """One dated fact in the stream's words for reviewers, and how many points (or log-odds) it added."""

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
    why: Literal["score", "audit"] = "score"
    """At or above the threshold, or drawn by lot from below it."""
    meaning: str
    """What the score means in words; frequencies only from a calibrated model."""
    points: float | None = None
    probability: float | None = None
    range: tuple[float, float] | None = None
    raises: tuple[AlertFact, ...] = ()
    lowers: tuple[AlertFact, ...] = ()
    missing: tuple[str, ...] = ()
    """What is missing or stale."""


class AlertDecision(Published):
    """What a reviewer decided; who it was stands in the event log, as a token."""

    verdict: Verdict
    reason: str
    decided_on: date


class Alert(Published):
    """One alert per family and closing day; what changes it comes as the next revision under the same id."""

    kind: Literal["alert", "audit_sample"] = "alert"
    """An audit sample asks the same of closures below the threshold, drawn by lot, so that it can be seen what the threshold misses."""
    alert_id: str
    revision: Annotated[int, Field(ge=0)]
    status: Literal["open", "closed", "withdrawn", "expired"]
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
    decision: AlertDecision | None = None
    """What was decided last; with `need_information` the alert stays open."""
    caveat: str
    """What the alert is not, and the mode it was made in."""

    @property
    def key(self) -> str:
        """Return the key of its records."""
        return self.alert_id


class Notice(Published):
    """Alerting for an authority stopped or goes on; the latest one of an authority tells how it is."""

    kind: Literal["notice"]
    notice_id: str
    stream: str
    mode: Literal["demo", "shadow", "live"]
    authority: str
    status: Literal["stopped", "resumed"]
    cause: str
    """A code: which test of the guardrail, the kill switch, or the reason of the reset."""
    words: str
    since: datetime
    figures: Mapping[str, float] = {}
    """What the test compared: window_days, cases, observed, expected, p_value."""
    caused_by: Position

    @property
    def key(self) -> str:
        """Return the key of its records."""
        return self.notice_id


_EITHER: TypeAdapter[Alert | Notice] = TypeAdapter(Alert | Notice)


def parse_published(value: bytes) -> Alert | Notice:
    """Return what a record of an alerts topic says.

    Raises pydantic's ValidationError if it is neither an alert nor a notice.
    """
    return _EITHER.validate_json(value)
