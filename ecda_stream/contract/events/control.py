"""Events about events, and decisions: reconciliation, retraction, withdrawal, and what people decide."""

from __future__ import annotations

from typing import Literal

from ecda_stream.contract.events.base import EventData
from ecda_stream.contract.fields import Count, Counts, Day, Flag, Identifier, OpenCode, OurId, System


class ExtractCompleted(EventData):
    """A source finished an extract: what it sent, by type, so that what arrived can be reconciled."""

    type_name = "extract.completed.v1"
    happened_field = "date"
    about_people = False

    system: System
    date: Day
    counts: Counts


class RecordRetracted(EventData):
    """An earlier record of any type was wrong and no longer holds; from here on it is not known."""

    type_name = "record.retracted.v1"
    happened_field = "retraction_date"
    about_people = False
    token_fields = ("event_id",)

    event_id: Identifier
    retraction_date: Day


class SourceWithdrawn(EventData):
    """A source no longer sends a record, episode or child (it left the cohort window); kept and marked, never erased."""

    type_name = "source.withdrawn.v1"
    happened_field = "withdrawn_date"
    token_fields = ("event_id",)

    withdrawn_date: Day
    scope: Literal["child", "episode", "record"]
    event_id: Identifier | None = None


class DayStarted(EventData):
    """A London day began; lets what depends on days happen where no other event arrives."""

    type_name = "day.started.v1"
    happened_field = "date"
    review_only = True
    about_people = False
    every_authority = True

    date: Day


class AlertOpened(EventData):
    """A reviewer opened the sealed references of an alert; the reason in words stays in the review team's own access record."""

    type_name = "alert.opened.v1"
    happened_field = "opened_date"
    review_only = True
    about_people = False
    token_fields = ("reviewer_id",)

    alert_id: OurId
    access_id: OurId
    """Hash of the line of the access record that gives the reason."""
    references: Count
    reviewer_id: Identifier
    opened_date: Day


class AlertDecided(EventData):
    """A reviewer decided on an alert."""

    type_name = "alert.decided.v1"
    happened_field = "decision_date"
    review_only = True
    about_people = False
    token_fields = ("reviewer_id",)

    alert_id: OurId
    decision: Literal["agree", "disagree", "need_information", "wrong_data"]
    reason: OpenCode
    reviewer_id: Identifier
    decision_date: Day


class ModelActivated(EventData):
    """From this entry on, a stream scores with this model version."""

    type_name = "model.activated.v1"
    happened_field = "decision_date"
    review_only = True
    about_people = False
    every_authority = True

    stream: OpenCode
    version: OpenCode
    reason: OpenCode
    decision_date: Day


class ModeChanged(EventData):
    """From this entry on, a stream runs in this mode."""

    type_name = "mode.changed.v1"
    happened_field = "decision_date"
    review_only = True
    about_people = False
    every_authority = True

    stream: OpenCode
    mode: Literal["demo", "shadow", "live"]
    reason: OpenCode
    decision_date: Day


class AlertingStopped(EventData):
    """The kill switch: from this entry on a stream raises no alert, until a `guardrail.reset`."""

    type_name = "alerting.stopped.v1"
    happened_field = "decision_date"
    review_only = True
    about_people = False
    every_authority = True

    stream: OpenCode
    reason: OpenCode
    decision_date: Day


class GuardrailReset(EventData):
    """An operator looked into a tripped guardrail, or a kill switch, and lets alerting go on."""

    type_name = "guardrail.reset.v1"
    happened_field = "decision_date"
    review_only = True
    about_people = False
    every_authority = True

    stream: OpenCode
    reason: OpenCode
    decision_date: Day
    accept_as_normal: Flag | None = None
    """Whether what tripped it is how things are from now on: the guardrail then learns anew what to compare with."""


class LinkDecided(EventData):
    """A person decided whether two records held for review are one person."""

    type_name = "link.decided.v1"
    happened_field = "decision_date"
    review_only = True
    about_people = False
    token_fields = ("reviewer_id",)

    pair_id: OurId
    same_person: bool
    reason: OpenCode
    reviewer_id: Identifier
    decision_date: Day


class PersonErased(EventData):
    """An authorised request to erase a person."""

    type_name = "person.erased.v1"
    happened_field = "decision_date"
    review_only = True

    reason: OpenCode
    decision_date: Day


TYPES: tuple[type[EventData], ...] = (
    ExtractCompleted,
    RecordRetracted,
    SourceWithdrawn,
    DayStarted,
    AlertOpened,
    AlertDecided,
    ModelActivated,
    ModeChanged,
    AlertingStopped,
    GuardrailReset,
    LinkDecided,
    PersonErased,
)
