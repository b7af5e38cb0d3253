"""Which closures have a label, counted over the source events by brute force; and what is left out for which reason."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ecda_stream.errors import BadDefinition
from ecda_stream.identity.tokens import Secret
from ecda_stream.training.gather import gather
from ecda_stream.training.labels import Labelled, first_day, label, last_day, recording_lag
from ecda_stream.training.parts import survey
from ecda_stream.training.table import as_date
from ecda_stream.training.watch import lag_days
from tests.builders import Event, a_child, a_closure, a_contact, a_cp_plan, a_referral, a_retraction, a_stream, an_event
from tests.training.worlds import World, the_definition, write_log

END = [a_contact("somebody", "2026-06-01"), a_contact("anybody", "2026-06-01")]
"""Lie far behind everything that a test is about, so that the log goes on; two, because one alone is not believed."""


def labels_of(tmp_path: Path, *events: Event, history_years: int = 0) -> Labelled:
    log = survey(write_log(tmp_path / "log.jsonl", [a_contact("somebody", "2015-01-05"), *events, *END]))
    return label(gather(log, a_stream(), processes=1), the_definition(), history_years)


def an_episode(day: str = "2020-01-06", closed: str = "2020-03-02", **changes: Any) -> list[Event]:
    return [a_referral(day=day), a_closure(day=closed, referral=day, **changes)]


def brute_force(world: World, secret: Secret) -> dict[str, tuple[bool, bool]]:
    """Return for each closure whether its child was referred again within a year, and then got a plan within 180 days."""
    found = {}
    of_child: dict[str, list[Event]] = {}
    for event in world.events:
        of_child.setdefault(event["data"]["people"][0]["identifiers"][0]["value"], []).append(event)
    for closure in world.events:
        if closure["type"] != "uk.csc.closure.recorded.v1":
            continue
        closed = date.fromisoformat(closure["data"]["closure_date"])
        own = of_child[closure["data"]["people"][0]["identifiers"][0]["value"]]
        returns = sorted(
            date.fromisoformat(event["data"]["referral_date"]) for event in own if event["type"] == "uk.csc.referral.received.v1"
        )
        returns = [day for day in returns if closed < day <= closed + timedelta(days=365)]
        plans = [date.fromisoformat(event["data"]["start_date"]) for event in own if event["type"] == "uk.csc.cp_plan.started.v1"]
        escalates = bool(returns) and any(returns[0] <= day <= returns[0] + timedelta(days=180) for day in plans)
        token = secret.token(closure["authority"], f"event_id:{closure['source']}", closure["id"])
        found[token] = (bool(returns), escalates)
    return found


def test_labels_are_what_counting_over_the_source_events_gives(world: World, labelled: Labelled, secret: Secret) -> None:
    rows = labelled.rows
    expected = brute_force(world, secret)

    labels = {event: (bool(back), bool(worse)) for event, back, worse in zip(rows.event_id, rows.returned, rows.escalated, strict=True)}

    assert len(labels) > 1000
    assert labels == {event: expected[event] for event in labels}


def test_every_closure_is_a_row_or_has_its_reason(world: World, labelled: Labelled) -> None:
    closures = sum(event["type"] == "uk.csc.closure.recorded.v1" for event in world.events)

    assert len(labelled.rows) + sum(labelled.excluded.values()) == closures


@pytest.mark.parametrize(("closed", "mature"), [("2024-12-03", True), ("2024-12-04", False)])
def test_the_day_on_which_a_label_is_mature_is_exact(tmp_path: Path, closed: str, mature: bool) -> None:
    """2024-12-03 and 545 days are 2026-06-01, the day of the log's last entry; nothing came late, so the lag is 0."""
    given = [*an_episode(), *an_episode("2024-11-04", closed)]

    labelled = labels_of(tmp_path, *given)

    assert labelled.lag_days == 0
    assert len(labelled.rows) == 1 + mature
    assert labelled.excluded == ({} if mature else {"outcome-not-yet-known": 1})


def test_what_is_recorded_late_makes_labels_mature_later(tmp_path: Path) -> None:
    """The referral happened on 6 January and arrived on the 16th in the morning: 11 days, rounded up."""
    late = a_referral(day="2020-01-06", arrivedtime="2020-01-16T09:00:00Z")
    closed = a_closure(day="2020-03-02", referral="2020-01-06")
    later = an_episode("2024-11-04", "2024-11-23")

    labelled = labels_of(tmp_path, late, closed, *later)

    assert labelled.lag_days == 11
    assert labelled.excluded == {"outcome-not-yet-known": 1}


def test_closures_count_from_so_many_years_after_the_first_one_of_their_authority(tmp_path: Path) -> None:
    """Other entries say nothing about when closures began to be recorded: the first one here lies half a year earlier."""
    first = [
        event for child in ("C1", "C3") for event in (a_referral(child, "2015-01-05"), a_closure(child, "2015-07-06", "2015-01-05"))
    ]
    others = [*an_episode("2018-06-04", "2018-07-05"), a_referral("C2", "2018-06-04"), a_closure("C2", "2018-07-06", "2018-06-04")]

    labelled = labels_of(tmp_path, *first, *others, history_years=3)

    assert [as_date(day) for day in labelled.rows.day] == [date(2018, 7, 6)]
    assert labelled.excluded == {"history-too-short": 3}


def test_one_date_far_in_the_future_makes_no_label_mature(tmp_path: Path) -> None:
    """Without a time of recording an entry arrives on the day that it names."""
    labelled = labels_of(tmp_path, *an_episode(), *an_episode("2025-11-03", "2025-12-01"), a_contact("C2", "2031-01-15"))

    assert labelled.excluded == {"outcome-not-yet-known": 1}


def test_one_date_far_in_the_past_makes_no_history_longer() -> None:
    days = Counter({date(1925, 3, 2): 1, date(2015, 7, 6): 1, date(2016, 1, 4): 500, date(2026, 1, 5): 500, date(2031, 1, 15): 1})

    assert first_day(days) == date(2016, 1, 4)
    assert last_day(days) == date(2026, 1, 5)


@pytest.mark.parametrize(("born", "kept"), [("2003-09-03", True), ("2003-09-02", False)])
def test_whoever_could_turn_18_within_the_horizon_is_left_out(tmp_path: Path, born: str, kept: bool) -> None:
    """Closed on 2020-03-02: 545 days later is 2021-08-29. Ages are known in months: 198 and more might be 18 by then."""
    people = [a_child(birth_date=born)]
    episode = [a_referral(None, "2020-01-06", people=people), a_closure(None, "2020-03-02", "2020-01-06", people=people)]
    age_months = (2020 - 2003) * 12 + 3 - 9 - (int(born[-2:]) > 2)

    assert age_months == 198 - kept
    if kept:
        assert len(labels_of(tmp_path, *episode).rows) == 1
    else:
        with pytest.raises(BadDefinition, match="too-old-within-horizon: 1"):
            labels_of(tmp_path, *episode)


@pytest.mark.parametrize(("died", "kept"), [("2021-03-01", False), ("2021-03-02", True)])
def test_a_death_before_the_outcome_was_decided_leaves_the_closure_out(tmp_path: Path, died: str, kept: bool) -> None:
    """Without a return it is decided 365 days after 2020-03-02, on 2021-03-02."""
    told = a_contact(None, "2021-04-01", people=[a_child(death_date=died)])
    other = [a_referral("C2", "2020-01-06"), a_closure("C2", "2020-03-02", "2020-01-06")]

    labelled = labels_of(tmp_path, *an_episode(), *other, told)

    assert len(labelled.rows) == 1 + kept
    assert labelled.excluded == ({} if kept else {"died-before-outcome": 1})


def test_a_death_after_the_escalation_changes_nothing(tmp_path: Path) -> None:
    told = a_contact(None, "2020-08-01", people=[a_child(death_date="2020-07-01")])

    labelled = labels_of(
        tmp_path, *an_episode(), a_referral(day="2020-05-04"), a_cp_plan(day="2020-05-20", referral="2020-05-04"), told
    )

    assert list(labelled.rows.escalated) == [True]


def test_a_move_to_another_authority_before_the_outcome_leaves_the_closure_out(tmp_path: Path) -> None:
    other = [a_referral("C2", "2020-01-06"), a_closure("C2", "2020-03-02", "2020-01-06")]

    labelled = labels_of(tmp_path, *an_episode(), *other, *an_episode("2020-05-04", "2020-06-01", closure_reason="RC5"))

    assert labelled.excluded == {"transferred-to-another-authority": 1, "transferred-to-another-authority-before-outcome": 1}


def test_a_retracted_closure_has_no_label(tmp_path: Path) -> None:
    wrong = a_closure(day="2020-03-02", referral="2020-01-06")

    labelled = labels_of(
        tmp_path, a_referral(day="2020-01-06"), wrong, a_retraction(wrong, "2020-03-09"), *an_episode("2020-05-04", "2020-06-01")
    )

    assert labelled.excluded == {"retracted": 1}
    assert [as_date(day) for day in labelled.rows.day] == [date(2020, 6, 1)]


def test_a_retracted_referral_is_no_return(tmp_path: Path) -> None:
    wrong = a_referral(day="2020-05-04")

    labelled = labels_of(tmp_path, *an_episode(), wrong, a_retraction(wrong, "2020-05-06"))

    assert list(labelled.rows.returned) == [False]


def test_a_return_under_another_name_counts_once_the_two_are_known_to_be_one(tmp_path: Path) -> None:
    upn = {"kind": "upn", "value": "H801200001001"}
    elsewhere = [a_child("C9", identifiers=[upn])]
    told = an_event("contact.received.v1", None, contact_date="2021-09-01", referral_source="2A", id="both")
    told["data"]["people"] = [a_child(identifiers=[{"kind": "la_child_id", "value": "C1"}, upn])]

    labelled = labels_of(tmp_path, *an_episode(), a_referral(None, "2020-05-04", people=elsewhere), told)

    assert list(labelled.rows.returned) == [True]


def test_the_lag_is_what_99_in_100_had_arrived_within() -> None:
    assert recording_lag({}) == 0
    assert recording_lag({0: 990, 400: 10}) == 0
    assert recording_lag({0: 989, 7: 1, 400: 10}) == 7


def test_a_day_begins_at_midnight_in_london() -> None:
    assert lag_days(date(2026, 7, 6), datetime(2026, 7, 5, 23, 0, tzinfo=UTC)) == 0
    assert lag_days(date(2026, 7, 6), datetime(2026, 7, 5, 23, 1, tzinfo=UTC)) == 1


def test_a_log_without_a_labelled_closure_says_what_was_left_out(tmp_path: Path) -> None:
    with pytest.raises(BadDefinition, match="outcome-not-yet-known: 1"):
        labels_of(tmp_path, *an_episode("2026-04-06", "2026-05-04"))
