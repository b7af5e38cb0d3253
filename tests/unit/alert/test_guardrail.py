"""The guardrail against binomial tails added up by hand, and what it does to alerting in a small world."""

from __future__ import annotations

from datetime import date, timedelta
from math import exp, fsum, lgamma, log, log1p

import pytest

from ecda_stream.alert.guardrail import CAUSES, Bounds, Counts, Trip, begin_day, count, counted_before, counted_on, judge, running_day
from ecda_stream.definition import GuardrailSpec
from ecda_stream.score.stream import Stream
from tests.builders import (
    Event,
    State,
    a_closure,
    a_day,
    a_document,
    a_draft,
    a_referral,
    a_stream,
    a_troubled_history,
    alerts_in,
    changed,
    fold_events,
    notices_in,
    scores_in,
)
from tests.unit.alert.test_control import reset

SPEC = GuardrailSpec(window_days=28, p_value=1e-5, fewest=20, reference_days=365, fewest_reference=300)
FIRST = date(2025, 1, 1)
ANY_DAY = Bounds()


def upper_tail(successes: int, trials: int, share: float) -> float:
    """The probability of so many successes or more, term by term."""

    def term(k: int) -> float:
        ways = lgamma(trials + 1) - lgamma(k + 1) - lgamma(trials - k + 1)
        return exp(ways + k * log(share) + (trials - k) * log1p(-share))

    return fsum(term(k) for k in range(successes, trials + 1))


def judged(days: list[Counts], bounds: Bounds = ANY_DAY, alert_rate: float | None = None, spec: GuardrailSpec = SPEC) -> Trip | None:
    """Judge at the start of the day after days of these counts."""
    state: State = {}
    for number, counts in enumerate([*days, None]):
        draft = a_draft(state)
        begin_day(draft, "881", FIRST + timedelta(days=number), 2 * number)
        if counts is not None:
            count(draft, "881", FIRST + timedelta(days=number), counts, 2 * number + 1)
        state.update(draft.changes)
    today = FIRST + timedelta(days=len(days))
    return judge(a_draft(state), "881", today, spec, bounds, alert_rate, 2 * len(days))


def a_usual_day(groups: int = 20, alerts: int = 1, **shares: int) -> Counts:
    return Counts(groups=groups, alerts=alerts, **{"episode": groups, "history": groups // 2, "text": groups, **shares})


YEAR = [a_usual_day()] * 393


def test_nothing_unusual_trips_nothing() -> None:
    assert judged(YEAR) is None


def test_a_rise_trips_exactly_where_its_exact_probability_falls_below_the_bound() -> None:
    """5 % of 20 a day. In the window of 560, k alerts: P(X >= k) term by term, with the year before as the reference."""
    for extra in range(28, 60):
        window = [a_usual_day(alerts=1)] * 27 + [a_usual_day(alerts=extra - 27)]
        trip = judged([*YEAR[:365], *window])
        p_value = upper_tail(extra, 560, 0.05)

        assert (trip is not None) == (p_value < 1e-5), extra
        if trip is not None:
            assert trip.cause == "alert-rate"
            assert trip.figures["p_value"] == pytest.approx(p_value, rel=0.05)
            assert (trip.figures["cases"], trip.figures["expected"]) == (560, 0.05)


def test_a_doubled_alert_rate_at_200_a_day_trips_within_a_week_or_two_of_its_beginning() -> None:
    usual, doubled = a_usual_day(groups=200, alerts=12), a_usual_day(groups=200, alerts=24)
    first = next(day for day in range(1, 29) if judged([*[usual] * 393, *[doubled] * day]) is not None)

    assert first == next(day for day in range(1, 29) if upper_tail(12 * 28 + 12 * day, 5600, 0.06) < 1e-5)
    assert first <= 14


def test_a_higher_rate_that_an_authority_has_had_for_a_year_is_normal() -> None:
    assert judged([a_usual_day(alerts=3)] * 393, alert_rate=0.06) is None


def test_before_there_is_a_year_the_rate_of_the_model_is_what_is_expected() -> None:
    fortnight = [a_usual_day(alerts=6)] * 14

    assert judged(fortnight) is None
    trip = judged(fortnight, alert_rate=0.06)
    assert trip is not None
    assert trip.figures["expected"] == 0.06


def test_fewer_than_twenty_cases_say_nothing() -> None:
    assert judged([a_usual_day(groups=19, alerts=19)], alert_rate=0.06) is None
    assert judged([a_usual_day(groups=20, alerts=20)], alert_rate=0.06) is not None


@pytest.mark.parametrize("share", ["episode", "history", "text"])
def test_a_share_that_is_lost_trips_under_its_own_name(share: str) -> None:
    lost = Counts(**{**vars(a_usual_day()), share: 0})

    trip = judged([*YEAR, *[lost] * 7])

    assert trip is not None
    assert trip.cause == f"{share}-share"
    assert trip.cause in CAUSES


def test_a_lost_feed_of_texts_at_200_a_day_trips_within_two_days() -> None:
    usual = a_usual_day(groups=200, alerts=12, history=110, text=180)
    lost = Counts(**{**vars(usual), "text": 0})

    assert [judged([*[usual] * 393, *[lost] * days]) is not None for days in (0, 1, 2)] == [False, False, True]


def test_a_share_that_rises_trips_nothing() -> None:
    assert judged([*YEAR, *[a_usual_day(history=20)] * 28]) is None


def test_a_few_missing_texts_among_thousands_are_significant_and_trip_nothing() -> None:
    """560 of which 20 without a text, 0 of 7,300 before: p is far below the bound, the share falls by 3.6 points."""
    window = [a_usual_day(text=20)] * 26 + [a_usual_day(text=10)] * 2

    assert judged([*YEAR[:365], *window]) is None


def test_a_source_that_never_sent_texts_trips_nothing() -> None:
    assert judged([a_usual_day(text=0)] * 393) is None


def test_what_was_before_a_reset_does_not_trip_it_again() -> None:
    wrong = [a_usual_day(alerts=10)] * 10
    after_reset = FIRST + timedelta(days=len(YEAR) + len(wrong))

    assert judged([*YEAR, *wrong]) is not None
    assert judged([*YEAR, *wrong, *[a_usual_day()] * 10], Bounds(reset=after_reset)) is None
    assert judged([*YEAR, *wrong, *[a_usual_day(alerts=10)] * 10], Bounds(reset=after_reset)) is not None


def test_what_was_accepted_as_normal_is_what_is_compared_with_from_then_on() -> None:
    new = [a_usual_day(alerts=3)] * 60
    accepted = FIRST + timedelta(days=len(YEAR) + 10)
    bounds = Bounds(reset=accepted, accepted=accepted)

    assert judged([*YEAR, *new], Bounds(reset=accepted), alert_rate=0.05) is not None
    assert judged([*YEAR, *new], bounds, alert_rate=0.05) is None
    assert judged([*YEAR, *new, *[a_usual_day(alerts=12)] * 14], bounds, alert_rate=0.05) is not None


def test_another_model_is_compared_with_what_it_expects_itself() -> None:
    activated = FIRST + timedelta(days=len(YEAR))
    new = [a_usual_day(alerts=3)] * 14

    assert judged([*YEAR, *new], alert_rate=0.05) is not None
    assert judged([*YEAR, *new], Bounds(model=activated), alert_rate=0.15) is None


def test_counts_of_a_day_add_up_over_chunks_and_as_of_an_offset() -> None:
    state: State = {}
    draft = a_draft(state)
    begin_day(draft, "881", FIRST, 0)
    for offset in range(1, 1500, 100):
        count(draft, "881", FIRST, a_usual_day(groups=1, alerts=0), offset)

    assert counted_on(draft, "881", FIRST, 10_000).groups == 15
    assert counted_on(draft, "881", FIRST, 550).groups == 6
    begin_day(draft, "881", FIRST + timedelta(days=40), 2000)
    assert counted_before(draft, "881", FIRST + timedelta(days=1), 2000).groups == 15
    assert running_day(draft, "881", 2000) == FIRST + timedelta(days=40)
    assert running_day(draft, "881", 1999) == FIRST


# In a small world

SMALL = a_stream(capacity=100).definition
SMALL_SPEC = SPEC.model_copy(update={"fewest": 5, "fewest_reference": 40})
STREAM = Stream(SMALL.model_copy(update={"policy": SMALL.policy.model_copy(update={"guardrail": SMALL_SPEC})}), a_stream().models)


def quiet(number: int, day: date) -> list[Event]:
    """Return an episode of a child of its own, referred two weeks before, with a text."""
    child, referral = f"Q{number}", (day - timedelta(days=14)).isoformat()
    return [a_referral(child, referral), a_document(child, referral, referral), a_closure(child, day.isoformat(), referral)]


QUIET_YEAR = [event for number in range(45) for event in quiet(number, date(2025, 1, 20) + timedelta(days=8 * number))]


def troubled(children: int) -> tuple[list[Event], list[Event]]:
    """Return the histories of children with 8 points each, and their closures on one day."""
    histories = [a_troubled_history(f"T{number}") for number in range(children)]
    return [event for history in histories for event in history[:-1]], [history[-1] for history in histories]


def test_many_alerts_at_once_stop_alerting_from_the_next_day_on_until_a_reset() -> None:
    before, closures = troubled(8)
    more = [changed(a_closure(f"T{number}", "2026-03-04", "2026-01-05"), arrivedtime="2026-03-04T09:00:00Z") for number in (6, 7)]
    outcomes = fold_events(
        *QUIET_YEAR, *before, *closures[:6], a_day("2026-03-03"), more[0], reset(day="2026-03-04"), more[1], stream=STREAM
    )
    [stopped, resumed] = notices_in(outcomes)

    assert [alert.status for alert in alerts_in(outcomes)] == ["open"] * 7
    assert (stopped.cause, stopped.status, stopped.since.isoformat()) == ("alert-rate", "stopped", "2026-03-03T00:00:00+00:00")
    assert stopped.figures["cases"] == 6
    assert stopped.figures["expected"] < 0.03
    assert [score.decision.reason for score in scores_in(outcomes) if score.closing_day.isoformat() == "2026-03-04"] == [
        "alerting-stopped",
        "at-or-above-threshold",
    ]
    assert resumed.status == "resumed"


def test_closures_without_anything_known_stop_alerting() -> None:
    empty = [a_closure(f"E{number}", f"2026-03-0{1 + number // 4}", None, id=f"e{number}") for number in range(16)]
    outcomes = fold_events(*QUIET_YEAR, *empty, stream=STREAM)
    [notice] = notices_in(outcomes)

    assert notice.cause in {"episode-share", "text-share"}
    assert notice.since.date().isoformat() == "2026-03-03"


def test_what_arrives_too_late_does_not_count() -> None:
    before, closures = troubled(8)
    late = [changed(closure, arrivedtime="2026-05-04T09:00:00Z") for closure in closures]

    assert notices_in(fold_events(*QUIET_YEAR, *before, *late, a_day("2026-05-05"), stream=STREAM)) == []
