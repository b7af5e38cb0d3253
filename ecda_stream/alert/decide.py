"""Whether a score asks for a review. A decision once made is looked up, never made again."""

from __future__ import annotations

from ecda_stream.contract.score import Decision
from ecda_stream.definition import Mode, Policy
from ecda_stream.score.record import Scoring
from ecda_stream.score.triggers import Scored

DECISIONS = {
    "not-scored": "the closure is not scored",
    "below-threshold": "below the stream's threshold",
    "at-or-above-threshold": "at or above the stream's threshold",
    "shadow-mode": "at or above the threshold, and the stream runs in shadow: nothing is sent",
    "still-at-or-above-threshold": "the alert stands, with what has become known since",
    "fell-below-threshold": "with what has become known since, the closure is below the threshold: the alert is withdrawn",
    "late-information-never-raises": "above the threshold only through late information, which changes alerts and never raises one",
}
"""Every reason that a decision carries, in words."""


def may_raise(last: Scored | None) -> bool:
    """Return whether a score can raise an alert: the first of its closure, or the first since it was retracted or not scored."""
    return last is None or last.outcome == "not_scored"


def decide(scoring: Scoring, last: Scored | None, policy: Policy, mode: Mode) -> Decision:
    """Return whether the closure is part of an alert, and why."""
    if scoring.score is None:
        return Decision(alert=False, reason="not-scored")
    above = scoring.score >= policy.threshold
    if may_raise(last):
        if above and mode == "shadow":
            return Decision(alert=False, reason="shadow-mode")
        return Decision(alert=above, reason="at-or-above-threshold" if above else "below-threshold")
    assert last is not None
    if last.raised:
        return Decision(alert=above, reason="still-at-or-above-threshold" if above else "fell-below-threshold")
    return Decision(alert=False, reason="late-information-never-raises" if above else "below-threshold")
