"""Days, working days and times as they are in London."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from ecda_stream.contract.envelope import LONDON
from ecda_stream.simulate.days import (
    add_working_days,
    birthday,
    is_working,
    iso,
    utc_timestamp,
    weekday,
    working_day_from,
    working_day_within,
)

FRIDAY = date(2026, 1, 2).toordinal()


def test_a_day_knows_its_place_in_the_week() -> None:
    assert [weekday(FRIDAY + n) for n in range(4)] == [4, 5, 6, 0]
    assert [is_working(FRIDAY + n) for n in range(4)] == [True, False, False, True]


def test_what_falls_on_a_weekend_waits_for_monday() -> None:
    assert [iso(working_day_from(FRIDAY + n)) for n in range(4)] == ["2026-01-02", "2026-01-05", "2026-01-05", "2026-01-05"]


@pytest.mark.parametrize(("days", "expected"), [(0, "2026-01-02"), (1, "2026-01-05"), (5, "2026-01-09"), (45, "2026-03-06")])
def test_forty_five_working_days_are_nine_weeks(days: int, expected: str) -> None:
    assert iso(add_working_days(FRIDAY, days)) == expected


def test_a_working_day_is_looked_for_only_inside_the_window() -> None:
    saturday = FRIDAY + 1

    assert working_day_within(saturday, FRIDAY, saturday + 2) == saturday + 2
    assert working_day_within(saturday, FRIDAY, saturday + 1) == FRIDAY
    assert working_day_within(saturday, saturday, saturday + 1) == saturday


def test_who_is_born_on_29_february_is_grown_up_on_1_march() -> None:
    assert iso(birthday(date(2004, 2, 29).toordinal(), 18)) == "2022-03-01"


@pytest.mark.parametrize("day", [date(2026, 3, 28), date(2026, 3, 29), date(2026, 10, 24), date(2026, 10, 25), date(2026, 7, 1)])
@pytest.mark.parametrize("minute", [180, 720, 1439])
def test_a_time_lies_on_its_london_day_on_days_of_clock_changes_too(day: date, minute: int) -> None:
    stamp = datetime.fromisoformat(utc_timestamp(day.toordinal(), minute)).astimezone(LONDON)

    assert (stamp.date(), stamp.hour * 60 + stamp.minute) == (day, minute)
