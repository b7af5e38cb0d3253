"""From a referral to the closure: how far an episode comes and how long it lasts, as the national tables say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from ecda_stream.simulate.authority import Authority, Team
from ecda_stream.simulate.days import add_working_days, working_day_from, working_day_within
from ecda_stream.simulate.episode import Bounds, ChildEpisode, Episode, Outcome
from ecda_stream.simulate.household import Child
from ecda_stream.simulate.protection import plan_late_escalation, plan_protection
from ecda_stream.simulate.rates import Rates
from ecda_stream.simulate.risk import Stage
from ecda_stream.simulate.shares import Shares, draw_within_band

NO_S47_IN_FAMILY = 0.425
"""Share of child referrals in which no child of the family reaches section 47 in the window (calibrated): what is closed with no
further action or as not in need comes from these."""
LATE_ESCALATION = 0.12
"""Share of long need episodes (over 300 days) in which a child escalates after day 180 (assumed)."""
CIN_PLAN_BY_DURATION = ((91, 0.27), (182, 0.65), (100_000, 0.77))
"""Share with a child in need plan by days open (calibrated to 30 % of referrals)."""
STEP_DOWN_CIN_PLAN = 0.5
EARLY_TEAM_SHORTENS = 0.8
SHORT_NEED_EXTRA, LONG_NEED_EXTRA = 0.12, 0.025
"""Added to the shares of need that ends within three months, because enquiries that start late make some of it longer, and after two
years, because the longest have not ended yet when the years do (both calibrated)."""
ADOPTED_FROM_CARE, GUARDIAN_AFTER_CARE, ARRANGED_AFTER_CARE = 0.55, 0.02, 0.03
"""Calibrated to the shares of RC1, RC4 and RC3 among all that ended."""


@dataclass(frozen=True, slots=True)
class EpisodeRates:
    """What planning needs, derived from the rates once."""

    rates: Rates
    duration_without_plan: Shares

    @classmethod
    def of(cls, rates: Rates) -> EpisodeRates:
        """Return the derived rates: durations of need without a protection plan, so that both together give the published table."""
        planned = rates.protection_plan_per_referral_percent / (100 - rates.no_further_action_percent - rates.not_in_need_percent)
        with_plan = {"91": 0.03, "182": 0.16, "365": 0.34, "730": 0.37, "1825": 0.10}  # 45 days before the plan, its length, a tail
        table = rates.duration_of_ended_need
        rest = {label: max(0.01, table.share(label) - planned * share) for label, share in with_plan.items()}
        rest["91"] += SHORT_NEED_EXTRA
        rest["1825"] += LONG_NEED_EXTRA
        return cls(rates, Shares.of(rest))


def plan_episode(
    number: int,
    referral: int,
    outcomes: Mapping[Child, Outcome],
    bounds: Mapping[Child, Bounds],
    authority: Authority,
    team: Team,
    derived: EpisodeRates,
    rng: Random,
) -> Episode:
    """Return the episode of the children that are referred together."""
    children = [ChildEpisode(child, outcome) for child, outcome in outcomes.items()]
    stage = _draw_stage(max(outcomes.values()), authority, rng)
    episode = Episode(number, referral, stage, children)
    if stage is Stage.NFA:
        episode.closing = working_day_from(referral + rng.choice((0, 0, 1, 1, 2, 5)))
    else:
        _plan_assessment(episode, derived.rates, rng)
        if stage is Stage.ASSESSMENT:
            episode.closing = working_day_from(episode.assessments[0][1] + rng.choice((0, 0, 1, 3, 7)))
        else:
            _plan_need(episode, bounds, team, derived, rng)
    _close_children(episode, derived.rates, rng)
    _plan_workers(episode, team, rng)
    return episode


def _draw_stage(outcome: Outcome, authority: Authority, rng: Random) -> Stage:
    """Return NFA, ASSESSMENT, or CIN for any episode of need."""
    if outcome > Outcome.BELOW:
        return Stage.CIN
    chance = rng.random() * NO_S47_IN_FAMILY
    if chance < authority.no_further_action:
        return Stage.NFA
    return Stage.ASSESSMENT if chance < authority.no_further_action + authority.not_in_need else Stage.CIN


def _plan_assessment(episode: Episode, rates: Rates, rng: Random) -> None:
    start = working_day_from(episode.referral + rng.choice((0, 0, 1, 1, 2)))
    episode.assessments.append((start, add_working_days(start, draw_assessment_days(rates, rng))))


def draw_assessment_days(rates: Rates, rng: Random) -> int:
    """Return working days from the table, with a spike at the limit of 45."""
    table = rates.assessment_working_days
    upper = int(table.draw(rng))
    if upper == 45 and rng.random() < rates.assessment_at_limit_percent / 100:
        return upper
    place = table.labels.index(str(upper))
    return upper if place == 0 else rng.randint(int(table.labels[place - 1]) + 1, upper)


def _plan_need(episode: Episode, bounds: Mapping[Child, Bounds], team: Team, derived: EpisodeRates, rng: Random) -> None:
    rates, referral = derived.rates, episode.referral
    first_start, first_end = episode.assessments[0]
    days = draw_within_band(derived.duration_without_plan, rng)
    if team.closes_early:
        days = int(days * EARLY_TEAM_SHORTENS)
    if days <= 91:  # most short episodes end soon after their assessment; no episode of need ends before it
        days = min(91, max(days, first_end - referral + rng.randrange(15)))
        episode.assessments[0] = (first_start, min(first_end, working_day_within(referral + days, first_start, referral + days)))
    closing = referral + days
    closing = max(closing, plan_protection(episode, bounds, rates, rng))
    if closing - referral > 300 and rng.random() < LATE_ESCALATION:
        closing = max(closing, plan_late_escalation(episode, closing, rates, rng))
    for start in range(referral + 300, closing - 120, 330):  # a new assessment about once a year
        begun = working_day_from(start + rng.randrange(30))
        episode.assessments.append((begun, add_working_days(begun, draw_assessment_days(rates, rng))))
    episode.closing = working_day_from(closing)


def _close_children(episode: Episode, rates: Rates, rng: Random) -> None:
    """Give each child its closing day, reason and stage, and end what is still running."""
    reasons = rates.closure_reason
    need = episode.stage is Stage.CIN
    episode.moves_away = need and rng.random() < reasons.share("RC5")
    early = rng.random() < 0.08
    to_early_help = rng.random() < rates.closed_to_early_help_percent / 100
    cin_planned = rng.random()
    for entry in episode.children:
        last = max([episode.referral, *_days_of(entry)])
        entry.closing = episode.closing
        if early and need and len(episode.children) > 1 and entry is not episode.children[-1]:
            entry.closing = max(last, working_day_within(episode.closing - rng.randrange(1, 10), episode.referral, episode.closing))
        adult = entry.child.adult_from
        if adult <= entry.closing:
            entry.closing = min(episode.closing, max(last, adult))
        if not need:
            entry.stage = episode.stage
            entry.reason = "RC7" if episode.stage is Stage.NFA else "RC9" if to_early_help else "RC8"
            continue
        _end_running(entry)
        if not entry.plan and not entry.care:
            _plan_cin_plan(entry, episode, cin_planned, rng)
        elif entry.plan and entry.closing - entry.plan[1] > 25 and rng.random() < STEP_DOWN_CIN_PLAN:
            entry.cin_plan = (entry.plan[1], entry.closing - rng.randrange(0, 8))
        entry.stage = Stage.CLA if entry.care else Stage.CP if entry.plan else Stage.CIN
        entry.reason = "RC5" if episode.moves_away else _draw_reason(entry, reasons, rng)


def _days_of(entry: ChildEpisode) -> Sequence[int]:
    """Return the days of what has to come before the closure."""
    days = [entry.conference or 0]
    days += [entry.s47[1]] if entry.s47 else []
    days += [entry.plan[0]] if entry.plan else []
    days += [entry.care[0]] if entry.care else []
    return days


def _end_running(entry: ChildEpisode) -> None:
    if entry.plan:
        entry.plan = (entry.plan[0], min(entry.plan[1], entry.closing))
    if entry.care and (entry.care[1] is None or entry.care[1] > entry.closing):
        entry.care = (entry.care[0], entry.closing)
    entry.care_moves = tuple(day for day in entry.care_moves if day < entry.closing)


def _plan_cin_plan(entry: ChildEpisode, episode: Episode, chance: float, rng: Random) -> None:
    days = entry.closing - episode.referral
    share = next(share for upper, share in CIN_PLAN_BY_DURATION if days <= upper)
    if chance < share:
        start = min(episode.assessments[0][1] + rng.randrange(12), entry.closing)
        entry.cin_plan = (start, max(start, entry.closing - rng.randrange(8)))


def _draw_reason(entry: ChildEpisode, reasons: Shares, rng: Random) -> str:
    """Return the reason for one child: an order follows care, adult services follow childhood."""
    age_years = entry.child.age_years(entry.closing)
    chance = rng.random()
    if chance < reasons.share("RC2"):
        return "RC2"
    if age_years > 17.9 and entry.child.disabilities:
        return "RC6"
    if entry.care:
        chance = rng.random()
        if age_years < 7 and chance < ADOPTED_FROM_CARE:
            return "RC1"
        if chance < ADOPTED_FROM_CARE + GUARDIAN_AFTER_CARE:
            return "RC4"
        if chance < ADOPTED_FROM_CARE + GUARDIAN_AFTER_CARE + ARRANGED_AFTER_CARE:
            return "RC3"
    return "RC7"


def _plan_workers(episode: Episode, team: Team, rng: Random) -> None:
    """Plan the days on which a social worker takes over; no worker is allocated where no further action is taken."""
    if episode.stage is Stage.NFA:
        return
    day = working_day_from(episode.referral + rng.randrange(3))
    while day < episode.closing:
        episode.workers.append(day)
        day = working_day_from(day + 5 + int(rng.expovariate(1 / team.worker_stays_days)))
