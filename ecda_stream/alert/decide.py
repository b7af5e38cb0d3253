"""Whether a score asks for a review. A decision once made is looked up, never made again: only what follows from it can change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from ecda_stream.contract.canonical import hash_of
from ecda_stream.contract.score import Decision
from ecda_stream.definition import Mode
from ecda_stream.state import Draft, as_of

Standing = Literal["none", "held", "raised"]

DECISIONS = {
    "not-scored": "the closure is not scored",
    "below-threshold": "below the model's threshold",
    "at-or-above-threshold": "at or above the model's threshold",
    "audit-sample": "below the model's threshold, and drawn by lot for a review",
    "held-for-capacity": "the week's alerts are out; held for a coming week",
    "released-from-hold": "held before, and released by score into a new week",
    "expired-while-held": "held for too long without a free place; not sent",
    "arrived-too-late": "arrived too long after it happened; scored and not alerted",
    "alerting-stopped": "alerting is stopped; scored and not alerted",
    "shadow-mode": "the stream runs in shadow: nothing is sent",
    "still-at-or-above-threshold": "the alert stands, with what has become known since",
    "fell-below-threshold": "with what has become known since, the closure is below the threshold: no alert",
    "late-information-never-raises": "above the threshold only through late information, which changes alerts and never raises one",
}
"""Every reason that a decision carries, in words; reasons of not scoring stand in the stream's definition."""

STATUS_REASONS = DECISIONS | {
    "expired": "nobody decided on it in time",
    "retracted": "the closure was retracted",
    "decided-agree": "a reviewer read the case and agrees that something should follow",
    "decided-disagree": "a reviewer read the case and finds that the closure stands",
    "decided-need-information": "a reviewer asked for more information; it stays open until then",
    "decided-wrong-data": "a reviewer found that it rests on wrong data",
}
"""Every reason that the status of an alert carries, in words."""

_REFRAINED = frozenset({"expired-while-held", "arrived-too-late", "alerting-stopped", "shadow-mode"})
"""Reasons for sending nothing that still hold when the score is computed again."""


@dataclass(frozen=True)
class Decided:
    """The last decision about a trigger."""

    standing: Standing
    reason: str
    audit: bool


@dataclass(frozen=True)
class Circumstances:
    """What a first decision depends on besides the score."""

    mode: Mode
    stopped: bool
    """The guardrail has tripped, or the kill switch was used."""
    too_late: bool
    drawn: bool
    """Drawn by lot for the audit sample."""
    group: Standing
    """How the alert of the same family and day stands: what goes out joins what is out, what waits waits together."""
    free_place: bool


def decide_first(above: bool, now: Circumstances) -> Decided:
    """Decide about a trigger scored for the first time, or for the first time since it was not scored or retracted."""
    if not above and not now.drawn:
        return Decided("none", "below-threshold", audit=False)
    audit = not above
    if now.mode == "shadow":
        return Decided("none", "shadow-mode", audit)
    if now.too_late:
        return Decided("none", "arrived-too-late", audit)
    if now.stopped:
        return Decided("none", "alerting-stopped", audit)
    if now.group == "raised" or (now.group == "none" and now.free_place):
        return Decided("raised", "audit-sample" if audit else "at-or-above-threshold", audit)
    return Decided("held", "held-for-capacity", audit)


def decide_again(above: bool, last: Decided) -> Decided:
    """Say what follows from the last decision now that a score was computed again: late news changes alerts and never raises one."""
    if last.standing == "none":
        if above and last.reason not in _REFRAINED:
            return Decided("none", "late-information-never-raises", last.audit)
        return last if above or last.audit else Decided("none", "below-threshold", last.audit)
    if above or last.audit:
        standing = "held-for-capacity" if last.standing == "held" else "audit-sample" if last.audit else "still-at-or-above-threshold"
        return Decided(last.standing, standing, last.audit)
    return Decided("none", "fell-below-threshold", last.audit)


NOT_SCORED = Decided("none", "not-scored", audit=False)


def published(decided: Decided) -> Decision:
    """Return a decision as a score record carries it."""
    return Decision(
        alert=decided.standing == "raised",
        held=decided.standing == "held",
        audit=decided.audit,
        reason=decided.reason,
    )


def is_drawn(stream: str, event_id: str, share: float) -> bool:
    """Return whether a trigger is drawn for the audit sample: by a hash of its id, which is a keyed token, so nobody without the key
    can foresee or choose it, and nothing about the case has any part in it."""
    return int(hash_of("audit", stream, event_id)[:13], 16) < share * 16**13


def last_decision(draft: Draft, event_id: str, before: int) -> Decided | None:
    """Return the last decision about a trigger that stood before an offset."""
    decisions: list[Any] = as_of(draft.get("policy", f"decision/{event_id}"), before - 1)
    return Decided(*decisions[-1][1:]) if decisions else None


def write_decision(draft: Draft, event_id: str, decided: Decided, offset: int) -> None:
    """Append a decision."""
    draft.append("policy", f"decision/{event_id}", [offset, decided.standing, decided.reason, decided.audit])
