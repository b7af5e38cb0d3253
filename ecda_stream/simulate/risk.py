"""The planted risk: what raises or lowers it, one effect a line, each with its reason.

Two things are planted. The family's rate of return multiplies the hazard of its next referral; a child's odds of escalation hold given
that the family returns. Both are functions of what is true at the closure, never of how it was recorded. Mostly they are history;
partly they are the meaning of what the worker wrote. The sizes are ours; the directions and reasons are those of practice and of the
studies in children_social_care.md (section 8). Ethnicity, sex and disability have no effect.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from math import exp
from typing import Generic, TypeVar

from ecda_stream.simulate.narrative import Status


class Stage(IntEnum):
    """How far an episode came before it was closed."""

    NFA = 0
    ASSESSMENT = 1
    CIN = 2
    CP = 3
    CLA = 4


@dataclass(frozen=True, slots=True)
class Narrative:
    """What the worker wrote about the family, as status by theme (None: nothing)."""

    domestic_abuse: Status | None = None
    parental_alcohol: Status | None = None
    parental_drugs: Status | None = None
    neglect: Status | None = None
    non_engagement: Status | None = None
    engagement: Status | None = None
    protective_support: Status | None = None

    def says(self, status: Status) -> bool:
        """Return whether a concern (not a strength) stands in this status."""
        return status in (self.domestic_abuse, self.parental_alcohol, self.parental_drugs, self.neglect, self.non_engagement)


@dataclass(frozen=True, slots=True)
class FamilyFacts:
    """What is true of a family when an episode closes; years and days are counted back from the closing day."""

    stage: Stage
    episode_days: int
    earlier_referrals_in_two_years: int
    earlier_s47: bool
    earlier_plan: bool
    plan_in_two_years: bool
    police_abuse_notices_in_year: int
    teenager_missing_in_year: int
    suspended_in_year: bool
    temporary_accommodation: bool
    workers_in_episode: int
    youngest_age_years: float
    team_closes_early: bool
    narrative: Narrative


@dataclass(frozen=True, slots=True)
class ChildFacts:
    """What is true of one child of the family then."""

    family: FamilyFacts
    age_years: float
    own_plan: bool
    sibling_plan: bool
    s47_in_episode: bool
    missing_in_year: int


F = TypeVar("F")


@dataclass(frozen=True)
class Effect(Generic[F]):
    """A shift of the log hazard, or of the log odds, where its condition holds."""

    reason: str
    size: float
    holds: Callable[[F], bool]


RETURN_BY_HISTORY: tuple[Effect[FamilyFacts], ...] = (
    Effect("who was referred before is referred again", 0.15, lambda f: f.earlier_referrals_in_two_years >= 1),
    Effect("a third earlier referral in two years is a pattern", 0.35, lambda f: f.earlier_referrals_in_two_years >= 3),
    Effect("no further action leaves what led to the referral as it was", 0.30, lambda f: f.stage is Stage.NFA),
    Effect("three weeks are too short to change anything", 0.15, lambda f: f.stage is not Stage.NFA and f.episode_days <= 21),
    Effect("a protection plan shows lasting need", 0.15, lambda f: f.earlier_plan),
    Effect("a first police notice of domestic abuse within the year", 0.12, lambda f: f.police_abuse_notices_in_year >= 1),
    Effect("a second one is a pattern", 0.18, lambda f: f.police_abuse_notices_in_year >= 2),
    Effect("four and more: police keep sending it", 0.25, lambda f: f.police_abuse_notices_in_year >= 4),
    Effect("a teenager who goes missing is reported again", 0.35, lambda f: f.teenager_missing_in_year >= 1),
    Effect("schools that suspend also refer", 0.15, lambda f: f.suspended_in_year),
    Effect("temporary accommodation: moves, overcrowding, many eyes", 0.20, lambda f: f.temporary_accommodation),
    Effect("three workers in one episode: nobody knew the family", 0.25, lambda f: f.workers_in_episode >= 3),
    Effect("infants are seen by many professionals", 0.15, lambda f: f.youngest_age_years < 1),
    Effect("at 16 and over, other services take over", -0.35, lambda f: f.youngest_age_years >= 16),
    Effect("a team that closes early leaves more undone", 0.15, lambda f: f.team_closes_early),
    Effect("a child who leaves care has a plan and a worker", -0.30, lambda f: f.stage is Stage.CLA),
)

RETURN_BY_NARRATIVE: tuple[Effect[FamilyFacts], ...] = (
    Effect("domestic abuse goes on", 0.25, lambda f: f.narrative.domestic_abuse == "current"),
    Effect("a parent drinks", 0.10, lambda f: f.narrative.parental_alcohol == "current"),
    Effect("a parent uses drugs", 0.15, lambda f: f.narrative.parental_drugs == "current"),
    Effect("neglect is seldom over when a case closes", 0.25, lambda f: f.narrative.neglect == "current"),
    Effect("who does not work with the service is closed unhelped", 0.30, lambda f: f.narrative.non_engagement == "current"),
    Effect("who engages gets help", -0.20, lambda f: f.narrative.engagement == "current"),
    Effect("relatives who step in", -0.15, lambda f: f.narrative.protective_support == "current"),
    Effect("what is over may come back", 0.04, lambda f: f.narrative.says("past")),
    Effect("what is suspected may be true", 0.06, lambda f: f.narrative.says("possible")),
)

ESCALATION_BY_HISTORY: tuple[Effect[ChildFacts], ...] = (
    Effect("a child protection plan before", 0.65, lambda c: c.family.earlier_plan),
    Effect("a plan within two years: the next threshold is near", 0.75, lambda c: c.family.plan_in_two_years),
    Effect("a sibling's plan says what the home is like", 0.30, lambda c: c.sibling_plan and not c.own_plan),
    Effect("a section 47 enquiry before", 0.40, lambda c: c.family.earlier_s47),
    Effect("a section 47 enquiry in the episode that closes", 0.50, lambda c: c.s47_in_episode),
    Effect("a third earlier referral in two years", 0.70, lambda c: c.family.earlier_referrals_in_two_years >= 3),
    Effect("a police notice of domestic abuse within the year", 0.25, lambda c: c.family.police_abuse_notices_in_year >= 1),
    Effect("a second one", 0.35, lambda c: c.family.police_abuse_notices_in_year >= 2),
    Effect("four and more", 0.50, lambda c: c.family.police_abuse_notices_in_year >= 4),
    Effect("a teenager who goes missing is at risk outside the home", 0.80, lambda c: c.missing_in_year >= 1 and c.age_years >= 13),
    Effect("a younger child who goes missing, much less so", 0.15, lambda c: c.missing_in_year >= 1 and c.age_years < 13),
    Effect("suspended: out of sight in the daytime", 0.20, lambda c: c.family.suspended_in_year),
    Effect("temporary accommodation", 0.25, lambda c: c.family.temporary_accommodation),
    Effect("three workers in one episode", 0.30, lambda c: c.family.workers_in_episode >= 3),
    Effect("infants cannot wait", 0.55, lambda c: c.age_years < 1),
    Effect("small children are seldom seen alone", 0.20, lambda c: 1 <= c.age_years < 5),
    Effect("at 16 and over a conference is rare", -0.70, lambda c: c.age_years >= 16),
    Effect("closed without assessment: little is known, little was found", -0.30, lambda c: c.family.stage is Stage.NFA),
)

ESCALATION_BY_NARRATIVE: tuple[Effect[ChildFacts], ...] = (
    Effect("domestic abuse goes on", 0.45, lambda c: c.family.narrative.domestic_abuse == "current"),
    Effect("and there is an infant", 0.75, lambda c: c.family.narrative.domestic_abuse == "current" and c.age_years < 1),
    Effect("a parent drinks", 0.30, lambda c: c.family.narrative.parental_alcohol == "current"),
    Effect("a parent uses drugs", 0.40, lambda c: c.family.narrative.parental_drugs == "current"),
    Effect("neglect goes on", 0.55, lambda c: c.family.narrative.neglect == "current"),
    Effect(
        "drugs and neglect together",
        0.75,
        lambda c: c.family.narrative.parental_drugs == "current" and c.family.narrative.neglect == "current",
    ),
    Effect("parents do not work with the service", 0.55, lambda c: c.family.narrative.non_engagement == "current"),
    Effect("nor did they after a plan", 0.85, lambda c: c.family.narrative.non_engagement == "current" and c.family.earlier_plan),
    Effect("parents engage", -0.55, lambda c: c.family.narrative.engagement == "current"),
    Effect("relatives protect", -0.45, lambda c: c.family.narrative.protective_support == "current"),
    Effect("what is over may come back", 0.10, lambda c: c.family.narrative.says("past")),
    Effect("what is suspected may be true", 0.15, lambda c: c.family.narrative.says("possible")),
)

RETURN_INTERCEPT = -0.59
ESCALATION_INTERCEPT = -3.71
S47_INTERCEPT = -1.28
FIRST_REFERRAL = 1.66
FIRST_REFERRAL_S47 = 0.70
"""Calibrated (`ecda-stream simulate --check`): 32 % return, 12 % to section 47 and 4 % escalated within their windows; 36 % section 47
and 11.6 % conferences per referral. A first referral has no history, which would make it too harmless."""

S47_SHARE_OF_EFFECTS = 0.65
"""Reaching section 47 depends on the same facts, less strongly: an enquiry answers an allegation, a conference a history."""

RETURN_NARRATIVE_MEAN = 0.06
ESCALATION_NARRATIVE_MEAN = 0.35
"""Calibrated means of the narrative's effects, so that `*_without_narrative` averages them out."""


def _sum(effects: Sequence[Effect[F]], facts: F) -> float:
    return sum(effect.size for effect in effects if effect.holds(facts))


def _odds(log_odds: float) -> float:
    return 1 / (1 + exp(-log_odds))


@dataclass(frozen=True, slots=True)
class Planted:
    """The family's multiplier of the hazard, or the child's two probabilities given a return."""

    escalation: float
    s47: float
    escalation_without_narrative: float


def return_rate(family: FamilyFacts) -> float:
    """Return what the facts make of the hazard of return; the council's own level comes on top."""
    return exp(RETURN_INTERCEPT + _sum(RETURN_BY_HISTORY, family) + _sum(RETURN_BY_NARRATIVE, family))


def return_rate_without_narrative(family: FamilyFacts) -> float:
    """Return the same with the narrative averaged out."""
    return exp(RETURN_INTERCEPT + _sum(RETURN_BY_HISTORY, family) + RETURN_NARRATIVE_MEAN)


def escalation(child: ChildFacts, first_referral: bool = False) -> Planted:
    """Return the probabilities of escalation and of section 47 or more, given that the family is referred."""
    history = _sum(ESCALATION_BY_HISTORY, child)
    score = history + _sum(ESCALATION_BY_NARRATIVE, child)
    offset = FIRST_REFERRAL if first_referral else 0.0
    escalated = _odds(ESCALATION_INTERCEPT + offset + score)
    s47 = _odds(S47_INTERCEPT + (FIRST_REFERRAL_S47 if first_referral else 0.0) + S47_SHARE_OF_EFFECTS * score)
    return Planted(escalated, max(s47, escalated), _odds(ESCALATION_INTERCEPT + offset + history + ESCALATION_NARRATIVE_MEAN))
