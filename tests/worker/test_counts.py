"""What is counted of scores, alerts, notices, decisions and sources; and nothing before it is durable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ecda_stream.score.stream import Stream
from ecda_stream.worker.metrics import PROBABILITY_BUCKETS, Metrics
from ecda_stream.worker.runs import Runs
from tests.builders import (
    Event,
    a_closure,
    a_contact,
    a_referral,
    a_stream,
    a_troubled_history,
    admit_events,
    admitted,
    alerts_in,
    fold_all,
    fold_events,
)
from tests.unit.alert.test_control import decided, reset, stopped
from tests.worker.counting import Post, a_record, count_admitted, count_folded, count_one, series_of, some_runs

LABELS = """authority cause decision digest kind le measure outcome partition reason reason_code stage status stream system table topic
type version"""
"""Each takes its values from a short list, or is a code of an authority, a system or a release."""


def counted(events: Sequence[Event], stream: Stream | None = None) -> Metrics:
    runs = some_runs()
    log = admit_events(events)
    count_folded(runs, log, fold_all(log, stream))
    return runs.metrics


def with_probability(*probabilities: float | None) -> Runs:
    """Return the runs of a worker that scored one closure after the other."""
    runs = some_runs()
    [*_, closed] = admit_events(a_troubled_history())
    outcome = fold_events(*a_troubled_history())[-1]
    for probability in probabilities:
        score = outcome.scores[0].model_copy(update={"probability": probability})
        assert closed.value is not None
        count_one(runs, closed.value, replace(outcome, scores=(score,)))
    return runs


def test_probabilities_fall_into_buckets_up_to_and_including_their_bound() -> None:
    buckets = series_of(with_probability(0.001, 0.04, 0.05, 0.9).metrics, "ecda_score_probability_bucket")

    assert {le: number for (_, le), number in buckets.items() if le in ("0.002", "0.03", "0.05", "0.5", "1.0")} == {
        "0.002": 1, "0.03": 1, "0.05": 3, "0.5": 3, "1.0": 4,
    }  # fmt: skip


def test_a_score_without_a_probability_has_no_place_among_them() -> None:
    assert series_of(with_probability(None).metrics, "ecda_score_probability_count") == {}


def test_the_buckets_are_finest_around_the_base_rate() -> None:
    around = [bucket for bucket in PROBABILITY_BUCKETS if 0.01 <= bucket <= 0.12]

    assert len(around) >= len(PROBABILITY_BUCKETS) / 2
    assert PROBABILITY_BUCKETS[-1] == 1.0


def test_an_alert_is_counted_by_status_and_kind() -> None:
    assert series_of(counted(a_troubled_history()), "ecda_alerts_total") == {("re_referral", "open", "alert"): 1}


def test_an_audit_sample_is_an_alert_of_its_own_kind() -> None:
    metrics = counted([a_referral(), a_closure()], a_stream(audit_share=1.0))

    assert series_of(metrics, "ecda_alerts_total") == {("re_referral", "open", "audit_sample"): 1}


def test_a_notice_is_no_alert() -> None:
    metrics = counted([*a_troubled_history(), stopped("881", "2026-03-03")])

    assert series_of(metrics, "ecda_notices_total") == {("re_referral", "stopped", "kill-switch"): 1}
    assert series_of(metrics, "ecda_alerts_total") == {("re_referral", "open", "alert"): 1}


def test_an_operators_own_word_is_no_label() -> None:
    metrics = counted([a_contact(), stopped("881", "2026-03-02"), reset("881", "2026-03-03", reason="ask-Example")])

    assert series_of(metrics, "ecda_notices_total") == {
        ("re_referral", "stopped", "kill-switch"): 1,
        ("re_referral", "resumed", "reset"): 1,
    }


def test_a_reviewers_decision_that_was_followed_is_counted_once_however_often_it_comes() -> None:
    metrics = counted([*a_troubled_history(), decided("agree"), decided("agree")])

    assert series_of(metrics, "ecda_decisions_total") == {("re_referral", "agree"): 1}


def test_a_decision_about_no_alert_of_ours_is_not_counted() -> None:
    metrics = counted([*a_troubled_history(), decided("agree", alert_id="0" * 32)])

    assert series_of(metrics, "ecda_decisions_total") == {}


def test_a_source_was_heard_when_its_last_record_had_arrived() -> None:
    runs = some_runs()
    entry = admitted(a_contact())
    for hour in (9, 11):
        record = a_record("ecda.source.social_care.v1", arrived_at=datetime(2026, 3, 3, hour, tzinfo=UTC))
        count_admitted(runs, record, entry)

    expected = datetime(2026, 3, 3, 11, tzinfo=UTC).timestamp()
    assert series_of(runs.metrics, "ecda_source_last_record_timestamp_seconds") == {("881", "case_system"): expected}


@pytest.mark.parametrize("source", ["/881/review", "/881/console"])
def test_reviewers_may_be_silent(source: str) -> None:
    runs = some_runs()
    decision = admitted(decided("agree")).model_copy(update={"system": source.rpartition("/")[2]})
    count_admitted(runs, a_record("ecda.source.review.v1"), decision)

    assert series_of(runs.metrics, "ecda_source_last_record_timestamp_seconds") == {}


def test_what_did_not_become_durable_was_not_heard_and_not_decided() -> None:
    post = Post(fails=True)
    runs = some_runs(post)
    log = admit_events([*a_troubled_history(), decided("agree")])
    outcome = fold_all(log)[-1]
    assert log[-1].value is not None

    with pytest.raises(OSError, match="broker"):
        count_one(runs, log[-1].value, outcome)
    with pytest.raises(OSError, match="broker"):
        count_admitted(runs, a_record("ecda.source.social_care.v1"), admitted(a_contact()))

    assert sum(series_of(runs.metrics, "ecda_decisions_total").values()) == 0
    assert series_of(runs.metrics, "ecda_source_last_record_timestamp_seconds") == {}


def test_what_is_rare_is_counted_from_nought_and_not_from_the_first() -> None:
    """Everything that a world of alerts, samples, decisions, stops and resets counts was there before, with 0."""
    begun = some_runs().metrics
    begun.begin("re_referral")
    events = [*a_troubled_history(), decided("agree"), stopped("881", "2026-03-03"), reset("881", "2026-03-04")]
    worlds = [counted(events), counted([a_referral(), a_closure()], a_stream(audit_share=1.0))]

    for name in ("ecda_alerts_total", "ecda_notices_total", "ecda_decisions_total"):
        there = series_of(begun, name)
        assert set(there.values()) == {0}
        assert set().union(*(series_of(world, name) for world in worlds)) <= there.keys()
    scored = {labels for world in worlds for labels in series_of(world, "ecda_scores_total") if labels[1] == "scored"}
    assert scored <= series_of(begun, "ecda_scores_total").keys()
    assert series_of(begun, "ecda_score_probability_count") == {("re_referral",): 0}


def test_no_label_could_hold_anything_about_a_person_or_a_case() -> None:
    metrics = counted([*a_troubled_history(), decided("agree")])
    samples = [sample for family in metrics.registry.collect() for sample in family.samples]
    [alert] = alerts_in(fold_events(*a_troubled_history()))

    assert {label for sample in samples for label in sample.labels} <= set(LABELS.split())
    assert not {value for sample in samples for value in sample.labels.values()} & {
        alert.alert_id,
        alert.family,
        *(child.person for child in alert.children),
    }
