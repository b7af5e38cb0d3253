"""Section 47, conference, protection plan and care: on which days, so that the events say what the label says.

Whether a child reaches section 47, or escalates (conference, protection plan or care), within 180 days of the referral was decided at
the closure before; the days chosen here make the events say exactly that, also where the windows of two referrals overlap.
"""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from ecda_stream.simulate.days import working_day_from, working_day_within
from ecda_stream.simulate.episode import WINDOW_DAYS, Bounds, ChildEpisode, Episode, Outcome
from ecda_stream.simulate.household import Child
from ecda_stream.simulate.rates import Rates
from ecda_stream.simulate.shares import draw_within_band

CARE_AMONG_ESCALATED = 0.24
CARE_WITHOUT_CONFERENCE = 0.09


def plan_protection(episode: Episode, bounds: Mapping[Child, Bounds], rates: Rates, rng: Random) -> int:
    """Plan section 47, conference, plan and care as the outcomes say; return the earliest day on which the family can be closed."""
    concerned = [entry for entry in episode.children if entry.outcome > Outcome.BELOW]
    if not concerned:
        return 0
    referral = episode.referral
    latest = referral + WINDOW_DAYS
    earliest_s47 = max(max(bounds[entry.child].s47 for entry in concerned), referral)
    wait = rng.choice((0, 0, 1, 1, 2, 4, 8)) if rng.random() < 0.7 else int(rng.expovariate(1 / 35))
    escalated = [entry for entry in concerned if entry.outcome is Outcome.ESCALATED]
    to_conference = draw_within_band(rates.s47_to_conference_days, rng)
    if escalated:
        adult = min(entry.child.adult_from for entry in escalated) - 1
        earliest = max(max(bounds[entry.child].escalation for entry in escalated), earliest_s47)
        last = max(earliest, min(latest, adult))
        conference = working_day_within(max(earliest, max(referral + wait, earliest_s47) + to_conference), earliest, last)
        s47 = max(earliest_s47, min(conference, conference - to_conference))
    else:
        conference = 0
        s47 = working_day_within(max(referral + wait, earliest_s47), earliest_s47, latest)
    category = rates.protection_plan_category.draw(rng)
    length = draw_within_band(rates.protection_plan_length, rng)
    planned = rng.random() < rates.protection_plan_per_referral_percent / rates.conference_per_referral_percent
    care_only = rng.random() < CARE_WITHOUT_CONFERENCE
    tail = rng.randrange(5, 120)
    closing = s47 + rng.randrange(16, 35)
    for entry in concerned:
        if not (entry.outcome is Outcome.ESCALATED and care_only and rng.random() < 0.3):
            entry.s47 = (s47, max(s47, min(s47 + rng.randrange(5, 16), conference or latest + 30)))
        if entry.outcome is not Outcome.ESCALATED:
            continue
        if care_only:
            _plan_care(entry, conference, rng)
        else:
            entry.conference = conference
            if planned:
                entry.plan = (conference, conference + length)
                entry.plan_category = category
                closing = max(closing, conference + length + tail)
            if rng.random() < CARE_AMONG_ESCALATED - CARE_WITHOUT_CONFERENCE:
                _plan_care(entry, conference + int(rng.expovariate(1 / 120)), rng)
        if entry.care:
            closing = max(closing, (entry.care[1] or entry.care[0] + int(rng.expovariate(1 / 300))) + tail)
        closing = max(closing, conference + 20)
    return closing


def _plan_care(entry: ChildEpisode, start: int, rng: Random) -> None:
    """A child becomes looked after; six in ten go home before the case closes (assumed)."""
    days = 10 + int(rng.expovariate(1 / 330))
    end = start + days if rng.random() < 0.6 else None
    entry.care = (start, end)
    last = end or start + days
    entry.care_moves = tuple(day for day in range(start + 60, last - 20, 180) if rng.random() < 0.6)


def plan_late_escalation(episode: Episode, closing: int, rates: Rates, rng: Random) -> int:
    """A long episode that comes to a conference after the window: no label counts it."""
    entry = rng.choice(episode.children)
    if entry.conference or entry.care or entry.child.adult_from < closing + 90:
        return 0
    conference = working_day_from(rng.randrange(episode.referral + WINDOW_DAYS + 20, closing - 30))
    if entry.s47 is None:
        entry.s47 = (conference - 14, conference - 2)
    entry.conference = conference
    length = draw_within_band(rates.protection_plan_length, rng)
    entry.plan = (conference, conference + length)
    entry.plan_category = rates.protection_plan_category.draw(rng)
    return conference + length + rng.randrange(5, 120)
