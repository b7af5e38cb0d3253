"""What holds of the two steps for every world, and the vector against counting by hand."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, datetime, timedelta

from hypothesis import HealthCheck, given, settings

from ecda_stream.contract.alert import Alert
from ecda_stream.contract.canonical import to_canonical_json
from ecda_stream.contract.envelope import LONDON
from ecda_stream.contract.score import Position
from ecda_stream.pipeline import step
from tests.builders import Event, State, a_stream, admit_events, fold_all, fold_events, fold_one
from tests.strategies import day_of, kind_of, worlds

CROWDED = a_stream(threshold=1, capacity=1, audit_share=0.3)
"""A low threshold and one place a week."""

few = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@few
@given(worlds())
def test_step_changes_neither_the_entry_nor_the_state(events: list[Event]) -> None:
    state: State = {}
    stream = a_stream(threshold=1)
    for record in admit_events(events):
        assert record.value is not None
        before, entry = deepcopy(state), to_canonical_json(record.value)
        outcome = step(record.value, Position(partition=0, offset=record.offset), lambda table, key: state.get((table, key)), stream)

        assert state == before
        assert to_canonical_json(record.value) == entry
        state.update(outcome.changes)


@few
@given(worlds())
def test_a_higher_threshold_never_adds_an_alert_where_there_is_room_for_all(events: list[Event]) -> None:
    log = admit_events(events)

    def alerted(threshold: float) -> set[tuple[str, int]]:
        outcomes = fold_all(log, a_stream(threshold=threshold, capacity=1000))
        return {(s.score_id, s.revision) for o in outcomes for s in o.scores if s.decision.alert}

    assert alerted(6) <= alerted(3) <= alerted(1) <= alerted(-2)


@few
@given(worlds())
def test_only_a_first_score_raises_an_alert_or_holds_it(events: list[Event]) -> None:
    last: dict[str, tuple[str, bool]] = {}
    for outcome in fold_events(*events, stream=CROWDED):
        for score in outcome.scores:
            before, counted_before = last.get(score.score_id, ("not_scored", False))
            if (score.decision.alert or score.decision.held) and before == "scored":
                assert counted_before
            last[score.score_id] = (score.outcome, score.decision.alert or score.decision.held)


@few
@given(worlds())
def test_a_week_never_has_more_alerts_than_places(events: list[Event]) -> None:
    raised: dict[str, datetime] = {}
    weeks: dict[date, set[str]] = {}
    for outcome in fold_events(*events, stream=CROWDED):
        for alert in outcome.alerts:
            if isinstance(alert, Alert) and raised.get(alert.alert_id) != alert.raised_at:
                raised[alert.alert_id] = alert.raised_at
                day = alert.raised_at.astimezone(LONDON).date()
                weeks.setdefault(day - timedelta(days=day.weekday()), set()).add(alert.alert_id)

    assert all(len(alerts) <= 1 for alerts in weeks.values())


@few
@given(worlds())
def test_revisions_of_scores_and_alerts_count_up_by_one(events: list[Event]) -> None:
    numbers: dict[str, int] = {}
    for outcome in fold_events(*events, stream=CROWDED):
        alerts = [(alert.alert_id, alert.revision) for alert in outcome.alerts if isinstance(alert, Alert)]
        for key, revision in [(score.score_id, score.revision) for score in outcome.scores] + alerts:
            assert revision == numbers.get(key, -1) + 1
            numbers[key] = revision


@few
@given(worlds())
def test_a_repetition_writes_nothing(events: list[Event]) -> None:
    state: State = {}
    for record in admit_events(events):
        fold_one(record, state)
        again = fold_one(record.model_copy(update={"offset": record.offset}), dict(state))

        assert not again.changes


# The vector, counted by hand over the source events

LEVELS = (
    {"referral.received.v1"},
    {"assessment.started.v1", "assessment.completed.v1"},
    {"cin_plan.started.v1"},
    {"s47.started.v1"},
    {"cp_conference.held.v1"},
    {"cp_plan.started.v1"},
    {"pre_proceedings.started.v1"},
    {"cla.started.v1"},
)
AFTER_A_CLOSURE_OF_THE_DAY = {"closure.recorded.v1", "missing.started.v1", "police.incident_notified.v1", "school.excluded.v1"}
Vector = dict[str, float | None]


def _child(event: Event) -> str:
    return str(event["data"]["people"][0]["identifiers"][0]["value"])


def _count(events: list[Event], kind: str, since: date, **where: object) -> float:
    number = 0
    for event in events:
        if kind_of(event) == kind and day_of(event) >= since and all(event["data"].get(k) == v for k, v in where.items()):
            number += 1
    return float(number)


def _rung(events: list[Event]) -> float | None:
    reached = [rung for event in events for rung, kinds in enumerate(LEVELS, start=1) if kind_of(event) in kinds]
    return float(max(reached)) if reached else None


def _days(later: date, earlier: list[date]) -> float | None:
    return float((later - earlier[0]).days) if earlier else None


def _vector_by_hand(closure: Event, before: list[Event]) -> Vector:
    """The vector of a closure given the events that stood before it in the log, each id once, in its last version."""
    day, child, referral = day_of(closure), _child(closure), closure["data"].get("referral_date")
    related = {
        person["identifiers"][0]["value"] for event in before if event["data"].get("relations") for person in event["data"]["people"]
    }
    own: list[Event] = []
    others: list[Event] = []
    for event in before:
        people = {person["identifiers"][0]["value"] for person in event["data"]["people"]}
        same_episode = event["data"].get("referral_date") == referral and "referral_date" in event["data"]
        on_the_day = day_of(event) == day and same_episode and kind_of(event) not in AFTER_A_CLOSURE_OF_THE_DAY
        if child in people and (day_of(event) < day or on_the_day):
            own.append(event)
        if child in related and day_of(event) < day:
            others.extend(event for relative in people if relative in related and relative != child)
    episode = [event for event in own if event["data"].get("referral_date") == referral]
    year, two, five, ever = (day - timedelta(days=days) for days in (365, 730, 1826, 7305))
    kinds = {kind: sorted(day_of(e) for e in own if kind_of(e) == kind) for kind in {kind_of(e) for e in own}}
    later_half = _count(own, "referral.received.v1", year)
    opened = [day_of(e) for e in episode if kind_of(e) == "referral.received.v1"]
    assessed = sorted(day_of(e) for e in episode if kind_of(e) == "assessment.started.v1")
    texts = sorted(day_of(e) for e in episode if kind_of(e) == "document.recorded.v1")
    words = [len(e["data"]["text"].split()) for e in episode if kind_of(e) == "document.recorded.v1"]
    factors = {f for e in episode for f in e["data"].get("factors", ())}
    any_assessment = any(kind_of(e).startswith("assessment.") for e in episode)
    return {
        "referrals_180d": _count(own, "referral.received.v1", day - timedelta(days=180)),
        "referrals_1y": later_half,
        "referrals_2y": _count(own, "referral.received.v1", two),
        "referrals_5y": _count(own, "referral.received.v1", five),
        "referrals_by_police_2y": _count(own, "referral.received.v1", two, referral_source="6"),
        "closures_1y": _count(own, "closure.recorded.v1", year),
        "closures_2y": _count(own, "closure.recorded.v1", two),
        "closures_5y": _count(own, "closure.recorded.v1", five),
        "closures_after_assessment_5y": _count(own, "closure.recorded.v1", five, closure_reason="RC8"),
        "days_since_closure": _days(day, kinds.get("closure.recorded.v1", [])[-1:]),
        "days_since_first_referral": _days(day, kinds.get("referral.received.v1", [])),
        "plans_cp_2y": _count(own, "cp_plan.started.v1", two),
        "plans_cp": _count(own, "cp_plan.started.v1", ever),
        "plans_cin_2y": _count(own, "cin_plan.started.v1", two),
        "s47_2y": _count(own, "s47.started.v1", two),
        "conferences_5y": _count(own, "cp_conference.held.v1", five),
        "looked_after_starts": _count(own, "cla.started.v1", ever),
        "highest_level": _rung(own),
        "referral_trend_2y": 2 * later_half - _count(own, "referral.received.v1", two),
        "missing_episodes_1y": _count(own, "missing.started.v1", year),
        "police_incidents_1y": _count(own, "police.incident_notified.v1", year),
        "domestic_abuse_incidents_2y": _count(own, "police.incident_notified.v1", two, domestic_abuse_flag=True),
        "exclusions_2y": _count(own, "school.excluded.v1", two),
        "early_help_2y": _count(own, "early_help.started.v1", two),
        "contacts_1y": _count(own, "contact.received.v1", year),
        "age_years": float(day.year - 2015 - ((day.month, day.day) < (3, 27))),
        "episode_days": _days(day, opened),
        "referral_to_assessment_days": _days(assessed[0], opened) if assessed and opened else None,
        "episode_level": _rung(episode),
        "episode_factors": float(len(factors)) if factors else None,
        "episode_without_assessment": 0.0 if any_assessment else 1.0,
        "family_referrals_2y": _count(others, "referral.received.v1", two) if child in related else None,
        "family_closures_2y": _count(others, "closure.recorded.v1", two) if child in related else None,
        "family_plans_cp": _count(others, "cp_plan.started.v1", ever) if child in related else None,
        "family_highest_level": _rung(others) if child in related else None,
        "text_words": float(sum(words)) if words else None,
        "text_age_days": _days(day, texts[-1:]),
        "text_missing": 0.0 if texts else 1.0,
    }


def _known_before(events: list[Event], place: int) -> list[Event]:
    """Return what stood before a place: of each event its last version, without what was retracted."""
    versions: dict[str, Event] = {}
    for event in events[:place]:
        if "event_id" in event["data"]:
            versions.pop(event["data"]["event_id"], None)
        else:
            versions[event["id"]] = event
    return [event for event in versions.values() if event["id"] != events[place]["id"]]


@settings(few, max_examples=80)
@given(worlds(one_identifier=True))
def test_the_vector_of_every_first_score_is_what_one_counts_by_hand(events: list[Event]) -> None:
    outcomes = fold_events(*events)
    for place, outcome in enumerate(outcomes):
        for score in outcome.scores:
            if score.revision == 0 and score.outcome == "scored" and score.position.offset == place:
                expected = _vector_by_hand(events[place], _known_before(events, place))

                assert {name: score.features[name] for name in expected} == expected
