"""What becomes of a group's alert once an entry has said all it has to say: raised, held, changed, decided, withdrawn, expired."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from ecda_stream.alert.days import london_day
from ecda_stream.alert.group import Group, Status, alert_id_of, said_by
from ecda_stream.contract.alert import Alert
from ecda_stream.contract.score import Position
from ecda_stream.definition import StreamDefinition


def settle(group: Group, definition: StreamDefinition, now: datetime, today: date, caused_by: Position) -> Alert | None:
    """Bring the group's status up to date; return the next revision of its alert if a reviewer reads anything new in it.

    `now` is the time of arrival of the entry that caused it, and no earlier than the running day.
    """
    before = group.status
    group.status = _status_of(group)
    if group.status == "held" and before != "held":
        group.held_on = today
    if group.status in (None, "held", "lapsed"):
        return None
    opened = group.status == "open" and before != "open"
    alert = _next_revision(group, definition, now if opened else None, caused_by)
    if group.alert is not None and said_by(alert) == said_by(group.alert):
        return None
    group.alert = alert
    return alert


def _status_of(group: Group) -> Status | None:
    if group.verdict is not None:
        return group.status if group.verdict.verdict == "need_information" else "closed"
    if not group.parts:
        return "lapsed" if group.status in ("held", "lapsed") else group.status and "withdrawn"
    if group.raised_anew:
        return "open"
    if all(part.standing == "held" for part in group.parts.values()):
        return "held"
    return "expired" if group.expires and group.status == "open" else group.status


def _next_revision(group: Group, definition: StreamDefinition, raised_at: datetime | None, caused_by: Position) -> Alert:
    last, policy = group.alert, definition.policy
    said: dict[str, Any] = dict(last) if last else {}
    said |= {
        "alert_id": alert_id_of(definition.stream, group.name),
        "revision": last.revision + 1 if last else 0,
        "status": group.status,
        "status_reason": _reason_of(group),
        "stream": definition.stream,
        "authority": group.authority,
        "caused_by": caused_by,
        "caveat": policy.caveat,
    }
    if group.parts:
        children = tuple(part.child for part in group.parts.values())
        request = policy.request if group.kind == "alert" else policy.audit_request
        said |= {"kind": group.kind, "request": request, "children": children, "closing_day": children[0].closing_day}
    if group.record is not None:
        record = group.record
        said |= {"mode": record.mode, "model_version": record.model_version, "family": record.family}
    if raised_at is not None:
        raised_on = london_day(raised_at)
        said |= {
            "raised_at": raised_at,
            "review_by": raised_on + timedelta(days=policy.review_within_days),
            "expires_on": raised_on + timedelta(days=policy.expires_after_days),
            "decision": None,
        }
    if group.verdict is not None:
        said["decision"] = group.verdict
    return Alert(**said)


def _reason_of(group: Group) -> str:
    if group.verdict is not None:
        return f"decided-{group.verdict.verdict.replace('_', '-')}"
    if group.status == "expired" and group.expires:
        return "expired"
    if group.record is None or (group.alert is not None and group.status in ("closed", "expired")):
        return group.alert.status_reason if group.alert else ""
    return group.record.reason or group.record.decision.reason
