"""What is true of a family and its children, in the words an assessment uses: a concept, its status, and whose it is.

Needs persist: what is current at one referral is often current or past at the next. An assessment also records what was asked and
denied, and what is only suspected; a factor is ticked after any mention, so ticks hardly tell a current need from a denied one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from ecda_stream.contract.finding import Concept, Experiencer
from ecda_stream.simulate.household import AGE_BANDS_YEARS
from ecda_stream.simulate.narrative import Mention, Status
from ecda_stream.simulate.rates import Rates
from ecda_stream.simulate.shares import Shares


@dataclass(frozen=True, slots=True)
class Need:
    """One thing an assessment looks at; `name` is the census factor, or the concept where the census has none."""

    name: str
    concept: Concept
    whose: tuple[Experiencer, ...]
    of_child: bool
    from_age_years: float = 0.0
    denied: float = 0.10
    """Share of its mentions that say it is not so: what is asked of everybody is often denied."""
    past: float = 0.20
    possible: float = 0.12


PARENTS: tuple[Experiencer, ...] = ("mother", "mother", "father", "partner", "parent")
OTHERS: tuple[Experiencer, ...] = ("partner", "sibling", "grandparent", "other")
CHILD: tuple[Experiencer, ...] = ("child",)

NEEDS: tuple[Need, ...] = (
    Need("3B", "domestic_abuse", ("mother", "mother", "mother", "parent"), False, denied=0.25, past=0.25),
    Need("3A", "domestic_abuse", CHILD, False, denied=0.15),
    Need("3C", "domestic_abuse", ("sibling", "other"), False),
    Need("1B", "alcohol_misuse", PARENTS, False, denied=0.46, past=0.22),
    Need("1C", "alcohol_misuse", OTHERS, False),
    Need("2B", "drug_misuse", PARENTS, False, denied=0.46, past=0.22),
    Need("2C", "drug_misuse", OTHERS, False),
    Need("4B", "mental_health", PARENTS, False, denied=0.18, past=0.22),
    Need("4C", "mental_health", OTHERS, False),
    Need("5B", "learning_disability", ("mother", "father", "parent"), False, past=0.0),
    Need("5C", "learning_disability", ("sibling", "other"), False, past=0.0),
    Need("6B", "physical_illness", ("mother", "father", "grandparent"), False),
    Need("6C", "physical_illness", ("sibling", "grandparent", "other"), False),
    Need("16A", "neglect", CHILD, False, denied=0.25),
    Need("17A", "emotional_abuse", CHILD, False, denied=0.12),
    Need("18C", "physical_abuse", CHILD, True, denied=0.30),
    Need("18B", "physical_abuse", CHILD, True, 5),
    Need("19C", "sexual_abuse", CHILD, True, denied=0.20),
    Need("19B", "sexual_abuse", CHILD, True, 6),
    Need("4A", "mental_health", CHILD, True, 6),
    Need("5A", "learning_disability", CHILD, True, 3, past=0.0),
    Need("6A", "physical_illness", CHILD, True),
    Need("14A", "unacceptable_behaviour", CHILD, True, 8),
    Need("15A", "self_harm", CHILD, True, 10, denied=0.20),
    Need("2A", "drug_misuse", CHILD, True, 12, denied=0.20),
    Need("1A", "alcohol_misuse", CHILD, True, 12, denied=0.20),
    Need("7A", "young_carer", CHILD, True, 7),
    Need("10A", "missing", CHILD, True, 11),
    Need("24A", "cce", CHILD, True, 10, denied=0.20, possible=0.25),
    Need("11A", "cse", CHILD, True, 11, denied=0.20, possible=0.25),
    Need("13A", "gangs", CHILD, True, 11),
    Need("9A", "uasc", CHILD, True, 14, denied=0.0, past=0.0, possible=0.0),
    Need("12A", "trafficking", CHILD, True, 8, possible=0.40),
    Need("22A", "fgm", CHILD, True, possible=0.40),
    Need("23A", "faith_abuse", CHILD, True, possible=0.40),
    Need("8F", "private_fostering", CHILD, True, past=0.0),
    Need("housing", "housing", ("family",), False),
    Need("home_conditions", "home_conditions", ("family",), False, denied=0.30),
    Need("school_attendance", "school_attendance", CHILD, True, 5),
    Need("engagement", "engagement", ("mother", "father", "parent", "family"), False, denied=0.0, past=0.05, possible=0.05),
    Need("non_engagement", "non_engagement", ("mother", "father", "parent", "family"), False, denied=0.05, past=0.20, possible=0.10),
    Need("protective_support", "protective_support", ("grandparent", "father", "other", "family"), False, denied=0.05, past=0.08),
)
BY_NAME: Mapping[str, Need] = {need.name: need for need in NEEDS}
FAMILY_NEEDS = tuple(need for need in NEEDS if not need.of_child)
CHILD_NEEDS = tuple(need for need in NEEDS if need.of_child)
CONTEXT = ("housing", "home_conditions", "school_attendance", "engagement", "non_engagement", "protective_support")

CURRENT_STAYS, CURRENT_BECOMES_PAST = 0.50, 0.32
PAST_RECURS, PAST_IS_TOLD = 0.15, 0.45
"""From one episode of a family to the next (assumed: most needs last, and half of what is over is told again)."""

MOST_MENTIONED = 0.9

PERSISTENCE_RAISES = 1.33
"""By how much needs that persist over episodes raise the share of assessments that mention them (calibrated to the factors)."""
PLANS_RAISE = {"16A": 1.65, "17A": 1.25}
"""The same for what a protection plan is for, which its episode then mentions (calibrated)."""


@dataclass(frozen=True, slots=True)
class Voiced:
    """A need as the worker of an episode understands it."""

    need: Need
    status: Status
    whose: Experiencer

    @property
    def mention(self) -> Mention:
        """Return it as a note mentions it."""
        return Mention(self.need.concept, self.status, self.whose)


STRONGEST_FIRST: tuple[Status, ...] = ("current", "possible", "past", "denied")

Findings = Mapping[str, Voiced]
"""By name of the need."""


@dataclass(frozen=True, slots=True)
class Prevalence:
    """How often an assessment mentions each need when nothing is known yet: the published tick share over the chance of a tick."""

    mentioned: Mapping[str, float]

    @classmethod
    def of(cls, rates: Rates) -> Prevalence:
        """Return the prevalences; a need of older children is more frequent among those who are old enough."""
        ticked = rates.ticked_when_mentioned
        shares = {
            name: percent / 100 / ticked / PERSISTENCE_RAISES / PLANS_RAISE.get(name, 1)
            for name, percent in rates.factors.items()
            if name in BY_NAME
        }
        shares |= {name: percent / 100 for name, percent in rates.context_mentions.items()}
        return cls({name: min(MOST_MENTIONED, share / _old_enough(BY_NAME[name], rates.age)) for name, share in shares.items()})


def _old_enough(need: Need, age: Shares) -> float:
    """Return the share of children in need who are old enough, with ages spread evenly within each band of the table.

    Half of those of 16 and over are taken for adults, of whom no assessment speaks here.
    """
    share = total = 0.0
    for band, (youngest, oldest) in AGE_BANDS_YEARS.items():
        within = (oldest - max(youngest, min(oldest, need.from_age_years))) / (oldest - youngest)
        children = age.share(band) * (0.5 if band == "y16p" else 1.0)
        share += within * children
        total += children
    return share / total


def draw_findings(
    needs: Sequence[Need], before: Findings, prevalence: Prevalence, adversity: float, age_years: float, rng: Random
) -> dict[str, Voiced]:
    """Return what the worker finds in this episode, given what was found in the one before.

    `adversity` (mean 1) makes needs of one family come together; what was denied before may be true now.
    """
    found: dict[str, Voiced] = {}
    for need in needs:
        if age_years < need.from_age_years:
            continue
        known = before.get(need.name)
        status = _next_status(need, known, prevalence.mentioned[need.name], adversity, rng.random())
        if status is not None:
            found[need.name] = Voiced(need, status, known.whose if known else rng.choice(need.whose))
    engaged = found.get("engagement")
    if engaged and engaged.status == "current" and rng.random() < 0.85:
        found.pop("non_engagement", None)
    return found


def _next_status(need: Need, known: Voiced | None, mentioned: float, adversity: float, chance: float) -> Status | None:
    if known and known.status == "current":
        return "current" if chance < CURRENT_STAYS else "past" if chance < CURRENT_STAYS + CURRENT_BECOMES_PAST else None
    if known and known.status == "past":
        return "current" if chance < PAST_RECURS else "past" if chance < PAST_RECURS + PAST_IS_TOLD else None
    real = mentioned * (adversity if need.name not in ("engagement", "protective_support") else 1.0)
    current = (1 - need.denied - need.past - need.possible) * real
    real_shares: tuple[tuple[Status, float], ...] = (
        ("current", current),
        ("past", need.past * real),
        ("possible", need.possible * real),
    )
    for status, share in real_shares:
        if chance < share:
            return status
        chance -= share
    return "denied" if chance < need.denied * mentioned else None


def alleged(findings: Findings, rng: Random) -> dict[str, Voiced]:
    """Return what a referrer knows of it: half of what is true is only suspected, and nobody was asked."""
    heard: dict[str, Voiced] = {}
    for name, voiced in findings.items():
        if voiced.status == "current":
            status: Status = "current" if rng.random() < 0.5 else "possible"
            heard[name] = Voiced(voiced.need, status, voiced.whose)
        elif voiced.status != "denied" and rng.random() < 0.5:
            heard[name] = voiced
    return heard


def faded(findings: Findings) -> dict[str, Voiced]:
    """Return the findings once they are old: what was current is past."""
    return {
        name: Voiced(voiced.need, "past", voiced.whose) if voiced.status == "current" else voiced for name, voiced in findings.items()
    }


def status_of(findings: Findings, *names: str) -> Status | None:
    """Return the strongest status of some needs: current, possible, past, denied."""
    statuses = [findings[name].status for name in names if name in findings]
    return min(statuses, key=STRONGEST_FIRST.index, default=None)
