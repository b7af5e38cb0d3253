"""Each decision, in a world that gives it."""

from __future__ import annotations

from ecda_stream.alert.decide import DECISIONS
from tests.builders import (
    Event,
    a_closure,
    a_cp_plan,
    a_referral,
    a_retraction,
    a_stream,
    a_troubled_history,
    an_event,
    arriving,
    changed,
    fold_events,
)

TROUBLED = a_troubled_history()
SHADOW = an_event("mode.changed.v1", None, stream="re_referral", mode="shadow", reason="trial", decision_date="2024-01-01")

STOPPED = an_event("alerting.stopped.v1", None, stream="re_referral", reason="trial", decision_date="2024-01-01")


def _last(*events: Event) -> tuple[bool, str]:
    scores = [score for outcome in fold_events(*events) for score in outcome.scores]
    return scores[-1].decision.alert, scores[-1].decision.reason


WORLDS: dict[str, tuple[list[Event], bool]] = {
    "not-scored": ([a_closure(closure_reason="RC1")], False),
    "below-threshold": ([a_closure()], False),
    "at-or-above-threshold": (TROUBLED, True),
    "shadow-mode": ([SHADOW, *TROUBLED], False),
    # an s47 adds a point, to 9
    "still-at-or-above-threshold": ([*TROUBLED, an_event("s47.started.v1", start_date="2026-01-20", referral_date="2026-01-05")], True),
    # without one of four referrals: 2 + 1 + 4 + 1 - 1 = 7
    "fell-below-threshold": ([*TROUBLED, a_retraction(TROUBLED[0])], False),
    # 7 points without the first referral, which arrives late
    "late-information-never-raises": ([*TROUBLED[1:], TROUBLED[0]], False),
    "arrived-too-late": ([*TROUBLED[:-1], arriving(TROUBLED[-1], "2026-03-31")], False),
    "alerting-stopped": ([STOPPED, *TROUBLED], False),
}
OF_ITS_OWN = {"audit-sample", "held-for-capacity", "released-from-hold", "expired-while-held"}
"""Decisions that need many closures: tests/unit/alert/test_capacity.py and test_audit.py."""


def test_every_decision_has_a_world() -> None:
    assert {reason: _last(*events) for reason, (events, _) in WORLDS.items()} == {
        reason: (alert, reason) for reason, (_, alert) in WORLDS.items()
    }
    assert set(WORLDS) | OF_ITS_OWN == set(DECISIONS)


def test_the_threshold_itself_is_enough() -> None:
    [score] = fold_events(*TROUBLED, stream=a_stream(threshold=8))[-1].scores

    assert (score.points, score.decision.alert) == (8, True)
    assert fold_events(*TROUBLED, stream=a_stream(threshold=8.5))[-1].scores[0].decision.alert is False


def test_a_closure_recorded_again_after_a_retraction_may_raise_again() -> None:
    again = [*TROUBLED[:-1], TROUBLED[-1], a_retraction(TROUBLED[-1]), TROUBLED[-1]]

    assert _last(*again) == (True, "at-or-above-threshold")


def test_a_closure_corrected_to_one_that_is_scored_may_raise() -> None:
    died = changed(TROUBLED[-1], closure_reason="RC2")

    assert _last(*TROUBLED[:-1], died) == (False, "not-scored")
    assert _last(*TROUBLED[:-1], died, TROUBLED[-1]) == (True, "at-or-above-threshold")


def test_an_alert_that_fell_below_does_not_stand_again() -> None:
    fell = [*TROUBLED, a_retraction(TROUBLED[0])]

    assert _last(*fell, a_cp_plan()) == (False, "late-information-never-raises")


def test_a_repeated_closure_decides_nothing() -> None:
    assert fold_events(*TROUBLED, TROUBLED[-1])[-1].scores == ()


def test_back_from_shadow_nothing_is_raised_afterwards() -> None:
    back = changed(SHADOW, id="back", mode="demo")

    assert _last(SHADOW, *TROUBLED, back, a_cp_plan()) == (False, "shadow-mode")


def test_a_demonstration_is_stamped_on_score_and_alert() -> None:
    outcome = fold_events(*TROUBLED)[-1]

    assert outcome.scores[0].mode == outcome.alerts[0].mode == "demo"


def test_live_without_its_papers_is_shadow() -> None:
    live = changed(SHADOW, mode="live")

    assert fold_events(live, a_referral(), a_closure())[-1].scores[0].mode == "shadow"
