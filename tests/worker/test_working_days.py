"""The last full working day, against a calendar: 2026 has Good Friday on 3 April, and Boxing Day on a Saturday."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from ecda_stream.worker.working_days import keep_working_day, previous_working_day, start_of
from tests.worker.counting import FakeApp, series_of


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        pytest.param("2026-03-04", "2026-03-03", id="a Wednesday follows a Tuesday"),
        pytest.param("2026-03-02", "2026-02-27", id="a Monday follows a Friday"),
        pytest.param("2026-03-01", "2026-02-27", id="so does a Sunday"),
        pytest.param("2026-02-28", "2026-02-27", id="and a Saturday"),
        pytest.param("2026-04-07", "2026-04-02", id="after Easter it is Maundy Thursday"),
        pytest.param("2026-05-05", "2026-05-01", id="the early May bank holiday is none"),
        pytest.param("2026-12-29", "2026-12-24", id="Boxing Day on a Saturday takes the Monday too"),
        pytest.param("2027-01-04", "2026-12-31", id="New Year's Day on a Friday"),
        pytest.param("2026-08-04", "2026-08-03", id="a bank holiday of Scotland is a working day in England"),
        pytest.param("2026-03-18", "2026-03-17", id="one of Northern Ireland as well"),
    ],
)
def test_weekends_and_bank_holidays_are_passed_over(today: str, expected: str) -> None:
    assert previous_working_day(date.fromisoformat(today)).isoformat() == expected


def test_there_are_253_working_days_in_2026() -> None:
    """Of 365 days 104 are at weekends, and eight bank holidays are not."""
    days = {previous_working_day(date(2026, 1, 1) + timedelta(days=number)) for number in range(366)}

    assert len([day for day in days if day.year == 2026]) == 365 - 104 - 8


def test_a_day_begins_when_it_begins_in_london() -> None:
    assert start_of(date(2026, 3, 2)) == datetime(2026, 3, 2, tzinfo=UTC).timestamp()
    assert start_of(date(2026, 7, 1)) == datetime(2026, 6, 30, 23, tzinfo=UTC).timestamp()


def test_the_gauge_is_there_from_the_start_and_goes_on_with_the_days() -> None:
    app = FakeApp()
    keep_working_day(app)
    at_start = series_of(app.metrics, "ecda_previous_working_day_timestamp_seconds")[()]
    app.metrics.previous_working_day.set(0)
    app.look()

    now = datetime.now(UTC).timestamp()
    assert 0 < now - at_start < 7 * 24 * 3600
    assert series_of(app.metrics, "ecda_previous_working_day_timestamp_seconds")[()] >= at_start
