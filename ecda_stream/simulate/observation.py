"""What can be counted in a simulated world, as it really was: the same things that national statistics count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from ecda_stream.simulate.casework import SOURCE_CODES
from ecda_stream.simulate.closing import Closing
from ecda_stream.simulate.days import YEAR_DAYS, month_of
from ecda_stream.simulate.episode import ChildEpisode, Episode
from ecda_stream.simulate.family import Lived
from ecda_stream.simulate.household import AGE_BANDS_YEARS, ETHNICITY_CODES, Child
from ecda_stream.simulate.risk import Stage
from ecda_stream.simulate.world import World

SETTLED_FROM_YEARS, SETTLED_TO_YEARS = 3.0, 8.5
"""Closures between these are compared: history has grown by then, and what follows lies within the years."""
PLANS_SETTLED_FROM_YEARS = 6.0
FACTORS_SINCE = date(2022, 4, 1).toordinal()
"""The published factors are those of the latest codes."""
GROUP_OF_SOURCE = {code: group for group, codes in SOURCE_CODES.items() for code in codes}
GROUP_OF_ETHNICITY = {code: group for group, codes in ETHNICITY_CODES.items() for code, _ in codes}


@dataclass(frozen=True, slots=True)
class Seen:
    """One scored closure, small enough to keep a million of them."""

    authority: str
    family: int
    settled: bool
    """Whether it lies in the years that are compared."""
    days_followed: int
    """To the next referral, or as far as anybody looked."""
    came_back: bool
    probability: float
    observable: float
    without_narrative: float
    frailty: float
    posterior: float
    returned: bool
    to_s47: bool
    escalated: bool
    ended_need: bool
    closure_reason: str
    first: bool
    """Whether the child had not been referred before."""
    earlier_referral: bool
    """Within two years."""
    ticked: frozenset[str]
    """Factors of the last assessment."""


@dataclass
class Observation:
    """Counts over families; two of them add up."""

    families: int = 0
    children: int = 0
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    """Table -> label -> how many."""
    closures: list[Seen] = field(default_factory=list)
    returns_of_families: list[int] = field(default_factory=list)

    def add(self, other: Observation) -> None:
        """Add what was seen elsewhere."""
        self.families += other.families
        self.children += other.children
        for table, counter in other.counts.items():
            self.counts.setdefault(table, Counter()).update(counter)
        self.closures += other.closures
        self.returns_of_families += other.returns_of_families

    def count(self, table: str, label: str) -> None:
        """Count one more."""
        self.counts.setdefault(table, Counter())[label] += 1

    def share(self, table: str, *labels: str) -> float:
        """Return the percentage that some labels have of a table."""
        counter = self.counts.get(table, Counter())
        return 100 * sum(counter[label] for label in labels) / max(1, counter.total())


def observe(lived: Lived, authority: str, world: World) -> Observation:
    """Return what there is to count about one family."""
    seen = Observation(families=1)
    course = lived.course
    seen.children = len({entry.child for episode in course.episodes for entry in episode.children})
    seen.returns_of_families.append(len(course.episodes) - 1)
    ticks = _observe_casework(seen, lived)
    closings = {(closing.episode, closing.child): closing for closing in course.closings}
    referred: dict[Child, int] = {}
    planned: set[Child] = set()
    for episode in course.episodes:
        settled = episode.referral >= world.start + SETTLED_FROM_YEARS * YEAR_DAYS
        for entry in episode.children:
            _observe_referral(seen, episode, entry, referred, planned, world)
            closing = closings[(episode.number, entry.child)]
            if closing.is_scored and closing.day <= world.end:
                before = referred.get(entry.child)
                ticked = ticks.get((episode.number, entry.child.place), frozenset())
                seen.closures.append(_see(closing, authority, course.number, world, before, ticked))
            if closing.day <= world.end and settled:
                _observe_closure(seen, episode, entry)
            referred[entry.child] = episode.referral
    _observe_stock(seen, lived, world)
    return seen


def _observe_casework(seen: Observation, lived: Lived) -> dict[tuple[int, int], frozenset[str]]:
    ticks: dict[tuple[int, int], frozenset[str]] = {}
    for happening in lived.happenings:
        fields = happening.fields
        if happening.type_name == "assessment.completed.v1":
            assert happening.episode is not None
            ticks[(happening.episode, happening.children[0])] = frozenset(fields["factors"])
            real = [code for code in fields["factors"] if code != "21"]
            if happening.day >= FACTORS_SINCE and real:
                seen.count("assessments_with_factors", "all")
                for code in real:
                    seen.count("factors", code)
        elif happening.type_name == "referral.received.v1":
            seen.count("referral_source", GROUP_OF_SOURCE[fields["referral_source"]])
            seen.count("referral_month", str(month_of(happening.day)))
            if "primary_need_code" in fields:
                seen.count("primary_need", fields["primary_need_code"])
        elif happening.type_name == "cp_plan.started.v1":
            seen.count("protection_plan_category", fields["initial_category_of_abuse"])
    return ticks


def _observe_referral(
    seen: Observation, episode: Episode, entry: ChildEpisode, referred: Mapping[Child, int], planned: set[Child], world: World
) -> None:
    years = (episode.referral - world.start) / YEAR_DAYS
    seen.count("referrals", entry.stage.name if entry.stage < Stage.CIN else "NEED")
    for name, came in (("s47", entry.s47), ("conference", entry.conference), ("plan", entry.plan), ("cin_plan", entry.cin_plan)):
        seen.count(f"{name}_per_referral", "yes" if came else "no")
    if years >= SETTLED_FROM_YEARS:
        again = entry.child in referred and episode.referral - referred[entry.child] <= 365
        seen.count("re_referral", "yes" if again else "no")
    if entry.plan:
        if years >= PLANS_SETTLED_FROM_YEARS:
            seen.count("second_plan", "yes" if entry.child in planned else "no")
        planned.add(entry.child)
        seen.count("protection_plan_length", _band(entry.plan[1] - entry.plan[0], (91, 182, 365, 730, 1460)))
    if entry.s47 and entry.conference and entry.conference - episode.referral <= 180:
        seen.count("s47_to_conference", _band(entry.conference - entry.s47[0], (9, 12, 13, 14, 15, 25)))
    for start, end in episode.assessments[:1] if entry.stage > Stage.NFA else ():
        seen.count("assessment_days", _band(working_days_between(start, end), (0, 10, 20, 30, 40, 45, 50, 60, 90)))
    if entry.stage > Stage.ASSESSMENT:
        seen.count("care_per_need", "yes" if entry.care else "no")


def _observe_closure(seen: Observation, episode: Episode, entry: ChildEpisode) -> None:
    if entry.stage >= Stage.CIN:
        seen.count("closure_reason", entry.reason)
        seen.count("duration", _band(entry.closing - episode.referral, (91, 182, 365, 730, 1825)))
    elif entry.stage is Stage.ASSESSMENT:
        seen.count("not_in_need_reason", entry.reason)


def _observe_stock(seen: Observation, lived: Lived, world: World) -> None:
    """Count the children with an open case on every 31 March of the settled years."""
    first = date.fromordinal(world.start).year + 4
    for year in range(first, date.fromordinal(world.end).year + 1):
        day = date(year, 3, 31).toordinal()
        for episode in lived.course.episodes:
            for entry in episode.children:
                if episode.referral <= day < entry.closing and entry.stage > Stage.NFA:
                    if entry.child.age_years(day) < 16:
                        seen.count("age", _age_band(entry.child.age_years(day)))
                    seen.count("ethnicity", GROUP_OF_ETHNICITY[entry.child.ethnicity])
                    seen.count("disability", "yes" if entry.child.disabilities else "no")
                    if entry.child.birth <= day:
                        seen.count("sex", entry.child.sex)


def _see(closing: Closing, authority: str, family: int, world: World, before: int | None, ticked: frozenset[str]) -> Seen:
    years = (closing.day - world.start) / YEAR_DAYS
    looked_until = min(closing.child.adult_from - 1, world.end + 365)
    came_back = closing.next_referral is not None and closing.next_referral <= looked_until
    return Seen(
        authority=authority,
        family=family,
        settled=SETTLED_FROM_YEARS <= years < SETTLED_TO_YEARS,
        days_followed=(closing.next_referral if came_back and closing.next_referral else looked_until) - closing.day,
        came_back=came_back,
        probability=closing.probability,
        observable=closing.probability_observable,
        without_narrative=closing.observable_without_narrative,
        frailty=closing.frailty,
        posterior=closing.posterior_mean_frailty,
        returned=closing.returned,
        to_s47=closing.to_s47,
        escalated=closing.escalated,
        ended_need=closing.stage >= Stage.CIN,
        closure_reason=closing.reason,
        first=before is None,
        earlier_referral=before is not None and closing.day - before <= 2 * YEAR_DAYS,
        ticked=ticked,
    )


def _band(days: int, uppers: Iterable[int]) -> str:
    last = 0
    for upper in uppers:
        last = upper
        if days <= upper:
            break
    return str(last)


def _age_band(age_years: float) -> str:
    if age_years < 0:
        return "unborn"
    return next((band for band, (_, oldest) in AGE_BANDS_YEARS.items() if age_years < oldest), "y16p")


def working_days_between(start: int, end: int) -> int:
    """Return how many working days lie between two working days."""
    weeks, days = divmod(end - start, 7)
    return 5 * weeks + sum((start + day + 6) % 7 < 5 for day in range(1, days + 1))
