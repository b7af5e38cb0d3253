"""What became of a closure: which day is a return, what counts as escalated, and when nobody could see any more."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from ecda_stream.history.fact import Fact
from ecda_stream.training.aftermath import follow, types_of_label
from tests.training.worlds import the_definition

CLOSED = date(2020, 1, 1)
REFERRAL, CONFERENCE, SECTION_47, CLOSURE = "referral.received.v1", "cp_conference.held.v1", "s47.started.v1", "closure.recorded.v1"


def fact(kind: str, days: int, **facts: str) -> Fact:
    """Return a fact so many days after the closure."""
    return Fact(0, f"{kind}/{days}", kind, CLOSED + timedelta(days=days), None, facts, None, None)


def days_after(day: date | None) -> int | None:
    return None if day is None else (day - CLOSED).days


@pytest.mark.parametrize(("day", "returned"), [(0, None), (1, 1), (365, 365), (366, None)])
def test_a_referral_is_a_return_from_the_next_day_to_the_365th(day: int, returned: int | None) -> None:
    assert days_after(follow([fact(REFERRAL, day)], CLOSED, the_definition(), None).returned_on) == returned


def test_a_referral_before_the_closure_is_no_return() -> None:
    assert follow([fact(REFERRAL, -30)], CLOSED, the_definition(), None).returned_on is None


@pytest.mark.parametrize(("after_return", "escalates"), [(-1, False), (0, True), (180, True), (181, False)])
def test_a_conference_escalates_a_return_from_its_day_to_the_180th_after_it(after_return: int, escalates: bool) -> None:
    facts = [fact(REFERRAL, 100), fact(CONFERENCE, 100 + after_return)]

    assert (follow(facts, CLOSED, the_definition(), None).escalated_on is not None) == escalates


def test_it_is_the_first_return_that_must_escalate() -> None:
    facts = [fact(REFERRAL, 300), fact(CONFERENCE, 310), fact(REFERRAL, 10)]

    after = follow(facts, CLOSED, the_definition(), None)

    assert days_after(after.returned_on) == 10
    assert after.escalated_on is None


def test_a_section_47_enquiry_is_reached_and_does_not_escalate() -> None:
    after = follow([fact(REFERRAL, 10), fact(SECTION_47, 20)], CLOSED, the_definition(), None)

    assert (after.reached, after.escalated_on) == (4, None)


def test_a_conference_without_a_return_is_nothing() -> None:
    after = follow([fact(CONFERENCE, 20)], CLOSED, the_definition(), None)

    assert (after.returned_on, after.reached, after.escalated_on) == (None, 0, None)


def test_whoever_dies_or_is_closed_for_a_reason_that_is_not_scored_has_left() -> None:
    moved = fact(CLOSURE, 50, closure_reason="RC5")
    ordinary = fact(CLOSURE, 20, closure_reason="RC7")

    assert follow([moved, ordinary], CLOSED, the_definition(), None).left_why == "transferred-to-another-authority"
    assert days_after(follow([moved], CLOSED, the_definition(), CLOSED + timedelta(days=9)).left_on) == 9
    assert follow([ordinary], CLOSED, the_definition(), None).left_on is None


def test_what_makes_a_label_is_the_return_and_every_level_from_the_escalated_one_on() -> None:
    assert types_of_label(the_definition()) == {
        REFERRAL,
        CONFERENCE,
        "cp_plan.started.v1",
        "pre_proceedings.started.v1",
        "cla.started.v1",
    }
