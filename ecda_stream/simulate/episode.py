"""One episode of a family: which of its days matter, and what earlier labels allow."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

from ecda_stream.simulate.household import Child
from ecda_stream.simulate.risk import Stage

WINDOW_DAYS = 180
"""Of the label: from the first referral after a closure."""


class Outcome(IntEnum):
    """What a child reaches within 180 days of a referral."""

    BELOW = 0
    S47 = 1
    ESCALATED = 2


@dataclass(slots=True)
class Bounds:
    """The first days on which a child's events may show section 47, or an escalation: what an earlier label forbids."""

    s47: int = 0
    escalation: int = 0

    def after(self, referral: int, outcome: Outcome) -> Bounds:
        """Return the bounds that hold once a referral with this outcome has been planned."""
        closed = referral + WINDOW_DAYS + 1
        return Bounds(
            s47=closed if outcome < Outcome.S47 else self.s47,
            escalation=closed if outcome < Outcome.ESCALATED else self.escalation,
        )


@dataclass(slots=True)
class ChildEpisode:
    """What happens to one child in an episode; a day that does not come is None."""

    child: Child
    outcome: Outcome
    closing: int = 0
    reason: str = "RC7"
    stage: Stage = Stage.CIN
    s47: tuple[int, int] | None = None
    conference: int | None = None
    plan: tuple[int, int] | None = None
    plan_category: str = ""
    cin_plan: tuple[int, int] | None = None
    care: tuple[int, int | None] | None = None
    care_moves: tuple[int, ...] = ()


@dataclass(slots=True)
class Episode:
    """What happens to the family; `closing` is the day on which its last child is closed."""

    number: int
    referral: int
    stage: Stage
    children: list[ChildEpisode]
    closing: int = 0
    assessments: list[tuple[int, int]] = field(default_factory=list)
    workers: list[int] = field(default_factory=list)
    moves_away: bool = False
