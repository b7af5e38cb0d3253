"""The rules that one record can break by itself: for each a record that breaks it, and the nearest one that keeps it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ecda_stream.contract.rules import check
from ecda_stream.errors import InvalidEvent
from tests.builders import (
    Event,
    a_child,
    a_cin_plan,
    a_closure,
    a_contact,
    a_cp_plan,
    a_referral,
    admitted,
    an_assessment,
    an_event,
    an_s47,
    decoded,
)

BEFORE, ON = "2026-01-04", "2026-01-05"


def _people(*roles: str) -> list[dict[str, object]]:
    return [{"role": role, "identifiers": [{"kind": "la_child_id", "value": f"P{place}"}]} for place, role in enumerate(roles)]


def _conference(day: str) -> Event:
    return an_event("cp_conference.held.v1", icpc_date=day, referral_date=ON)


def _mode(**changes: str) -> Event:
    return an_event("mode.changed.v1", None, stream="re_referral", mode="live", reason="trial", decision_date=ON, **changes)


CASES = {
    "1103": (an_assessment(day=BEFORE), an_assessment(day=ON)),
    "1104": (_conference(BEFORE), _conference(ON)),
    "1105": (a_cp_plan(day=BEFORE), a_cp_plan(day=ON)),
    "2889": (an_s47(day=BEFORE), an_s47(day=ON)),
    "4015": (a_cin_plan(day=BEFORE), a_cin_plan(day=ON)),
    "8630": (a_closure(day=BEFORE), a_closure(day=ON)),
    "8606": (
        # 2026-01-05 and 40 weeks (280 days) is 2026-10-12
        a_referral(people=[a_child(birth_date=None, expected_birth_date="2026-10-13")]),
        a_referral(people=[a_child(birth_date=None, expected_birth_date="2026-10-12")]),
    ),
    "authority-mismatch": (a_referral(source="/882/case_system"), a_referral(source="/882/case_system", authority="882")),
    "wrong-authority": (
        a_referral(source="/*/case_system", authority="*"),
        an_event("day.started.v1", None, date=ON, source="/*/review", authority="*"),
    ),
    "wrong-source": (_mode(source="/881/case_system"), _mode(source="/881/review")),
    "wrong-person": (a_closure(people=_people("child", "child")), a_closure(people=_people("child", "sibling"))),
    "time-on-another-day": (
        a_referral(day="2025-07-05", time="2025-07-05T23:30:00Z"),
        a_referral(day="2025-07-06", time="2025-07-05T23:30:00Z"),  # half past midnight in London
    ),
    "recorded-in-future": (
        a_referral(recordedtime="2026-01-07T12:00:01Z", arrivedtime="2026-01-06T12:00:00Z"),
        a_referral(recordedtime="2026-01-07T12:00:00Z", arrivedtime="2026-01-06T12:00:00Z"),
    ),
    "happened-in-future": (
        a_referral(recordedtime="2026-01-03T23:59:59Z", arrivedtime="2026-01-09T12:00:00Z"),
        a_referral(recordedtime="2026-01-04T00:00:00Z", arrivedtime="2026-01-09T12:00:00Z"),
    ),
}


@pytest.mark.parametrize("rule", CASES)
def test_a_record_that_breaks_a_rule_is_refused_with_its_code(rule: str) -> None:
    with pytest.raises(InvalidEvent) as refused:
        check(decoded(CASES[rule][0]))

    assert refused.value.reason_code == rule


@pytest.mark.parametrize("rule", CASES)
def test_a_record_that_just_keeps_a_rule_is_not_refused(rule: str) -> None:
    check(decoded(CASES[rule][1]))


@pytest.mark.parametrize("topic", ["ecda.source.social_care.v1", "ecda.source.review.v2", "ecda.source.review.v1.dlq"])
def test_a_decision_from_any_other_topic_is_refused_whatever_it_says_of_itself(topic: str) -> None:
    """The broker's access lists guard the review topic, and nothing but the topic shows that they did."""
    decision = decoded(_mode(source="/881/review"))

    with pytest.raises(InvalidEvent, match="wrong-source"):
        check(replace(decision, topic=topic))


def test_a_decision_from_the_review_topic_may_name_its_own_system() -> None:
    check(replace(decoded(_mode(source="/881/console")), topic="ecda.source.review.v1"))


@pytest.mark.parametrize("topic", ["ecda.source.social_care.v1", "ecda.source.review.v1"])
def test_what_decides_nothing_may_come_from_any_topic(topic: str) -> None:
    check(replace(decoded(a_referral()), topic=topic))


def test_without_a_recorded_time_the_arrival_says_what_is_the_future() -> None:
    with pytest.raises(InvalidEvent, match="happened-in-future"):
        check(decoded(a_referral(arrivedtime="2026-01-03T23:59:59Z")))

    check(decoded(a_referral(arrivedtime="2026-01-04T00:00:00Z")))


def test_a_closure_that_names_no_child_is_refused() -> None:
    """It would trigger nothing, and nobody would notice."""
    with pytest.raises(InvalidEvent, match="wrong-person"):
        check(decoded(a_closure(people=_people("mother"))))


@pytest.mark.parametrize("place", [-1, 1])
def test_a_relation_points_at_somebody_of_the_record(place: int) -> None:
    with pytest.raises(InvalidEvent, match="wrong-person"):
        check(decoded(a_contact(relations=[{"kind": "sibling_of", "subject": 0, "object": place}])))


@pytest.mark.parametrize(
    "source", ["881/case_system", "/881", "/881/a/b", "/881/", "/881/Case System", "/881/LCS", "/881/1st", "/881/" + "x" * 41]
)
def test_a_source_names_its_authority_and_its_system(source: str) -> None:
    with pytest.raises(InvalidEvent, match="wrong-field"):
        admitted(a_referral(source=source))


def test_an_unborn_child_can_be_referred() -> None:
    assert check(decoded(a_referral(people=[a_child(birth_date=None, expected_birth_date="2026-06-01")]))) == ()


def test_a_referral_after_the_death_is_a_query_and_no_error() -> None:
    assert check(decoded(a_referral(people=[a_child(death_date=BEFORE)]))) == ("8555Q",)
    assert check(decoded(a_referral(people=[a_child(death_date=ON)]))) == ()


def test_a_missing_primary_need_is_a_query_unless_nothing_followed() -> None:
    assert check(decoded(a_referral(primary_need_code=None))) == ("8610",)
    assert check(decoded(a_referral(primary_need_code=None, referral_no_further_action_flag=True))) == ()


def test_without_a_referral_date_nothing_is_before_it() -> None:
    assert check(decoded(a_closure(referral=None, day="2020-01-01"))) == ()
