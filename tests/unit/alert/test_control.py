"""What people decide about alerts and alerting: read from the log, followed from there on, and never without a trace."""

from __future__ import annotations

from typing import Any

import pytest

from ecda_stream.alert.group import alert_id_of
from tests.builders import (
    Event,
    a_cp_plan,
    a_day,
    a_retraction,
    a_stream,
    a_troubled_history,
    alerts_in,
    an_event,
    arriving,
    fold_events,
    notices_in,
    scores_in,
)
from tests.unit.alert.test_capacity import NEXT_MONDAY, TUESDAY, closing, decisions_of, folded

[OPENED] = alerts_in(fold_events(*a_troubled_history()))


def decided(decision: str, alert_id: str = OPENED.alert_id, day: str = TUESDAY, **changes: Any) -> Event:
    facts = {"alert_id": alert_id, "decision": decision, "reason": "file-read", "reviewer_id": "R7", "decision_date": day}
    return arriving(an_event("alert.decided.v1", None, id=f"{alert_id}/{decision}/{day}", **{**facts, **changes}), day)


def stopped(authority: str = "*", day: str = "2026-03-01", **changes: Any) -> Event:
    facts = {"stream": "re_referral", "reason": "trial", "decision_date": day, "authority": authority}
    source = f"/{authority}/review"
    return arriving(an_event("alerting.stopped.v1", None, id=f"stop/{authority}/{day}", source=source, **{**facts, **changes}), day)


def reset(authority: str = "*", day: str = TUESDAY, **changes: Any) -> Event:
    facts = {"stream": "re_referral", "reason": "looked-into", "decision_date": day, "authority": authority}
    source = f"/{authority}/review"
    return arriving(an_event("guardrail.reset.v1", None, id=f"reset/{authority}/{day}", source=source, **{**facts, **changes}), day)


# What a reviewer made of an alert


@pytest.mark.parametrize("decision", ["agree", "disagree", "wrong_data"])
def test_a_decision_closes_the_alert(decision: str) -> None:
    opened, closed = alerts_in(fold_events(*a_troubled_history(), decided(decision)))

    assert (closed.alert_id, closed.revision, closed.status) == (opened.alert_id, 1, "closed")
    assert closed.status_reason == f"decided-{decision.replace('_', '-')}"
    assert closed.decision is not None
    assert (closed.decision.verdict, closed.decision.reason, closed.decision.decided_on.isoformat()) == (decision, "file-read", TUESDAY)
    assert closed.children == opened.children


def test_who_asks_for_information_leaves_it_open() -> None:
    *_, asked = alerts_in(fold_events(*a_troubled_history(), decided("need_information")))

    assert (asked.status, asked.status_reason) == ("open", "decided-need-information")


def test_a_second_decision_replaces_the_first() -> None:
    *_, last = alerts_in(fold_events(*a_troubled_history(), decided("need_information"), decided("disagree", day="2026-03-05")))

    assert (last.revision, last.status) == (2, "closed")
    assert last.decision is not None
    assert last.decision.verdict == "disagree"


def test_a_decided_alert_does_not_expire() -> None:
    assert [alert.status for alert in alerts_in(fold_events(*a_troubled_history(), decided("agree"), a_day("2026-06-01")))] == [
        "open",
        "closed",
    ]


def test_an_expired_alert_can_still_be_decided_on() -> None:
    events = [*a_troubled_history(), a_day("2026-06-01"), decided("agree", day="2026-06-02")]

    assert [alert.status for alert in alerts_in(fold_events(*events))] == ["open", "expired", "closed"]


def test_late_news_changes_what_a_closed_alert_says_and_leaves_it_closed() -> None:
    *_, closed, revised = alerts_in(fold_events(*a_troubled_history(), decided("disagree"), arriving(a_cp_plan(), "2026-03-04")))

    assert (revised.status, revised.status_reason, revised.decision) == ("closed", "decided-disagree", closed.decision)
    assert revised.children[0].points == 11


def test_a_closed_alert_whose_closure_is_retracted_is_withdrawn_with_its_decision() -> None:
    history = a_troubled_history()
    *_, last = alerts_in(fold_events(*history, decided("wrong_data"), arriving(a_retraction(history[-1]), "2026-03-05")))

    assert (last.status, last.status_reason) == ("withdrawn", "retracted")
    assert last.decision is not None


@pytest.mark.parametrize(
    "wrong",
    [
        decided("agree", alert_id="0" * 32),
        decided("agree", authority="882", source="/882/review"),
    ],
    ids=["no such alert", "an alert of another authority"],
)
def test_a_decision_about_nothing_we_sent_is_ignored(wrong: Event) -> None:
    outcome = fold_events(*a_troubled_history(), wrong)[-1]

    assert (outcome.ignored, outcome.alerts) == ("no-such-alert", ())


def test_a_decision_about_what_is_held_is_ignored_because_nobody_was_asked() -> None:
    outcomes = folded(*closing("C1", "C2", "C3"))
    [held] = [score for score in scores_in(outcomes) if score.decision.held]
    wrong = decided("agree", alert_id=alert_id_of("re_referral", held.event_id))

    assert folded(*closing("C1", "C2", "C3"), wrong)[-1].ignored == "no-such-alert"


# The kill switch


def test_the_kill_switch_scores_on_and_alerts_nobody() -> None:
    outcomes = fold_events(stopped("881"), *a_troubled_history())

    assert alerts_in(outcomes) == []
    assert decisions_of(outcomes) == [(False, False, "alerting-stopped")]


def test_it_says_so_among_the_alerts_for_each_authority_known() -> None:
    outcomes = fold_events(*a_troubled_history(), stopped("*", TUESDAY))
    [notice] = notices_in(outcomes)

    assert (notice.authority, notice.status, notice.cause, notice.mode) == ("881", "stopped", "kill-switch", "demo")
    assert notice.since.isoformat() == "2026-03-03T09:00:00+00:00"


def test_what_was_out_stays_out_and_what_was_held_stays_held() -> None:
    outcomes = folded(*closing("C1", "C2", "C3"), stopped("*", TUESDAY), a_day(NEXT_MONDAY))

    assert [alert.status for alert in alerts_in(outcomes)] == ["open", "open"]


def test_a_named_reset_lets_it_go_on_and_says_so() -> None:
    outcomes = folded(*closing("C1", "C2", "C3"), stopped("*", TUESDAY), reset(day="2026-03-04"), a_day(NEXT_MONDAY))
    first, second = notices_in(outcomes)

    assert (second.status, second.cause, second.notice_id) == ("resumed", "looked-into", first.notice_id)
    assert [alert.status_reason for alert in alerts_in(outcomes)][-1] == "released-from-hold"


def test_what_was_decided_meanwhile_is_not_decided_again() -> None:
    outcomes = fold_events(stopped("881"), *a_troubled_history(), reset("881"), a_cp_plan())

    assert [score.decision.reason for score in outcomes[-1].scores] == ["alerting-stopped"]
    assert alerts_in(outcomes) == []


def test_a_reset_of_one_authority_leaves_the_others_stopped() -> None:
    elsewhere = [{**event, "authority": "882", "source": "/882/case_system"} for event in a_troubled_history("C9")]
    outcomes = fold_events(
        *a_troubled_history()[:-1], *elsewhere[:-1], stopped("*"), reset("882"), a_troubled_history()[-1], elsewhere[-1]
    )

    assert [alert.authority for alert in alerts_in(outcomes)] == ["882"]


def test_a_reset_of_what_is_not_stopped_is_ignored() -> None:
    assert fold_events(*a_troubled_history(), reset())[-1].ignored == "not-stopped"


def test_another_stream_is_not_stopped() -> None:
    assert len(alerts_in(fold_events(stopped("881", stream="another"), *a_troubled_history()))) == 1


def test_in_shadow_the_alerts_topic_stays_silent() -> None:
    facts = {"stream": "re_referral", "mode": "shadow", "reason": "trial", "decision_date": "2026-03-01"}
    shadow = an_event("mode.changed.v1", None, **facts)

    assert not any(outcome.alerts for outcome in fold_events(shadow, *a_troubled_history(), stopped("881", TUESDAY)))


def test_after_shadow_nothing_of_that_time_is_raised() -> None:
    facts = {"stream": "re_referral", "reason": "trial", "decision_date": "2026-03-01"}
    shadow, demo = (an_event("mode.changed.v1", None, id=mode, mode=mode, **facts) for mode in ("shadow", "demo"))
    outcomes = fold_events(shadow, *a_troubled_history(), demo, a_day(NEXT_MONDAY), a_cp_plan(), stream=a_stream())

    assert alerts_in(outcomes) == []
