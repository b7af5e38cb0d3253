"""The course of one family: referred, helped, closed, referred again; with the planted risk of each closure and what became of it.

The course runs beyond the end of the years, as far as it takes to know what followed each closure within them. What follows a closure
is decided at the closure: the day of the family's next referral, by inverting its hazard, and how far each child comes within 180 days
of it. So the probability of a child's closure is exactly

    P = (1 - exp(-z * r * integral of s * h0 over the child's horizon)) * q

where the horizon is 365 days from the child's own closing day, cut at its 18th birthday.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import exp, log
from random import Random

from ecda_stream.simulate.authority import Authority
from ecda_stream.simulate.chance import chance_of
from ecda_stream.simulate.closing import Closing
from ecda_stream.simulate.course import Course
from ecda_stream.simulate.days import month_of
from ecda_stream.simulate.episode import WINDOW_DAYS, Bounds, Episode, Outcome
from ecda_stream.simulate.household import Child, draw_household
from ecda_stream.simulate.memory import Memory
from ecda_stream.simulate.needs import BY_NAME, CHILD_NEEDS, FAMILY_NEEDS, Voiced, alleged, draw_findings, faded
from ecda_stream.simulate.planning import plan_episode
from ecda_stream.simulate.risk import Stage, escalation, return_rate, return_rate_without_narrative
from ecda_stream.simulate.surroundings import Surroundings
from ecda_stream.simulate.world import World

HORIZON_DAYS = 365
BEYOND_DAYS = HORIZON_DAYS + WINDOW_DAYS + 15
"""What has to be known after the end of the years: horizon, window, and some days."""
YEAR = 365
SIBLINGS_FARE_ALIKE = 0.5
"""Chance that a child's outcome follows the one draw of its family (assumed); each child's own probability stays what it is."""
NEED_OF_CATEGORY = {"NEG": ("16A",), "EMO": ("17A",), "PHY": ("18C",), "SAB": ("19C",), "MUL": ("16A", "17A")}
AWAY_REASONS = frozenset({"RC1", "RC2"})
"""A child adopted or dead is no longer of this family."""


def draw_first_referral(world: World, rng: Random) -> int:
    """Return the day on which a family is first referred: over all the years, months as the month index says."""
    highest = max(world.returns.season)
    while True:
        day = rng.randint(world.start, world.end)
        if rng.random() * highest < world.returns.season[month_of(day) - 1]:
            return day


def live(number: int, authority: Authority, world: World) -> Course:
    """Return the course of one family; its random numbers are its own."""
    return _Life(number, authority, world).run()


class _Life:
    def __init__(self, number: int, authority: Authority, world: World) -> None:
        self.world = world
        self.authority = authority
        self.rng = rng = chance_of(world.seed, authority.code, number)
        theta = world.returns.frailty_variance
        self.frailty = rng.gammavariate(1 / theta, theta)
        self.adversity = rng.uniform(0.3, 1.7)
        self.first_referral = draw_first_referral(world, rng)
        household = draw_household(self.first_referral, world.rates, rng)
        self.course = Course(number, rng.choice(authority.teams), household, Surroundings(household, world.rates, rng))
        self.returns_so_far = 0
        self.exposure_so_far = 0.0
        self.bounds: dict[Child, Bounds] = {}
        self.away: set[Child] = set()
        self.memory = Memory(self.course)

    def run(self) -> Course:
        """Let the family live until it is not referred again."""
        surroundings = self.course.surroundings
        surroundings.pass_time(max(self.world.start, self.first_referral - YEAR), self.first_referral - 1, {}, {}, set())
        referral: int | None = self.first_referral
        outcomes: dict[Child, Outcome] = {}
        while referral is not None and referral <= self.world.end:
            children = [child for child in self.course.household.children if child not in self.away and child.is_known_on(referral)]
            if not children:
                break
            self._find(referral, children)
            outcomes = self._outcomes_of(children, outcomes, referral)
            episode = self._take_episode(referral, outcomes)
            outcomes, after = self._close(episode)
            if not episode.moves_away:
                self._wait(episode.closing + 1, min(after - 1 if after is not None else self.world.end, self.world.end))
            referral = after
        surroundings.forget_the_gone()
        return self.course

    def _wait(self, first: int, last: int) -> None:
        """Let time pass while the case is closed; what nobody has looked at for a year counts as over."""
        surroundings, (family, by_child) = self.course.surroundings, self.course.latest_findings
        surroundings.pass_time(first, min(last, first + YEAR - 1), family, by_child, set())
        surroundings.pass_time(first + YEAR, last, faded(family), {place: faded(found) for place, found in by_child.items()}, set())
        surroundings.make_contact(first, last)

    def _find(self, referral: int, children: Sequence[Child]) -> None:
        """Draw what is true of the family in this episode, given what was in the last one."""
        course, prevalence = self.course, self.world.prevalence
        before = course.latest_findings
        course.family_findings.append(draw_findings(FAMILY_NEEDS, before[0], prevalence, self.adversity, 18, self.rng))
        course.child_findings.append(
            {
                child.place: draw_findings(
                    CHILD_NEEDS, before[1].get(child.place, {}), prevalence, self.adversity, child.age_years(referral), self.rng
                )
                for child in children
            }
        )

    def _outcomes_of(self, children: Sequence[Child], drawn: Mapping[Child, Outcome], referral: int) -> dict[Child, Outcome]:
        """Return each child's outcome: as drawn at the closure before, or, for a child that is new, now."""
        shared = self.rng.random()
        outcomes: dict[Child, Outcome] = {}
        for child in children:
            if child in drawn:
                outcomes[child] = drawn[child]
                continue
            family = self.memory.family_facts(referral, None)
            chances = escalation(self.memory.child_facts(child, referral, family, None), first_referral=True)
            outcomes[child] = self._draw_outcome(shared, chances.escalation, chances.s47)
        return outcomes

    def _draw_outcome(self, shared: float, escalated: float, s47: float) -> Outcome:
        chance = shared if self.rng.random() < SIBLINGS_FARE_ALIKE else self.rng.random()
        return Outcome.ESCALATED if chance < escalated else Outcome.S47 if chance < s47 else Outcome.BELOW

    def _take_episode(self, referral: int, outcomes: Mapping[Child, Outcome]) -> Episode:
        course = self.course
        number = len(course.episodes)
        bounds = {child: self.bounds.get(child, Bounds()) for child in outcomes}
        episode = plan_episode(number, referral, outcomes, bounds, self.authority, course.team, self.world.derived, self.rng)
        course.episodes.append(episode)
        if number:  # before the first closure there is no label to keep
            self.bounds |= {child: bounds[child].after(referral, outcome) for child, outcome in outcomes.items()}
        self._agree_with_plans(episode)
        if episode.stage is Stage.NFA:
            course.family_findings[-1] = alleged(course.family_findings[-1], self.rng)
            course.child_findings[-1] = {place: alleged(found, self.rng) for place, found in course.child_findings[-1].items()}
        in_care = {entry.child.place for entry in episode.children if entry.care}
        course.surroundings.pass_time(referral, min(episode.closing, self.world.end), *self.course.latest_findings, in_care)
        return episode

    def _agree_with_plans(self, episode: Episode) -> None:
        """Make the findings say what a protection plan is for."""
        for entry in episode.children:
            for name in NEED_OF_CATEGORY.get(entry.plan_category, ()):
                need = BY_NAME[name]
                findings = self.course.child_findings[-1][entry.child.place] if need.of_child else self.course.family_findings[-1]
                assert isinstance(findings, dict)
                findings[name] = Voiced(need, "current", "child")

    def _close(self, episode: Episode) -> tuple[dict[Child, Outcome], int | None]:
        """Close the children of an episode: draw when the family returns and how far each child then comes."""
        world, returns = self.world, self.world.returns
        family = self.memory.family_facts(episode.closing, episode)
        level = 0.0 if episode.moves_away else self.authority.return_level
        rate, bare_rate = (level * rate(family) for rate in (return_rate, return_rate_without_narrative))
        posterior = returns.posterior_mean_frailty(self.returns_so_far, self.exposure_so_far)
        self.away |= {entry.child for entry in episode.children if entry.reason in AWAY_REASONS}
        self.course.surroundings.gone |= {entry.child.place: entry.closing for entry in episode.children if entry.child in self.away}
        staying = [child for child in self.course.household.children if child not in self.away]
        last = min(max((child.adult_from for child in staying), default=0) - 1, world.end + BEYOND_DAYS)
        variate = -log(1 - self.rng.random())
        after = returns.day_of_return(episode.closing, variate / (self.frailty * rate), last) if rate > 0 else None
        if after is not None:
            self.returns_so_far += 1
            self.exposure_so_far += variate / self.frailty
        shared = self.rng.random()
        outcomes: dict[Child, Outcome] = {}
        for entry in episode.children:
            child, gone = entry.child, entry.child in self.away
            facts = self.memory.child_facts(child, entry.closing, family, entry)
            chances = escalation(facts)
            outcome = outcomes[child] = self._draw_outcome(shared, chances.escalation, chances.s47)
            days = min(entry.closing + HORIZON_DAYS, child.adult_from - 1) - episode.closing
            exposure = 0.0 if gone or days <= 0 else returns.exposure(episode.closing, days)
            returned = not gone and after is not None and after - episode.closing <= days
            self.course.closings.append(
                Closing(
                    episode=episode.number,
                    child=child,
                    day=entry.closing,
                    reason=entry.reason,
                    stage=entry.stage,
                    probability=(1 - exp(-self.frailty * rate * exposure)) * chances.escalation,
                    probability_observable=(1 - exp(-posterior * rate * exposure)) * chances.escalation,
                    observable_without_narrative=(1 - exp(-posterior * bare_rate * exposure)) * chances.escalation_without_narrative,
                    next_referral=None if gone else after,
                    returned=returned,
                    to_s47=returned and outcome >= Outcome.S47,
                    escalated=returned and outcome is Outcome.ESCALATED,
                    frailty=self.frailty,
                    posterior_mean_frailty=posterior,
                )
            )
        self.memory.remember(episode)
        return outcomes, after
