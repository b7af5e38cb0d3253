"""The audit sample: drawn by lot from below the threshold, whoever it falls on, and asked about like any other."""

from __future__ import annotations

import pytest

from ecda_stream.alert.decide import is_drawn
from ecda_stream.contract.canonical import hash_of
from tests.builders import (
    a_closure,
    a_day,
    a_referral,
    a_retraction,
    a_stream,
    a_troubled_history,
    alerts_in,
    changed,
    fold_events,
    scores_in,
    siblings,
)
from tests.unit.alert.test_capacity import NEXT_MONDAY, closing

EVERYBODY = a_stream(audit_share=1.0)
"""All that is below the threshold is drawn."""


def test_about_the_share_that_is_wanted_is_drawn() -> None:
    """20,000 tosses of a coin that falls right once in fifty: 400, with a standard deviation of 19.8."""
    drawn = sum(is_drawn("a_stream", hash_of("token", str(number)), 0.02) for number in range(20_000))

    assert 320 < drawn < 480


@pytest.mark.parametrize(("share", "expected"), [(0.0, False), (1.0, True)])
def test_none_and_all_are_shares_too(share: float, expected: bool) -> None:
    assert {is_drawn("a_stream", hash_of("token", str(number)), share) for number in range(100)} == {expected}


def test_a_wider_sample_contains_the_narrower_one() -> None:
    ids = [hash_of("token", str(number)) for number in range(2_000)]
    narrow, wide = ({name for name in ids if is_drawn("a_stream", name, share)} for share in (0.01, 0.05))

    assert narrow < wide


def test_streams_draw_apart() -> None:
    ids = [hash_of("token", str(number)) for number in range(2_000)]

    assert {name for name in ids if is_drawn("one", name, 0.05)} != {name for name in ids if is_drawn("other", name, 0.05)}


def test_a_sample_is_asked_about_in_words_of_its_own() -> None:
    outcomes = fold_events(a_referral(), a_closure(), stream=EVERYBODY)
    [alert] = alerts_in(outcomes)
    [score] = scores_in(outcomes)

    assert (alert.kind, alert.status, alert.status_reason) == ("audit_sample", "open", "audit-sample")
    assert "drawn by lot" in alert.request
    assert [child.why for child in alert.children] == ["audit"]
    assert (score.decision.alert, score.decision.audit, score.decision.reason) == (True, True, "audit-sample")


def test_what_is_at_the_threshold_is_no_sample() -> None:
    [alert] = alerts_in(fold_events(*a_troubled_history(), stream=EVERYBODY))[-1:]

    assert (alert.kind, alert.children[0].why) == ("alert", "score")


def test_a_sibling_above_the_threshold_makes_it_an_alert() -> None:
    other = a_troubled_history("C2")
    first, both = alerts_in(fold_events(siblings("C1", "C2"), a_referral(), *other[:-1], a_closure(), other[-1], stream=EVERYBODY))[-2:]

    assert (first.kind, both.kind, both.alert_id) == ("audit_sample", "alert", first.alert_id)
    assert [child.why for child in both.children] == ["audit", "score"]


def test_late_news_changes_a_sample_and_never_ends_it() -> None:
    document = changed(a_referral(day="2025-11-03"), id="late")
    opened, revised = alerts_in(fold_events(a_referral(), a_closure(), document, stream=EVERYBODY))

    assert (revised.status, revised.kind, revised.alert_id) == ("open", "audit_sample", opened.alert_id)


def test_a_sample_that_is_retracted_is_withdrawn() -> None:
    closure = a_closure()
    *_, last = alerts_in(fold_events(a_referral(), closure, a_retraction(closure), stream=EVERYBODY))

    assert (last.status, last.kind) == ("withdrawn", "audit_sample")


def test_a_sample_waits_for_a_place_and_is_released_first() -> None:
    """One place a week: the first alert has it. Three points below the threshold, drawn by lot, goes before eight."""
    stream = a_stream(capacity=1, audit_share=1.0)
    crowd = closing("C1", "C2")
    history = [event for event in crowd if "C3" not in event["id"]]
    only_last_are_on_the_monday = [changed(event, closure_reason="RC1") if _is_earlier_closure(event) else event for event in history]
    low = [a_referral("C3"), a_closure("C3")]
    outcomes = fold_events(*only_last_are_on_the_monday, *low, a_day(NEXT_MONDAY), stream=stream)
    [released] = alerts_in(outcomes[-1:])

    assert released.kind == "audit_sample"


def _is_earlier_closure(event: dict[str, object]) -> bool:
    return str(event["id"]).startswith("closure/") and not str(event["id"]).endswith("2026-01-05")
