"""The triggers scored so far: which closures of whom, with every revision of their score."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from ecda_stream.history.fact import Fact
from ecda_stream.state import Draft, as_of


@dataclass(frozen=True)
class Trigger:
    """One closure as it stands: its fact (None: retracted), its person, when it first arrived, where it first stood."""

    event_id: str
    person: str
    fact: Fact
    retracted: bool
    arrived_at: datetime
    offset: int
    sealed_reference: str | None


@dataclass(frozen=True)
class Scored:
    """The last score of a trigger: enough to number the next revision and to know whether it would say anything new."""

    revision: int
    content: str
    outcome: str


def write_trigger(draft: Draft, trigger: Trigger, offset: int) -> None:
    """Write the trigger as it stands from an offset on."""
    draft.append(
        "ledger",
        f"trigger/{trigger.event_id}",
        [
            offset,
            trigger.person,
            trigger.fact.to_json(),
            trigger.retracted,
            trigger.arrived_at.isoformat(),
            trigger.offset,
            trigger.sealed_reference,
        ],
    )
    listed = [trigger.offset, trigger.event_id, trigger.arrived_at.isoformat()]
    draft.append("ledger", f"triggers/{trigger.person}", listed)


def read_trigger(draft: Draft, event_id: str, offset: int) -> Trigger | None:
    """Return a trigger as it stood at an offset."""
    versions = as_of(draft.get("ledger", f"trigger/{event_id}"), offset)
    if not versions:
        return None
    _, person, fact, retracted, arrived_at, first_offset, sealed = versions[-1]
    return Trigger(event_id, person, Fact.from_json(fact), retracted, datetime.fromisoformat(arrived_at), first_offset, sealed)


def recent_triggers(
    draft: Draft, persons: tuple[str, ...], happened_at: date, arrived_at: datetime, offset: int, days: int
) -> list[str]:
    """Return the triggers that an entry may revise: of these persons, earlier in the log, closed on or after the day it happened.

    Only those that arrived at most `days` days before it.
    """
    found: dict[str, int] = {}
    for person in persons:
        for first, event_id, arrived in as_of(draft.get("ledger", f"triggers/{person}"), offset - 1):
            if arrived_at - datetime.fromisoformat(arrived) > timedelta(days=days):
                continue
            trigger = read_trigger(draft, event_id, offset)
            if trigger and trigger.person == person and not trigger.retracted and trigger.fact.day >= happened_at:
                found[event_id] = first
    return sorted(found, key=lambda event_id: (found[event_id], event_id))


def last_score(draft: Draft, event_id: str, before: int) -> Scored | None:
    """Return the last score of a trigger that stood before an offset."""
    scores = as_of(draft.get("ledger", f"score/{event_id}"), before - 1)
    return Scored(*scores[-1][1:]) if scores else None


def write_score(draft: Draft, event_id: str, scored: Scored, offset: int) -> None:
    """Append a score."""
    item: list[Any] = [offset, scored.revision, scored.content, scored.outcome]
    draft.append("ledger", f"score/{event_id}", item)
