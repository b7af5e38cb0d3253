"""One alert per family and closing day: which triggers share it, how it stands, and its revisions.

The alert is named after the first trigger of that family and day in the log; later siblings are revisions of it. What is held is kept
here like what is out, and published when it goes out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from ecda_stream.alert.decide import Standing
from ecda_stream.contract.alert import Alert, AlertChild, AlertDecision
from ecda_stream.contract.canonical import digest, hash_of
from ecda_stream.contract.score import ScoreRecord
from ecda_stream.identity.families import Family
from ecda_stream.score.triggers import read_trigger
from ecda_stream.state import Draft, as_of

Status = Literal["held", "lapsed", "open", "closed", "withdrawn", "expired"]
"""Lapsed: it was held and never sent. Only the others but `held` are published."""

COUNTED, ABOVE = 1, 2
"""What the guardrail counted with a trigger's first decision, as bits."""


@dataclass(frozen=True)
class Part:
    """One trigger's part in the alert of its group."""

    standing: Standing
    child: AlertChild


@dataclass
class Group:
    """The triggers of a family and day, as this entry has left them so far."""

    name: str
    authority: str
    status: Status | None
    held_on: date | None
    alert: Alert | None
    """As it was published last."""
    parts: dict[str, Part]
    bits: int
    """Those of all its triggers."""
    record: ScoreRecord | None = None
    """The score record written last for it by this entry."""
    raised_anew: bool = False
    """Whether a trigger came to be raised with this entry."""
    expires: bool = False
    verdict: AlertDecision | None = None
    touched: dict[str, int] = field(default_factory=dict)
    """The triggers that this entry concerned, each with the bits to be counted."""

    @property
    def standing(self) -> Standing:
        """Return how its alert stands to a trigger that comes to it."""
        if self.raised_anew or self.status == "open":
            return "raised"
        return "held" if any(part.standing == "held" for part in self.parts.values()) else "none"

    @property
    def score(self) -> float:
        """Return the highest score among its children: points, or probabilities."""
        children = [part.child for part in self.parts.values()]
        return max((child.points if child.probability is None else child.probability) or 0.0 for child in children)

    @property
    def kind(self) -> Literal["alert", "audit_sample"]:
        """Return whether it is about a child above the threshold, or drawn by lot alone."""
        return "alert" if any(part.child.why == "score" for part in self.parts.values()) else "audit_sample"


def group_of(draft: Draft, family: Family, event_id: str, closing_day: date, offset: int) -> str:
    """Return the event id that names the group of a trigger: the family's first that day. Once in a group, always in it.

    A trigger that was moved to another day takes its group along; the day that it left begins anew.
    """
    known = as_of(draft.get("policy", f"group_of/{event_id}"), offset)
    if known:
        named: str = known[0][1]
        return named
    days = [
        (first, name)
        for person in family.members
        for first, name, other in as_of(draft.get("policy", f"day/{person}/{closing_day.isoformat()}"), offset - 1)
        if (trigger := read_trigger(draft, other, offset)) and trigger.fact.day == closing_day
    ]
    name = min(days)[1] if days else event_id
    draft.append("policy", f"group_of/{event_id}", [offset, name])
    return name


def register(draft: Draft, person: str, closing_day: date, group: str, event_id: str, offset: int) -> None:
    """Write that a person has a trigger of this group on that day."""
    day_key = f"day/{person}/{closing_day.isoformat()}"
    if [group, event_id] not in [item[1:] for item in as_of(draft.get("policy", day_key), offset)]:
        draft.append("policy", day_key, [offset, group, event_id])


def read_group(draft: Draft, name: str, authority: str, before: int) -> Group:
    """Return a group as it stood before an offset."""
    parts: dict[str, Part] = {}
    bits = 0
    for _, event_id, standing, child, counted in as_of(draft.get("policy", f"group/{name}"), before - 1):
        bits |= counted
        parts.pop(event_id, None) if child is None else parts.update({event_id: Part(standing, AlertChild.model_validate(child))})
    stood: list[Any] = as_of(draft.get("policy", f"alert/{name}"), before - 1)
    if not stood:
        return Group(name, authority, None, None, None, parts, bits)
    _, status, held_on, alert = stood[-1]
    return Group(
        name,
        authority,
        status,
        date.fromisoformat(held_on) if held_on else None,
        Alert.model_validate(alert) if alert else None,
        parts,
        bits,
    )


def write_group(draft: Draft, group: Group, offset: int) -> None:
    """Write what an entry changed in a group."""
    for event_id, counted in group.touched.items():
        part = group.parts.get(event_id)
        standing, child = (part.standing, _dumped(part.child)) if part else ("none", None)
        draft.append("policy", f"group/{group.name}", [offset, event_id, standing, child, counted])
    if group.status is not None:
        held_on = group.held_on.isoformat() if group.held_on else None
        draft.append("policy", f"alert/{group.name}", [offset, group.status, held_on, group.alert and _dumped(group.alert)])


def alert_id_of(stream: str, group: str) -> str:
    """Return the id of a group's alert."""
    return hash_of("alert", stream, group)


def said_by(alert: Alert) -> str:
    """Return the digest of what a reviewer reads; a new number of a score alone is no news."""
    children = [child.model_dump(mode="json", exclude={"score_revision"}, exclude_none=True) for child in alert.children]
    decision = alert.decision and _dumped(alert.decision)
    return digest([alert.status, alert.kind, alert.closing_day.isoformat(), children, decision])


def _dumped(value: Any) -> Mapping[str, Any]:
    dumped: Mapping[str, Any] = value.model_dump(mode="json", exclude_none=True)
    return dumped
