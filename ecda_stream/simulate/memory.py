"""What a family's past makes true at a closure: the facts that the planted risk looks at."""

from __future__ import annotations

from ecda_stream.simulate.course import Course
from ecda_stream.simulate.episode import ChildEpisode, Episode
from ecda_stream.simulate.household import Child
from ecda_stream.simulate.needs import Findings, status_of
from ecda_stream.simulate.risk import ChildFacts, FamilyFacts, Narrative, Stage

YEAR, TWO_YEARS = 365, 730


class Memory:
    """Remembers protection plans and section 47 enquiries; everything else stands in the course."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self._plans: dict[int, list[tuple[int, int]]] = {}
        self._s47s: list[int] = []

    def remember(self, episode: Episode) -> None:
        """Keep what later closures count of an episode that is closed."""
        for entry in episode.children:
            if entry.plan:
                self._plans.setdefault(entry.child.place, []).append(entry.plan)
            if entry.s47:
                self._s47s.append(entry.s47[0])

    def family_facts(self, day: int, episode: Episode | None) -> FamilyFacts:
        """Return what is true of the family on a day; without an episode, at a referral."""
        course, around = self._course, self._course.surroundings
        findings, by_child = course.latest_findings
        plans = [plan for plans in self._plans.values() for plan in plans]
        if episode:
            plans += [entry.plan for entry in episode.children if entry.plan]
        earlier = [other.referral for other in course.episodes if other is not episode]
        ages = [child.age_years(day) for child in course.household.children if child.place in by_child]
        teenagers = [child.place for child in course.household.children if child.age_years(day) >= 13]
        return FamilyFacts(
            stage=max(entry.stage for entry in episode.children) if episode else Stage.CIN,
            episode_days=episode.closing - episode.referral if episode else 100,
            earlier_referrals_in_two_years=sum(day - TWO_YEARS < referral for referral in earlier),
            earlier_s47=bool(self._s47s),
            earlier_plan=bool(plans),
            plan_in_two_years=any(day - TWO_YEARS < end for _, end in plans),
            police_abuse_notices_in_year=sum(day - YEAR < notice <= day for notice in around.abuse_notices),
            teenager_missing_in_year=sum(day - YEAR < went <= day for place in teenagers for went in around.missing[place]),
            suspended_in_year=any(day - YEAR < suspended <= day for suspended in around.suspensions),
            temporary_accommodation=around.is_in_temporary_accommodation(day),
            workers_in_episode=len(episode.workers) if episode else 0,
            youngest_age_years=min(ages),
            team_closes_early=course.team.closes_early,
            narrative=_narrative_of(findings),
        )

    def child_facts(self, child: Child, day: int, family: FamilyFacts, entry: ChildEpisode | None) -> ChildFacts:
        """Return what is true of one child of that family then."""
        own_plan = child.place in self._plans or bool(entry and entry.plan)
        return ChildFacts(
            family=family,
            age_years=child.age_years(day),
            own_plan=own_plan,
            sibling_plan=any(place != child.place for place in self._plans),
            s47_in_episode=bool(entry and entry.s47),
            missing_in_year=sum(day - YEAR < went <= day for went in self._course.surroundings.missing[child.place]),
        )


def _narrative_of(findings: Findings) -> Narrative:
    return Narrative(
        domestic_abuse=status_of(findings, "3B", "3A"),
        parental_alcohol=status_of(findings, "1B"),
        parental_drugs=status_of(findings, "2B"),
        neglect=status_of(findings, "16A"),
        non_engagement=status_of(findings, "non_engagement"),
        engagement=status_of(findings, "engagement"),
        protective_support=status_of(findings, "protective_support"),
    )
