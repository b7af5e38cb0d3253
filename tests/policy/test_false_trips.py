"""Ten years of usual days, with all that makes days differ: the guardrail trips at most once, and hardly ever at all."""

from __future__ import annotations

import random
from datetime import date, timedelta
from math import pi, sin

import pytest

from ecda_stream.alert.guardrail import Bounds, Counts, begin_day, count, judge
from tests.builders import State, a_draft, a_stream

SPEC = a_stream().definition.policy.guardrail
FIRST = date(2016, 4, 1)
DAYS = 3652
MODEL_RATE = 0.065


def a_day_of(number: int, closures: float, draw: random.Random) -> Counts:
    """Draw one day: fewer at weekends and in holidays, families of one to four, a history that is only beginning in the first years.

    The alert rate follows what is known: it rises over three years to its level, and swings by a tenth with the seasons. Families share
    their fate, so alerts come in families and not one by one.
    """
    weekend = (FIRST + timedelta(days=number)).weekday() >= 5
    season = sin(2 * pi * number / 365)
    left, groups, alerts, history, text = closures * (0.05 if weekend else 1.35) * (1 + 0.2 * season), 0, 0, 0, 0
    grown = min(number / 1095, 1.0)
    while left > draw.random():
        size = draw.choice((1, 1, 1, 2, 2, 3, 4))
        left -= size
        groups += 1
        known = draw.random() < 0.6 * grown
        alerts += draw.random() < MODEL_RATE * (1 + 0.1 * season) * (1.53 * grown if known else 0.2)
        history += known
        text += draw.random() < 0.9
    return Counts(groups, alerts, groups, history, text)


@pytest.mark.parametrize("closures_a_day", [2, 19, 200])
@pytest.mark.parametrize("seed", [1, 2])
def test_ten_usual_years_trip_at_most_once(closures_a_day: int, seed: int) -> None:
    draw = random.Random(f"{seed}/{closures_a_day}")
    state: State = {}
    trips = []
    reset = date.min
    for number in range(DAYS):
        today = FIRST + timedelta(days=number)
        draft = a_draft(state)
        begin_day(draft, "881", today, 2 * number)
        trip = judge(draft, "881", today, SPEC, Bounds(reset=reset), MODEL_RATE, 2 * number)
        if trip is not None:
            trips.append(trip)
            reset = today + timedelta(days=1)
        count(draft, "881", today, a_day_of(number, closures_a_day, draw), 2 * number + 1)
        state.update(draft.changes)

    assert len(trips) <= 1, trips
