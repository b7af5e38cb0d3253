"""Days as ordinals of the calendar, because the simulator compares and adds millions of them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
YEAR_DAYS = 365.25
MINUTES_A_DAY = 24 * 60


@cache
def iso(day: int) -> str:
    """Return YYYY-MM-DD."""
    return date.fromordinal(day).isoformat()


@cache
def month_of(day: int) -> int:
    """Return the calendar month, 1 to 12."""
    return date.fromordinal(day).month


@cache
def birthday(birth: int, years: int) -> int:
    """Return the day of a birthday; who is born on 29 February has it on 1 March.

    >>> date.fromordinal(birthday(date(2004, 2, 29).toordinal(), 18)).isoformat()
    '2022-03-01'
    """
    born = date.fromordinal(birth)
    try:
        return born.replace(year=born.year + years).toordinal()
    except ValueError:
        return date(born.year + years, 3, 1).toordinal()


def weekday(day: int) -> int:
    """Return 0 for Monday to 6 for Sunday."""
    return (day + 6) % 7


def is_working(day: int) -> bool:
    """Return whether it is Monday to Friday; bank holidays are not modelled."""
    return weekday(day) < 5


def working_day_from(day: int) -> int:
    """Return the day itself, or the Monday after it."""
    place = weekday(day)
    return day if place < 5 else day + 7 - place


def add_working_days(day: int, working_days: int) -> int:
    """Return the day that lies so many working days after a day.

    >>> iso(add_working_days(date(2026, 1, 2).toordinal(), 1))
    '2026-01-05'
    """
    start = working_day_from(day)
    weeks, rest = divmod(weekday(start) + working_days, 5)
    return start - weekday(start) + 7 * weeks + rest


def working_day_within(day: int, first: int, last: int) -> int:
    """Return a working day close to `day` that lies in [first, last]; `day` itself, moved inside, where there is none.

    >>> saturday = date(2026, 1, 3).toordinal()
    >>> iso(working_day_within(saturday, saturday - 9, saturday)), iso(working_day_within(saturday, saturday, saturday + 1))
    ('2026-01-02', '2026-01-03')
    """
    day = max(first, min(day, last))
    if is_working(day):
        return day
    after = working_day_from(day)
    if after <= last:
        return after
    before = day - (weekday(day) - 4)
    return before if before >= first else day


@cache
def utc_offset_minutes(day: int) -> int:
    """Return by how much London is ahead of UTC at noon of a day: right for every time of the day from 03:00 on."""
    offset = datetime.combine(date.fromordinal(day), time(12), LONDON).utcoffset()
    assert offset is not None
    return int(offset / timedelta(minutes=1))


def utc_timestamp(day: int, minute: int) -> str:
    """Return a London day and minute (03:00 to 23:59) as an RFC 3339 time in UTC.

    >>> utc_timestamp(date(2026, 7, 1).toordinal(), 9 * 60)
    '2026-07-01T08:00:00Z'
    """
    minute -= utc_offset_minutes(day)
    return f"{iso(day)}T{minute // 60:02d}:{minute % 60:02d}:00Z"
