"""One alert per family and closing day: which closures share it, and its revisions.

The alert is named after the first closure of that family and day in the log; later siblings are revisions of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from ecda_stream.contract.alert import Alert, AlertChild
from ecda_stream.contract.canonical import digest, hash_of
from ecda_stream.contract.envelope import LONDON
from ecda_stream.contract.score import ScoreRecord
from ecda_stream.definition import StreamDefinition
from ecda_stream.identity.families import Family
from ecda_stream.score.triggers import read_trigger
from ecda_stream.state import Draft, as_of


@dataclass(frozen=True)
class Raised:
    """An alert that went out, as its last revision left it."""

    revision: int
    content: str
    raised_at: datetime
    status: Literal["open", "withdrawn"]
    children: tuple[AlertChild, ...]


def group_of(draft: Draft, family: Family, event_id: str, closing_day: date, offset: int) -> str:
    """Return the event id that names the group of a closure: the family's first that day. Once in a group, always in it.

    A closure that was moved to another day takes its group along; the day that it left begins anew.
    """
    known = as_of(draft.get("ledger", f"group_of/{event_id}"), offset)
    if known:
        named: str = known[0][1]
        return named
    days = [
        (first, name)
        for person in family.members
        for first, name, closure in as_of(draft.get("ledger", f"day/{person}/{closing_day.isoformat()}"), offset - 1)
        if (trigger := read_trigger(draft, closure, offset)) and trigger.fact.day == closing_day
    ]
    name = min(days)[1] if days else event_id
    draft.append("ledger", f"group_of/{event_id}", [offset, name])
    return name


def join(draft: Draft, person: str, closing_day: date, group: str, child: tuple[str, AlertChild | None], offset: int) -> None:
    """Write a closure's part (None: it is not part of an alert) into its group."""
    event_id, part = child
    day_key = f"day/{person}/{closing_day.isoformat()}"
    if [group, event_id] not in [item[1:] for item in as_of(draft.get("ledger", day_key), offset)]:
        draft.append("ledger", day_key, [offset, group, event_id])
    draft.append("ledger", f"group/{group}", [offset, event_id, part and part.model_dump(mode="json", exclude_none=True)])


def revise_alert(draft: Draft, group: str, record: ScoreRecord, definition: StreamDefinition, raised_at: datetime) -> Alert | None:
    """Return the alert of a group if it is raised or changed by the score just written, else None.

    A withdrawn alert is raised anew only by a closure that may raise: one recorded again, or a sibling's. What is known late never
    brings a closure back into an alert (decide), so a withdrawn alert without children stays withdrawn.
    """
    offset = record.caused_by.offset
    parts: dict[str, AlertChild | None] = {}
    for _, event_id, part in as_of(draft.get("ledger", f"group/{group}"), offset):
        parts[event_id] = AlertChild.model_validate(part) if part else None
    children = tuple(part for part in parts.values() if part)
    last = _last(draft, group, offset)
    if not children and last is None:
        return None
    shown = children or (last.children if last else ())
    status: Literal["open", "withdrawn"] = "open" if children else "withdrawn"
    if last is not None and (last.status, status) != ("withdrawn", "open"):
        raised_at = last.raised_at
    raised_on = raised_at.astimezone(LONDON).date()
    alert = Alert(
        alert_id=hash_of("alert", definition.stream, group),
        revision=last.revision + 1 if last else 0,
        status=status,
        status_reason=record.decision.reason if record.reason is None else record.reason,
        stream=definition.stream,
        mode=record.mode,
        request=definition.policy.request,
        authority=record.authority,
        family=record.family,
        closing_day=shown[0].closing_day,
        raised_at=raised_at,
        review_by=raised_on + timedelta(days=definition.policy.review_within_days),
        expires_on=raised_on + timedelta(days=definition.policy.expires_after_days),
        caused_by=record.caused_by,
        model_version=record.model_version,
        children=shown,
        caveat=definition.policy.caveat,
    )
    content = digest([alert.status, alert.closing_day.isoformat(), [_said(child) for child in shown]])
    if last is not None and last.content == content:
        return None
    dumped = [child.model_dump(mode="json", exclude_none=True) for child in shown]
    draft.append("ledger", f"alert/{group}", [offset, alert.revision, content, raised_at.isoformat(), status, dumped])
    return alert


def _said(child: AlertChild) -> dict[str, Any]:
    """What a reviewer reads; a new number of the score alone is no news."""
    return child.model_dump(mode="json", exclude={"score_revision"}, exclude_none=True)


def _last(draft: Draft, group: str, before: int) -> Raised | None:
    raised = as_of(draft.get("ledger", f"alert/{group}"), before - 1)
    if not raised:
        return None
    _, revision, content, raised_at, status, children = raised[-1]
    return Raised(
        revision,
        content,
        datetime.fromisoformat(raised_at),
        status,
        tuple(AlertChild.model_validate(child) for child in children),
    )
