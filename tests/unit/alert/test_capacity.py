"""The week's places: what goes out, what waits, who comes first when a week begins, and what waited for too long."""

from __future__ import annotations

from collections import Counter

from ecda_stream.pipeline import Outcome
from ecda_stream.score.stream import Stream
from tests.builders import (
    Event,
    State,
    a_closure,
    a_cp_plan,
    a_day,
    a_retraction,
    a_stream,
    a_troubled_history,
    alerts_in,
    an_event,
    arriving,
    fold_events,
    scores_in,
    siblings,
)

TWO_A_WEEK = a_stream(capacity=2)
MONDAY, TUESDAY, SUNDAY, NEXT_MONDAY = "2026-03-02", "2026-03-03", "2026-03-08", "2026-03-09"
CROWD = ("C1", "C2", "C3", "C4")


def closing(*children: str) -> list[Event]:
    """Return children with 8 points each who are closed one after the other on the Monday, with all that came before."""
    histories = [a_troubled_history(child) for child in children]
    return [event for history in histories for event in history[:-1]] + [history[-1] for history in histories]


def decisions_of(outcomes: list[Outcome]) -> list[tuple[bool, bool, str]]:
    """Return alert, held and reason of the scores of the closing day."""
    return [
        (score.decision.alert, score.decision.held, score.decision.reason)
        for score in scores_in(outcomes)
        if score.closing_day.isoformat() == MONDAY
    ]


def folded(*events: Event, stream: Stream = TWO_A_WEEK, state: State | None = None) -> list[Outcome]:
    return fold_events(*events, stream=stream, state=state)


def test_the_first_of_a_week_go_out_and_the_rest_is_held() -> None:
    outcomes = folded(*closing(*CROWD))

    assert decisions_of(outcomes) == [(True, False, "at-or-above-threshold")] * 2 + [(False, True, "held-for-capacity")] * 2
    assert [alert.status for alert in alerts_in(outcomes)] == ["open", "open"]


def test_what_is_held_goes_out_when_the_next_week_begins_with_its_own_score() -> None:
    outcomes = folded(*closing(*CROWD), a_day(NEXT_MONDAY))
    released = outcomes[-1]

    assert [(alert.status, alert.revision, alert.status_reason) for alert in alerts_in([released])] == [
        ("open", 0, "released-from-hold")
    ] * 2
    assert [(score.revision, score.decision.alert, score.decision.reason) for score in released.scores] == [
        (1, True, "released-from-hold")
    ] * 2
    assert [score.features for score in released.scores] == [score.features for score in scores_in(outcomes[-3:-1])]
    assert [alert.raised_at.isoformat() for alert in alerts_in([released])] == ["2026-03-09T00:00:00+00:00"] * 2
    assert [alert.review_by.isoformat() for alert in alerts_in([released])] == ["2026-03-19"] * 2


def test_nothing_is_released_within_the_week() -> None:
    outcomes = folded(*closing(*CROWD), a_day(TUESDAY), a_day(SUNDAY))

    assert len(alerts_in(outcomes)) == 2


def test_what_is_released_leaves_no_place_to_what_closes_that_week() -> None:
    late = a_troubled_history("C5")
    outcomes = folded(*late[:-1], *closing(*CROWD), a_day(NEXT_MONDAY), arriving(late[-1], "2026-03-10"))

    assert scores_in(outcomes)[-1].decision.reason == "held-for-capacity"


def test_the_highest_score_is_released_first() -> None:
    plan = a_cp_plan("C4")  # 3 points more
    outcomes = folded(plan, *closing(*CROWD, "C5", "C6"), a_day(NEXT_MONDAY))
    held = [score for score in scores_in(outcomes) if score.decision.held]

    assert [score.points for score in held] == [8, 11, 8, 8]
    assert [score.points for score in outcomes[-1].scores] == [11, 8]
    assert outcomes[-1].scores[1].score_id == held[0].score_id


def test_nothing_held_is_ever_dropped_before_its_time() -> None:
    weeks = [a_day(day) for day in ("2026-03-09", "2026-03-16", "2026-03-23")]
    outcomes = folded(*closing(*[f"C{number}" for number in range(8)]), *weeks)

    assert Counter(len(alerts_in([outcome])) for outcome in outcomes[-3:]) == {2: 3}
    assert len({alert.alert_id for alert in alerts_in(outcomes)}) == 8


def test_siblings_need_one_place() -> None:
    outcomes = folded(siblings("C1", "C2", "C3"), *closing(*CROWD), stream=a_stream(capacity=1))

    assert [len(alert.children) for alert in alerts_in(outcomes)] == [1, 2, 3]
    assert decisions_of(outcomes)[-1] == (False, True, "held-for-capacity")


def test_siblings_wait_together_and_go_out_together() -> None:
    family = [siblings("C2", "C3"), *closing("C1", "C2", "C3")]
    outcomes = folded(*family, a_day(NEXT_MONDAY), stream=a_stream(capacity=1))
    [alert] = alerts_in(outcomes[-1:])

    assert decisions_of(outcomes[:-1])[-2:] == [(False, True, "held-for-capacity")] * 2
    assert [child.score_revision for child in alert.children] == [1, 1]


def test_an_authority_can_have_places_of_its_own() -> None:
    more = TWO_A_WEEK.definition.policy.model_copy(update={"capacity_of": {"881": 3}})
    stream = Stream(TWO_A_WEEK.definition.model_copy(update={"policy": more}), TWO_A_WEEK.models)

    assert len(alerts_in(folded(*closing(*CROWD), stream=stream))) == 3


def test_late_news_of_what_is_held_changes_it_and_sends_nothing() -> None:
    outcomes = folded(*closing("C1", "C2", "C3"), a_cp_plan("C3"))
    last = outcomes[-1]

    assert [(score.points, score.decision.held, score.decision.reason) for score in last.scores] == [(11, True, "held-for-capacity")]
    assert last.alerts == ()


def test_what_is_held_and_falls_below_is_not_sent() -> None:
    history = closing("C1", "C2", "C3")
    first_referral_of_the_third = next(event for event in history if "C3" in event["id"])
    outcomes = folded(*history, a_retraction(first_referral_of_the_third), a_day(NEXT_MONDAY))

    assert scores_in(outcomes)[-1].decision.reason == "fell-below-threshold"
    assert outcomes[-1].alerts == ()


def test_what_is_held_and_retracted_is_not_sent() -> None:
    history = closing("C1", "C2", "C3")
    outcomes = folded(*history, a_retraction(history[-1]), a_day(NEXT_MONDAY))

    assert scores_in(outcomes)[-1].reason == "retracted"
    assert outcomes[-1].alerts == ()


def test_what_is_released_and_revised_with_one_entry_has_both_revisions() -> None:
    """The plan arrives first on the Monday: the week begins with it."""
    outcomes = folded(*closing("C1", "C2", "C3"), arriving(a_cp_plan("C3"), NEXT_MONDAY))
    [alert] = alerts_in(outcomes[-1:])

    assert [(score.revision, score.points, score.decision.reason) for score in outcomes[-1].scores] == [
        (1, 8, "released-from-hold"),
        (2, 11, "still-at-or-above-threshold"),
    ]
    assert (alert.revision, alert.children[0].points, alert.children[0].score_revision) == (0, 11, 2)


def test_what_is_held_for_too_long_is_not_sent_and_says_so() -> None:
    """Held on 2 March, places for nobody but the first two: after 60 days, on 1 May, it is still held; on 2 May it is over."""
    shadow = an_event("mode.changed.v1", None, stream="re_referral", mode="shadow", reason="trial", decision_date=TUESDAY)
    before = folded(*closing("C1", "C2", "C3"), arriving(shadow, TUESDAY), a_day("2026-05-01"))
    after = folded(*closing("C1", "C2", "C3"), arriving(shadow, TUESDAY), a_day("2026-05-01"), a_day("2026-05-02"))

    assert scores_in(before)[-1].decision.reason == "held-for-capacity"
    [last] = after[-1].scores
    assert (last.revision, last.decision.alert, last.decision.held, last.decision.reason) == (1, False, False, "expired-while-held")


def test_what_expires_on_the_first_day_of_a_week_is_not_released_with_it() -> None:
    policy = TWO_A_WEEK.definition.policy.model_copy(update={"expires_after_days": 5})
    quick = Stream(TWO_A_WEEK.definition.model_copy(update={"policy": policy}), TWO_A_WEEK.models)
    outcomes = folded(*closing(*CROWD), a_day(NEXT_MONDAY), stream=quick)

    assert [score.decision.reason for score in outcomes[-1].scores] == ["expired-while-held"] * 2
    assert [alert.status for alert in alerts_in(outcomes[-1:])] == ["expired"] * 2


def test_an_alert_that_nobody_decided_on_expires_the_day_after_its_last() -> None:
    opened, expired = alerts_in(folded(*closing("C1"), a_day("2026-05-01"), a_day("2026-05-02")))

    assert opened.expires_on.isoformat() == "2026-05-01"
    assert (expired.status, expired.status_reason, expired.revision) == ("expired", "expired", 1)


def test_a_log_that_pauses_for_years_expires_what_was_out() -> None:
    assert [alert.status for alert in alerts_in(folded(*closing("C1"), a_day("2031-01-01")))] == ["open", "expired"]


def test_an_expired_alert_is_opened_again_by_a_sibling_of_that_day_in_a_place_of_its_own() -> None:
    """The sibling's closure arrives in time for its own decision, 27 days after it happened."""
    family = [siblings("C1", "C2"), *closing("C1")]
    sibling = a_troubled_history("C2")
    quick = TWO_A_WEEK.definition.policy.model_copy(update={"expires_after_days": 20})
    stream = Stream(TWO_A_WEEK.definition.model_copy(update={"policy": quick}), TWO_A_WEEK.models)
    alerts = alerts_in(folded(*sibling[:-1], *family, a_day("2026-03-24"), arriving(sibling[-1], "2026-03-29"), stream=stream))

    assert [(alert.status, len(alert.children)) for alert in alerts] == [("open", 1), ("expired", 1), ("open", 2)]
    assert alerts[-1].raised_at.date().isoformat() == "2026-03-29"


def test_an_alert_withdrawn_and_raised_again_within_a_week_needs_no_second_place() -> None:
    history = closing("C1", "C2")
    outcomes = folded(*history, a_retraction(history[-1], TUESDAY), arriving(history[-1], "2026-03-05"))

    assert [alert.status for alert in alerts_in(outcomes)] == ["open", "open", "withdrawn", "open"]


def test_a_closure_of_28_days_ago_is_in_time_and_one_of_29_is_not() -> None:
    [in_time] = alerts_in(folded(*closing("C1")[:-1], arriving(a_closure("C1"), "2026-03-30")))
    too_late = folded(*closing("C1")[:-1], arriving(a_closure("C1"), "2026-03-31"))

    assert in_time.status == "open"
    assert alerts_in(too_late) == []
    assert scores_in(too_late)[-1].decision.reason == "arrived-too-late"


def test_the_week_begins_at_midnight_in_london_whatever_utc_says() -> None:
    """On 29 March 2026 summer time begins: 22:30 UTC is still the Sunday in London, 23:30 UTC is the Monday."""
    history = closing(*CROWD)
    times = ("2026-03-27T09:00:00Z", "2026-03-27T09:00:00Z", "2026-03-29T22:30:00Z", "2026-03-29T23:30:00Z")
    closures = [{**closure, "arrivedtime": time} for closure, time in zip(history[-4:], times, strict=True)]
    *_, sunday, monday = folded(*history[:-4], *closures)

    assert [score.decision.reason for score in sunday.scores] == ["held-for-capacity"]
    assert [score.decision.reason for score in monday.scores] == ["released-from-hold", "at-or-above-threshold"]
