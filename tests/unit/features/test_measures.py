"""Each measure against values counted by hand; the edges of windows; what has no value."""

from __future__ import annotations

from datetime import date

import pytest

from ecda_stream.features.context import Context, Moment
from ecda_stream.features.measures import MEASURES
from ecda_stream.history.fact import Fact
from tests.builders import (
    Event,
    a_child,
    a_closure,
    a_completed_assessment,
    a_contact,
    a_referral,
    a_stream,
    an_assessment,
    an_event,
    feature,
    last_score,
)

DAY = "2026-03-02"
CLOSED = a_closure(day=DAY)


def _worker(worker: str, day: str) -> Event:
    return an_event("worker.changed.v1", id=worker + day, worker_id=worker, start_date=day, referral_date="2026-01-05")


@pytest.mark.parametrize(("days_before", "counted"), [("2025-03-02", 1.0), ("2025-03-01", 0.0)])
def test_a_window_holds_its_first_day(days_before: str, counted: float) -> None:
    """365 days before 2026-03-02 is 2025-03-02."""
    assert feature("contacts_1y", a_contact(day=days_before), CLOSED) == counted


def test_no_entry_counts_nought_and_is_not_missing() -> None:
    assert feature("referrals_2y", CLOSED) == 0.0


def test_where_takes_what_holds_one_of_the_codes() -> None:
    events = [
        a_referral(day="2025-01-06", referral_source="6"),
        a_referral(day="2025-02-03", referral_source="2A"),
        an_event("police.incident_notified.v1", id="1", incident_date="2025-02-03", domestic_abuse_flag=True),
        an_event("police.incident_notified.v1", id="2", incident_date="2025-02-03", domestic_abuse_flag=False),
        an_event("police.incident_notified.v1", id="3", incident_date="2025-02-03"),
    ]
    score = last_score(*events, CLOSED)

    assert score.features["referrals_by_police_2y"] == 1
    assert score.features["domestic_abuse_incidents_2y"] == 1


def test_days_are_counted_once_with_one_entry_for_each() -> None:
    definition = a_stream().definition
    [spec] = [spec for spec in definition.features if spec.name == "household_referrals_2y"]
    context = Context.of(Moment("E9", date(2026, 3, 2), None, None, 1, {}), [], [], relatives=0)
    days = [date(2025, 9, 1), date(2025, 9, 1), date(2025, 11, 3)]
    facts = [Fact(place, f"E{place}", "referral.received.v1", day, day, {}, None, None) for place, day in enumerate(days)]

    value, behind = MEASURES["days"](spec, facts, context, definition)

    assert value == 2
    assert [fact.day for fact in behind] == [date(2025, 9, 1), date(2025, 11, 3)]


@pytest.mark.parametrize(
    ("stages", "expected"),
    [
        ([], None),
        (["relief"], 0.0),
        (["relief", "temporary_accommodation"], 1.0),
        (["temporary_accommodation", "final_duty_ended"], 0.0),
        (["final_duty_ended", "temporary_accommodation"], 1.0),
    ],
    ids=lambda given: "+".join(given) or "none" if isinstance(given, list) else "",
)
def test_latest_is_what_the_last_entry_says(stages: list[str], expected: float | None) -> None:
    moves = [
        an_event("housing.case_changed.v1", id=f"H{place}", change_date=f"2026-01-{10 + place}", stage=stage)
        for place, stage in enumerate(stages)
    ]

    assert feature("temporary_accommodation", *moves[::-1], CLOSED) == expected


def test_distinct_values_of_a_field_and_the_items_of_a_list() -> None:
    events = [
        a_completed_assessment(factors=["16A", "3B"]),
        a_completed_assessment(day="2026-02-10", factors=["3B", "4B"]),
        _worker("w1", "2026-01-06"),
        _worker("w2", "2026-01-20"),
        _worker("w1", "2026-02-02"),
    ]
    score = last_score(*events, CLOSED)

    assert score.features["episode_factors"] == 3
    assert score.features["episode_workers"] == 2


def test_distinct_has_no_value_where_no_entry_has_the_field() -> None:
    assert feature("episode_factors", a_completed_assessment(factors=[]), CLOSED) is None


def test_days_since_the_last_and_the_first() -> None:
    events = [
        a_referral(day="2025-03-03"),
        a_closure(day="2025-03-02", referral="2024-11-04"),
        a_closure(day="2025-12-31", referral="2025-03-03"),
    ]
    score = last_score(*events, CLOSED)

    assert score.features["days_since_closure"] == 61  # January 31 + February 28 + 2
    assert score.features["days_since_first_referral"] == 364
    assert feature("days_since_closure", CLOSED) is None


def test_between_goes_to_the_first_later_or_same_day_entry() -> None:
    events = [an_assessment(day="2026-01-19"), an_assessment(day="2026-02-02"), a_referral()]

    assert feature("referral_to_assessment_days", *events, CLOSED) == 14
    assert feature("referral_to_assessment_days", an_assessment(day="2026-01-05"), a_referral(), CLOSED) == 0
    assert feature("referral_to_assessment_days", a_referral(), CLOSED) is None
    assert feature("referral_to_assessment_days", an_assessment(), CLOSED) is None


def test_level_is_the_highest_rung() -> None:
    conference = an_event("cp_conference.held.v1", icpc_date="2026-01-30", referral_date="2026-01-05")

    assert feature("episode_level", a_referral(), conference, an_assessment(), CLOSED) == 5
    assert feature("episode_level", CLOSED) is None


@pytest.mark.parametrize(
    ("born", "years"), [("2015-03-02", 11.0), ("2015-03-03", 10.0), ("2026-03-02", 0.0), ("2026-05-01", -1.0), (None, None)]
)
def test_age_is_in_completed_years(born: str | None, years: float | None) -> None:
    people = [a_child(birth_date=born) if born else {k: v for k, v in a_child().items() if k != "birth_date"}]

    assert feature("age_years", a_closure(day=DAY, people=people)) == years


def test_trend_is_the_later_half_minus_the_earlier() -> None:
    """Half of 730 days before 2026-03-02 is 2025-03-02, which belongs to the later half."""
    days = ["2025-03-01", "2025-03-02", "2025-06-02", "2024-03-02", "2024-03-01"]

    assert feature("referral_trend_2y", *[a_referral(day=day) for day in days], CLOSED) == 0  # 2 and 2; the last is too early


def test_missing_is_one_if_there_is_none() -> None:
    assert feature("episode_without_assessment", a_referral(), CLOSED) == 1
    assert feature("episode_without_assessment", a_referral(), a_completed_assessment(), CLOSED) == 0


def test_values_are_cut_at_the_ends_of_their_range() -> None:
    incidents = [an_event("police.incident_notified.v1", id=str(n), incident_date="2026-01-01") for n in range(61)]

    assert feature("police_incidents_1y", *incidents, CLOSED) == 60


def test_the_latest_entries_stand_behind_a_contribution() -> None:
    days = [f"2025-0{month}-03" for month in range(2, 9)]
    score = last_score(*[a_referral(day=day) for day in days], CLOSED)
    [behind] = [contribution for contribution in score.contributions if contribution.feature == "referrals_2y"]

    assert [evidence.day.isoformat() for evidence in behind.evidence] == days[-5:]
    assert [evidence.offset for evidence in behind.evidence] == [2, 3, 4, 5, 6]
