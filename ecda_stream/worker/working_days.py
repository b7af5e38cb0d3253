"""The last full working day in London, as a gauge: silence over a weekend or a bank holiday is no silence.

Bank holidays are those of England that the package `holidays` knows; one that is proclaimed for a single year needs a newer version.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any

from holidays import HolidayBase, country_holidays

from ecda_stream.contract.envelope import LONDON

EVERY_SECONDS = 60.0

SATURDAY = 5


def previous_working_day(today: date) -> date:
    """Return the last day before today that was a working day: Monday to Friday without bank holidays."""
    day = today - timedelta(days=1)
    while day.weekday() >= SATURDAY or day in bank_holidays():
        day -= timedelta(days=1)
    return day


@cache
def bank_holidays() -> HolidayBase:
    """Return the bank holidays of England; a year is worked out when it is first asked about."""
    return country_holidays("GB", subdiv="ENG")


def start_of(day: date) -> float:
    """Return the moment at which a day begins in London, in seconds since 1970."""
    return datetime.combine(day, time(), LONDON).timestamp()


def keep_working_day(app: Any) -> None:
    """Keep the gauge of the last full working day."""

    def set_day() -> None:
        today = datetime.now(UTC).astimezone(LONDON).date()
        app.metrics.previous_working_day.set(start_of(previous_working_day(today)))

    async def look() -> None:
        set_day()

    set_day()
    app.timer(interval=EVERY_SECONDS, on_leader=False)(look)
