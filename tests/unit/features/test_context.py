"""What counts as before a closure."""

from __future__ import annotations

from datetime import date

import pytest

from ecda_stream.features.context import Context, Moment
from ecda_stream.history.fact import Fact
from tests.builders import Event, a_child, a_closure, a_document, a_referral, an_assessment, an_event, feature, siblings

DAY = "2026-03-02"


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (an_assessment(day="2026-03-01"), 2.0),
        (an_assessment(day=DAY), 2.0),
        (an_assessment(day="2026-03-03"), 1.0),
        (an_assessment(day=DAY, referral="2025-01-06"), 1.0),
        (an_assessment(day=DAY, referral=None), 1.0),
    ],
    ids=["the day before", "closing day, this episode", "the day after", "closing day, other episode", "closing day, no episode"],
)
def test_history_is_an_earlier_day_or_the_closing_day_in_the_closing_episode(event: Event, expected: float) -> None:
    assert feature("highest_level", a_referral(), event, a_closure(day=DAY)) == expected


def test_a_new_referral_on_the_closing_day_is_neither_history_nor_outcome() -> None:
    again = a_referral(day=DAY, referral_source="6")

    assert feature("referrals_2y", a_referral(), again, a_closure(day=DAY)) == 1


def test_what_has_no_rank_comes_after_the_closure_of_the_day() -> None:
    went_missing = an_event("missing.started.v1", start_date=DAY, missing_type="M", referral_date="2026-01-05")

    assert feature("missing_episodes_1y", went_missing, a_closure(day=DAY)) == 0


def test_referred_and_closed_on_one_day_sees_its_referral() -> None:
    assert feature("referrals_2y", a_referral(day=DAY), a_closure(day=DAY, referral=DAY)) == 1


def test_the_closing_day_of_a_relative_is_no_history() -> None:
    on_the_day = an_event("cp_plan.started.v1", "C2", start_date=DAY, referral_date="2026-01-05")
    before = an_event("cp_plan.started.v1", "C2", start_date="2026-03-01", referral_date="2026-01-05")

    assert feature("family_plans_cp", siblings("C1", "C2"), on_the_day, before, a_closure(day=DAY)) == 1


def test_a_household_is_the_child_and_the_relatives() -> None:
    own, hers = a_referral("C1", day="2025-09-01"), a_referral("C2", day="2025-11-03")

    assert feature("household_referrals_2y", own, hers, a_closure(day=DAY)) == 1
    assert feature("household_referrals_2y", siblings("C1", "C2"), own, hers, a_closure(day=DAY)) == 2


def test_a_household_has_a_value_where_no_relative_is_known() -> None:
    assert feature("household_s47", a_closure(day=DAY)) == 0
    assert feature("family_s47_2y", a_closure(day=DAY)) is None


@pytest.mark.parametrize("together", [True, False], ids=["in one entry", "in two entries"])
def test_children_referred_on_one_day_were_referred_once(together: bool) -> None:
    both = a_referral(None, people=[a_child("C1"), a_child("C2")])
    referred = [both] if together else [a_referral("C1"), a_referral("C2")]

    assert feature("household_referrals_2y", siblings("C1", "C2"), *referred, a_closure(day=DAY)) == 1


def test_an_entry_about_several_children_stands_in_the_household_once() -> None:
    ranks = {"closure.recorded.v1": 1}
    moment = Moment("E9", date(2026, 3, 2), None, 100, 1, ranks)
    own, hers = (Fact(7, "E1", "s47.started.v1", date(2025, 9, 1), None, {}, None, age) for age in (100, 60))
    later = Fact(8, "E2", "s47.started.v1", date(2025, 6, 2), None, {}, None, 60)

    found = Context.of(moment, [own], [hers, later], relatives=1).by_type["household"]["s47.started.v1"]

    assert found == (later, own)


def test_what_stands_later_in_the_log_is_not_in_the_first_score() -> None:
    assert feature("text_missing", a_referral(), a_closure()) == 1.0
    assert feature("text_missing", a_referral(), a_document(), a_closure()) == 0.0
