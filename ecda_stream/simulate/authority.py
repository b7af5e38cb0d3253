"""Authorities, their teams and their systems: how each works and records, drawn from the seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random

from ecda_stream.simulate.chance import chance_of
from ecda_stream.simulate.narrative import Style
from ecda_stream.simulate.rates import Numbers, Rates

SYSTEMS = ("social_care", "police", "education", "housing")
DATE_ONLY_EVERY = 4
"""One system in so many sends dates and no times."""
LARGEST_TO_SMALLEST = 10.0


@dataclass(frozen=True, slots=True)
class Team:
    """Habits of one social-work team."""

    name: str
    closes_early: bool
    worker_stays_days: float
    ticks: float
    """Chance that what an assessment mentions is also ticked as a factor."""
    documents_present: float
    lateness: float
    """Multiplies the share of what is entered later than the next working day."""
    style: Style


@dataclass(frozen=True, slots=True)
class System:
    """Habits of one recording system."""

    name: str
    date_only: bool
    gives_family_id: bool
    gives_stage: bool
    """Whether a closure says how far the case had come."""


@dataclass(frozen=True, slots=True)
class Authority:
    """One local authority with its neighbours."""

    code: str
    place: int
    children: int
    no_further_action: float
    """Share of all referrals, as is the next."""
    not_in_need: float
    return_level: float
    """Multiplies the hazard of return: councils differ (mean 1, weighted by children)."""
    states_relations: float
    """Share of families whose relations the social-care system states."""
    teams: tuple[Team, ...]
    systems: Mapping[str, System]


def split_children(children: int, authorities: int) -> tuple[int, ...]:
    """Return the children of each authority: geometric, the first ten times the last, rounded so that they sum up."""
    if authorities == 1:
        return (children,)
    weights = [LARGEST_TO_SMALLEST ** (-place / (authorities - 1)) for place in range(authorities)]
    exact = [children * weight / sum(weights) for weight in weights]
    counts = [int(count) for count in exact]
    by_remainder = sorted(range(authorities), key=lambda place: counts[place] - exact[place])
    for place in by_remainder[: children - sum(counts)]:
        counts[place] += 1
    return tuple(counts)


def draw_authorities(seed: int, codes: Sequence[str], children: int, rates: Rates) -> tuple[Authority, ...]:
    """Return the authorities of a world; council spreads are kept, and national levels hold on average over children."""
    counts = split_children(children, len(codes))
    rng = chance_of(seed, "authorities")
    beta = rates.re_referral_council_beta
    levels = _spread([rng.betavariate(beta["alpha"], beta["beta"]) for _ in codes], counts, 1.0)
    no_action = _spread(
        _stratified(rates.no_further_action_council_quantiles, len(codes), rng), counts, rates.no_further_action_percent
    )
    no_need = _spread(_stratified(rates.not_in_need_council_quantiles, len(codes), rng), counts, rates.not_in_need_percent)
    systems = [(code, name) for code in codes for name in SYSTEMS]
    exempt = (codes[0], "social_care")  # or a third of the world would lack its times
    drawn = [system for system in systems if system != exempt]
    rng.shuffle(drawn)
    date_only = set(drawn[: len(systems) // DATE_ONLY_EVERY])
    return tuple(
        Authority(
            code=code,
            place=place,
            children=counts[place],
            no_further_action=no_action[place] / 100,
            not_in_need=no_need[place] / 100,
            return_level=levels[place],
            states_relations=rng.choice((0.55, 0.75, 0.9)),
            teams=_draw_teams(seed, code, counts[place], rates),
            systems=_draw_systems({name for other, name in date_only if other == code}, rng),
        )
        for place, code in enumerate(codes)
    )


def _draw_systems(date_only: set[str], rng: Random) -> dict[str, System]:
    own = {"social_care": System("social_care", "social_care" in date_only, rng.random() < 0.4, rng.random() < 0.7)}
    return own | {name: System(name, name in date_only, False, False) for name in SYSTEMS[1:]}


def _stratified(quantiles: Numbers, count: int, rng: Random) -> list[float]:
    """Draw from the published quantiles, one value from each of `count` equal slices, in random order."""
    places = list(range(count))
    rng.shuffle(places)
    points = [(float(percent) / 100, value) for percent, value in quantiles.items()]
    return [_interpolate(points, (place + rng.random()) / count) for place in places]


def _interpolate(points: Sequence[tuple[float, float]], quantile: float) -> float:
    for (left, low), (right, high) in pairwise(points):
        if quantile <= right:
            return low + (high - low) * (quantile - left) / (right - left)
    return points[-1][1]


def _spread(values: Sequence[float], weights: Sequence[int], mean: float) -> list[float]:
    """Scale values so that their weighted mean is the national level."""
    weighted = sum(value * weight for value, weight in zip(values, weights, strict=True)) / sum(weights)
    return [value * mean / weighted if weighted > 0 else mean for value in values]


def _draw_teams(seed: int, code: str, children: int, rates: Rates) -> tuple[Team, ...]:
    rng = chance_of(seed, code, "teams")
    count = max(4, round(children**0.5 / 6))
    ticks = [0.5 + (place + 0.5) / count for place in range(count)]  # 0.5 to 1.5 times the mean, evenly
    rng.shuffle(ticks)
    return tuple(
        Team(
            name=f"{code}-T{place + 1}",
            closes_early=place % 4 == 3,
            worker_stays_days=rng.choice((110.0, 160.0, 220.0, 300.0)),
            ticks=min(1.0, rates.ticked_when_mentioned * ticks[place]),
            documents_present=rng.uniform(0.40, 0.97),
            lateness=rng.choice((0.5, 0.8, 1.0, 1.5, 2.5)),
            style=Style(
                headings=rng.random() < 0.6,
                bullets=rng.random() < 0.3,
                shorthand=rng.uniform(0.0, 0.8),
                typos=rng.uniform(0.0, 0.04),
                length=rng.uniform(0.6, 1.4),
                telegraphic=rng.uniform(0.0, 0.5),
            ),
        )
        for place in range(count)
    )
