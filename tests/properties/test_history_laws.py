"""What holds of the history for every world: repetition, correction, retraction, order, and being killed half-way."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from ecda_stream.contract.entry import LogRecord
from ecda_stream.contract.score import ScoreRecord
from ecda_stream.identity.families import MOST_RELATIVES
from ecda_stream.pipeline import Outcome
from ecda_stream.state import TABLES, Key
from tests.builders import (
    Event,
    State,
    a_closure,
    a_contact,
    a_retraction,
    a_stream,
    a_troubled_history,
    admit_events,
    an_event,
    changed,
    fold_all,
    fold_events,
    fold_one,
)
from tests.strategies import DATE_FIELDS, arrived, day_of, facts_of_children, kind_of, worlds

STREAM = a_stream(threshold=1, capacity=1, audit_share=0.3)
"""A low threshold and one place a week, so that small worlds raise alerts and hold some; a third of the rest is drawn by lot."""

few = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
FAR = date(2027, 6, 1)


def _said(outcomes: list[Outcome]) -> list[Any]:
    """What the outcomes publish, byte for byte."""
    return [(o.news, [s.model_dump_json() for s in o.scores], [a.model_dump_json() for a in o.alerts]) for o in outcomes]


def _fold_with_writes(log: list[LogRecord]) -> tuple[list[Outcome], State, list[list[tuple[Key, Any]]]]:
    """Return the outcomes, the last state, and what each record wrote, in the order of writing."""
    state: State = {}
    outcomes = [fold_one(record, state, STREAM) for record in log]
    return outcomes, state, [list(outcome.changes.items()) for outcome in outcomes]


def _vector(score: ScoreRecord) -> Any:
    return score.outcome, score.reason, dict(score.features), score.points, score.quality_notes


def _never_corrected(events: list[Event]) -> list[Event]:
    """Return the events that were said once and stand: not corrected, not retracted, and the only record of their episode."""
    touched = {event["data"].get("event_id") for event in events}
    touched |= {one["id"] for one in events for other in events if one["id"] == other["id"] and one != other}
    shared = {(event["type"], event["data"].get("referral_date")) for event in events if event["id"] in touched}
    return [e for e in events if e["id"] not in touched and (e["type"], e["data"].get("referral_date", "")) not in shared]


def _numbered_by_table(events: list[Event]) -> list[Event]:
    """Return the events as a system sends them that numbers each of its tables from 1: the same id on several types."""
    numbers: dict[str, str] = {}
    tables: Counter[str] = Counter()
    for event in events:
        if event["id"] not in numbers:
            tables[event["type"]] += 1
            numbers[event["id"]] = str(tables[event["type"]])
    told = [changed(event, id=numbers[event["id"]]) for event in events]
    return [changed(event, event_id=numbers[event["data"]["event_id"]]) if "event_id" in event["data"] else event for event in told]


@few
@given(worlds(with_mistakes=False))
def test_a_system_that_numbers_each_table_gives_the_same_scores(events: list[Event]) -> None:
    without_lots = a_stream(threshold=1, capacity=1)  # who is drawn by lot depends on the ids
    one = fold_events(*events, stream=without_lots)
    other = fold_events(*_numbered_by_table(events), stream=without_lots)

    assert [_vector(s) for o in one for s in o.scores] == [_vector(s) for o in other for s in o.scores]
    assert [a.status for o in one for a in o.alerts] == [a.status for o in other for a in o.alerts]


@few
@given(worlds())
def test_a_log_that_arrives_a_second_time_changes_nothing(events: list[Event]) -> None:
    repeated = _never_corrected(events)
    log = admit_events([*events, *repeated])
    state: State = {}
    fold_all(log[: len(events)], STREAM, state)
    before = dict(state)

    again = fold_all(log[len(events) :], STREAM, state)

    assert {outcome.news for outcome in again} <= {"duplicate", "control"}
    assert not any(outcome.scores or outcome.alerts for outcome in again)
    assert state == before


@few
@given(worlds(), st.data())
def test_a_repetition_in_the_middle_changes_no_score(events: list[Event], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(events) - 1))
    without = fold_events(*events, stream=STREAM)

    with_repetition = fold_events(*events[: place + 1], events[place], *events[place + 1 :], stream=STREAM)

    assert [_vector(s) for o in with_repetition for s in o.scores] == [_vector(s) for o in without for s in o.scores]
    assert [a.status for o in with_repetition for a in o.alerts] == [a.status for o in without for a in o.alerts]


@few
@given(worlds(), st.data())
def test_the_future_is_invisible(events: list[Event], data: st.DataObject) -> None:
    log = admit_events(events)
    place = data.draw(st.integers(0, len(log)))

    assert _said(fold_all(log[:place], STREAM)) == _said(fold_all(log, STREAM))[:place]


@few
@given(worlds(with_mistakes=False, one_identifier=True))
def test_what_happened_after_a_closure_changes_no_feature_of_it(events: list[Event]) -> None:
    last = max((day_of(event) for event in events if kind_of(event) == "closure.recorded.v1"), default=None)
    assume(last is not None)
    assert last is not None
    later = [event for event in events if day_of(event) > last]

    with_later = fold_events(*events, stream=STREAM)
    without = fold_events(*[event for event in events if event not in later], stream=STREAM)

    assert [dict(s.features) for o in with_later for s in o.scores if s.revision == 0] == [
        dict(s.features) for o in without for s in o.scores if s.revision == 0
    ]


@few
@given(worlds(), st.data())
def test_folding_again_over_the_later_state_gives_the_same_outcomes(events: list[Event], data: st.DataObject) -> None:
    log = admit_events(_numbered_by_table(events) if data.draw(st.booleans()) else events)
    first, whole, _ = _fold_with_writes(log)
    place = data.draw(st.integers(0, len(log)))
    state = dict(whole)

    again = fold_all(log[place:], STREAM, state)

    assert _said(again) == _said(first[place:])
    assert state == whole


@few
@given(worlds(), st.data())
def test_a_worker_killed_between_its_tables_catches_up(events: list[Event], data: st.DataObject) -> None:
    """Each table has got as far as it has: to any write of any entry, and past the committed place."""
    log = admit_events(_numbered_by_table(events) if data.draw(st.booleans()) else events)
    first, whole, writes = _fold_with_writes(log)
    place = data.draw(st.integers(0, len(log)))
    state: State = {key: value for written in writes[:place] for key, value in written}
    for table in TABLES:
        later = [change for written in writes[place:] for change in written if change[0][0] == table]
        state.update(later[: data.draw(st.integers(0, len(later)), label=table)])

    again = fold_all(log[place:], STREAM, state)

    assert _said(again) == _said(first[place:])
    assert state == whole


def test_folding_again_holds_with_decisions_a_shared_family_id_and_one_id_on_all_types() -> None:
    """A hub that grows past what is kept, decisions followed and ignored, and retractions that reach several events."""

    def mode(name: str, authority: str) -> Event:
        facts = {"stream": "re_referral", "mode": name, "reason": "trial", "decision_date": "2026-01-01"}
        return an_event("mode.changed.v1", None, id=f"{name}/{authority}", authority=authority, source=f"/{authority}/review", **facts)

    unknown = an_event("model.activated.v1", None, stream="re_referral", version="9", reason="trial", decision_date="2026-01-01")
    crowd = [a_contact(f"N{number}", family_id="0") for number in range(MOST_RELATIVES + 4)]
    numbered = [changed(event, id="17") for event in a_troubled_history()[-2:]]
    log = admit_events(
        [
            *a_troubled_history(),
            mode("shadow", "*"),
            *crowd[: MOST_RELATIVES - 2],
            unknown,
            *numbered,
            mode("demo", "881"),
            *crowd[MOST_RELATIVES - 2 :],
            a_closure("C9", family_id="0"),
            a_retraction("17"),
            *numbered,
        ]
    )
    first, whole, _ = _fold_with_writes(log)
    ignored = [outcome.ignored for outcome in first]

    for place in range(len(log)):
        state = dict(whole)
        again = fold_all(log[place:], STREAM, state)

        assert _said(again) == _said(first[place:])
        assert [outcome.ignored for outcome in again] == ignored[place:]
        assert state == whole
    assert "model-not-installed" in ignored


def _new_closure_of_everybody() -> list[Event]:
    return [arrived(a_closure(child, "2027-05-28", None, id=f"last/{child}"), FAR) for child in ("C1", "C2", "C3")]


@few
@given(worlds(with_mistakes=False, one_identifier=True), st.data())
def test_after_a_correction_it_is_as_if_only_the_corrected_had_been_said(events: list[Event], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(events) - 1))
    assume(not events[place]["data"].get("relations"))
    field = DATE_FIELDS[kind_of(events[place])]
    later = (day_of(events[place]) + timedelta(days=data.draw(st.sampled_from([1, 30, 400])))).isoformat()
    # a referral moved into an episode that has one stays an event of its own
    assume(all(e is events[place] or kind_of(e) != kind_of(events[place]) or e["data"][field] != later for e in events))
    correction = arrived({**events[place], "data": {**events[place]["data"], field: later}}, FAR)
    others = [*events[:place], *events[place + 1 :]]

    corrected = fold_events(*events, correction, *_new_closure_of_everybody(), stream=STREAM)
    never_wrong = fold_events(*others, correction, *_new_closure_of_everybody(), stream=STREAM)

    assert [_vector(s) for o in corrected[-3:] for s in o.scores] == [_vector(s) for o in never_wrong[-3:] for s in o.scores]


@few
@given(worlds(with_mistakes=False, one_identifier=True), st.data())
def test_after_a_retraction_it_is_as_if_it_had_never_been_said(events: list[Event], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(events) - 1))
    assume(not events[place]["data"].get("relations"))
    retraction = arrived(a_retraction(events[place], "2027-05-30"), FAR)
    others = [*events[:place], *events[place + 1 :]]

    retracted = fold_events(*events, retraction, *_new_closure_of_everybody(), stream=STREAM)
    never_said = fold_events(*others, *_new_closure_of_everybody(), stream=STREAM)

    assert [_vector(s) for o in retracted[-3:] for s in o.scores] == [_vector(s) for o in never_said[-3:] for s in o.scores]


@few
@given(facts_of_children(), st.data())
def test_the_order_of_arrival_before_a_closure_changes_no_value_of_it(events: list[Event], data: st.DataObject) -> None:
    arrived_late = [arrived(event, FAR) for event in events]
    shuffled = data.draw(st.permutations(arrived_late))

    one = fold_events(*arrived_late, *_new_closure_of_everybody(), stream=STREAM)
    other = fold_events(*shuffled, *_new_closure_of_everybody(), stream=STREAM)

    assert [_vector(s) for o in one[-3:] for s in o.scores] == [_vector(s) for o in other[-3:] for s in o.scores]
