"""What became of a trigger, read from everything that is known of its person at the end of the log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ecda_stream.definition import StreamDefinition
from ecda_stream.history.fact import Fact

DIED = "died"


@dataclass(frozen=True)
class Aftermath:
    """The first return and what followed it, and when and why nothing more could be seen of the person."""

    returned_on: date | None
    reached: int
    """The highest rung within the window after the first return; 0 without one."""
    escalated_on: date | None
    left_on: date | None
    left_why: str


def rung_of_escalation(definition: StreamDefinition) -> int:
    """Return the rung from which on a return counts as escalated."""
    return [level.name for level in definition.levels].index(definition.label.escalated_level) + 1


def types_of_label(definition: StreamDefinition) -> frozenset[str]:
    """Return the types of entries that can make a label positive."""
    rung = rung_of_escalation(definition)
    return frozenset({definition.label.returned_by, *(name for name, reached in definition.level_of.items() if reached >= rung)})


def follow(facts: Sequence[Fact], closing_day: date, definition: StreamDefinition, died_on: date | None) -> Aftermath:
    """Return what became of a trigger of this day.

    Returned: an entry of the type `label.returned_by` after that day and at most `returned_within_days` later; one on the day itself is
    neither history nor outcome. Escalated: on the day of the first return or at most `escalated_within_days` later, an entry of
    `escalated_level` or a higher one.
    """
    label = definition.label
    last_return = closing_day + timedelta(days=label.returned_within_days)
    returned_on = min(
        (fact.day for fact in facts if fact.type == label.returned_by and closing_day < fact.day <= last_return), default=None
    )
    rungs: list[tuple[int, date]] = []
    if returned_on is not None:
        until = returned_on + timedelta(days=label.escalated_within_days)
        rungs = [(definition.level_of.get(fact.type, 0), fact.day) for fact in facts if returned_on <= fact.day <= until]
    needed = rung_of_escalation(definition)
    left_on, left_why = _leaving(facts, closing_day, definition, died_on)
    return Aftermath(
        returned_on,
        max((rung for rung, _ in rungs), default=0),
        min((day for rung, day in rungs if rung >= needed), default=None),
        left_on,
        left_why,
    )


def _leaving(facts: Sequence[Fact], closing_day: date, definition: StreamDefinition, died_on: date | None) -> tuple[date | None, str]:
    """Return when and why the person left: death, or a later trigger that the definition does not score, whatever comes first."""
    ends = [(died_on, DIED)] if died_on else []
    for fact in facts:
        if fact.type == definition.trigger.type and fact.day > closing_day:
            ends += [(fact.day, rule.reason) for rule in definition.trigger.not_scored if fact.facts.get(rule.field) in rule.codes]
    return min(ends, default=(None, ""), key=lambda end: (end[0] or date.max, end[1]))
