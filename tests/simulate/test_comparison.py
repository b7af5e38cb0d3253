"""A simulated world keeps the sourced rates, and the comparison notices when it does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from ecda_stream.simulate.comparison import Row, capture, compare, return_curve, returns_of_most_frequent
from ecda_stream.simulate.observation import Observation, working_days_between
from ecda_stream.simulate.rates import load_rates
from ecda_stream.simulate.run import Request, simulate

CODES = ("881", "882", "883", "330", "816", "925", "873", "886")


@pytest.fixture(scope="module", params=[7, 3], ids="seed {}".format)
def seen(request: pytest.FixtureRequest) -> Observation:
    world = Request(seed=request.param, start=date(2016, 4, 1), years=10, authorities=CODES, children=20_000)
    return simulate(world, None, 2, lambda count: None, lambda: None).observation


@pytest.fixture(scope="module")
def rows(seen: Observation) -> dict[str, Row]:
    return {row.name.strip(): row for row in compare(seen, load_rates())}


def test_the_simulated_world_keeps_every_sourced_rate(rows: dict[str, Row]) -> None:
    assert [
        f"{row.name}: {row.simulated:.2f} not in {row.lowest:.2f} to {row.highest:.2f}" for row in rows.values() if not row.holds
    ] == []
    assert len(rows) > 120


def test_history_tells_returners_apart_and_factor_ticks_hardly_do(rows: dict[str, Row]) -> None:
    ticks = (
        rows["parental alcohol ticked at first, returners minus others"],
        rows["parental drugs ticked at first, returners minus others"],
    )

    assert rows["referred in the two years before, same"].simulated > 4 * max(row.simulated for row in ticks)


def test_a_world_with_another_rate_is_noticed(seen: Observation) -> None:
    other = replace(load_rates(), return_within_12_months_percent=45.0, disability_percent=30.0)

    outside = {row.name for row in compare(seen, other) if not row.holds}

    assert outside >= {"returned within 365 days", "disability yes"}


def test_a_world_too_young_to_compare_has_no_rows() -> None:
    assert compare(Observation(), load_rates()) == []


def test_who_was_followed_only_for_a_while_still_counts_while_followed() -> None:
    # by hand: 3/4 stay after the first return; of the two left at day 40 one returns: 3/4 * 1/2
    assert return_curve([(10, True), (20, False), (40, True), (400, False)], [1, 12]) == [25.0, 62.5]


def test_the_most_frequent_families() -> None:
    assert returns_of_most_frequent([6, 1, 0, 0, 1, 0, 0, 0, 1, 1], 0.1) == 60.0


def test_capture_counts_the_escalated_in_the_reviewed_share(seen: Observation) -> None:
    closures = [replace(closure, escalated=place < 10) for place, closure in enumerate(seen.closures[:100])]
    order = {id(closure): -place for place, closure in enumerate(closures)}

    assert capture(closures, lambda closure: order[id(closure)]) == 60.0


def test_working_days_between_two_fridays_are_five() -> None:
    friday = 739_618  # 2026-01-02

    assert working_days_between(friday, friday + 7) == 5
    assert working_days_between(friday, friday + 3) == 1
