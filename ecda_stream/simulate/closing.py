"""A child's closure, with the risk that was planted in it and what became of it."""

from __future__ import annotations

from dataclasses import dataclass

from ecda_stream.simulate.household import Child
from ecda_stream.simulate.risk import Stage

NOT_SCORED = frozenset({"RC1", "RC2", "RC5", "RC6"})


@dataclass(frozen=True, slots=True)
class Closing:
    """One closure; the outcomes are those of the label, whoever recorded them."""

    episode: int
    child: Child
    day: int
    reason: str
    stage: Stage
    probability: float
    probability_observable: float
    observable_without_narrative: float
    """The same with the narrative's effects averaged out: for `--check` only."""
    next_referral: int | None
    """The family's next referral, however late; None if none was seen."""
    returned: bool
    to_s47: bool
    escalated: bool
    frailty: float
    posterior_mean_frailty: float

    @property
    def is_scored(self) -> bool:
        """Return whether the label makes sense: still a child, and not gone for good."""
        return self.reason not in NOT_SCORED and self.day < self.child.adult_from
