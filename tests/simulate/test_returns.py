"""The clock of returns is what it says: its integral, its inverse, its marginal curve and its posterior."""

from __future__ import annotations

import random
from datetime import date
from math import exp, log

import pytest

from ecda_stream.simulate.days import month_of
from ecda_stream.simulate.returns import Returns

from .worlds import a_world

CLOSED = date(2019, 2, 20).toordinal()
MONTH_DAYS = 365.25 / 12


def returns(theta: float = 0.8, season: tuple[float, ...] = (1.0,) * 12) -> Returns:
    return Returns(shape=0.45, scale_days=99 * MONTH_DAYS, frailty_variance=theta, season=season)


@pytest.mark.parametrize("days", [1, 8, 9, 365, 1000])
def test_the_exposure_is_the_sum_over_days_of_the_season_times_the_baseline(days: int) -> None:
    clock = a_world().returns

    by_day = sum(clock.season[month_of(CLOSED + n) - 1] * (clock.baseline(n) - clock.baseline(n - 1)) for n in range(1, days + 1))

    assert clock.exposure(CLOSED, days) == pytest.approx(by_day)


@pytest.mark.parametrize("day", [CLOSED + 1, CLOSED + 8, CLOSED + 9, CLOSED + 365, CLOSED + 2000])
def test_a_family_returns_on_the_day_within_which_its_exposure_is_used_up(day: int) -> None:
    clock = a_world().returns
    before, after = (clock.exposure(CLOSED, day - n - CLOSED) for n in (1, 0))

    assert clock.day_of_return(CLOSED, (before + after) / 2, day) == day
    assert clock.day_of_return(CLOSED, after + 0.001, day) is None


@pytest.mark.parametrize("theta", [0.3, 0.8, 2.0])
@pytest.mark.parametrize(("months", "published"), [(12, 0.32), (72, 0.58)])
def test_with_frailty_alone_the_curve_is_that_of_all_closures_in_england(theta: float, months: int, published: float) -> None:
    hazard = returns(theta).baseline(months * MONTH_DAYS)

    staying = exp(-log(1 + theta * hazard) / theta)  # E[exp(-z H)] of a gamma with mean 1 and variance theta

    assert 1 - staying == pytest.approx(published, abs=0.01)


def test_a_closure_before_a_busy_month_is_sooner_followed_by_a_return() -> None:
    clock = a_world().returns

    assert clock.exposure(date(2019, 5, 1).toordinal(), 60) > clock.exposure(date(2019, 7, 15).toordinal(), 60)


def test_the_frailty_of_a_family_with_no_past_is_one() -> None:
    assert returns(0.8).posterior_mean_frailty(0, 0.0) == 1


def test_each_return_raises_the_frailty_and_each_time_without_one_lowers_it() -> None:
    # theta 0.5: (2 + returns) / (2 + exposure)
    assert returns(0.5).posterior_mean_frailty(3, 0.5) == 2
    assert returns(0.5).posterior_mean_frailty(0, 2.0) == 0.5


def test_among_families_with_the_same_past_the_posterior_mean_is_the_mean() -> None:
    clock, rng = returns(0.8), random.Random(1)
    frailties: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(40_000):
        frailty = rng.gammavariate(1 / 0.8, 0.8)
        frailties[clock.day_of_return(CLOSED, rng.expovariate(1) / frailty, CLOSED + 365) is not None].append(frailty)

    expected = clock.posterior_mean_frailty(0, clock.exposure(CLOSED, 365))
    assert sum(frailties[False]) / len(frailties[False]) == pytest.approx(expected, rel=0.02)
    assert sum(frailties[True]) > len(frailties[True])
