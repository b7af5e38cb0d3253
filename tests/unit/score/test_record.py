"""The score record: one for every trigger, scored or not, with what it rests on."""

from __future__ import annotations

from typing import Any

import pytest

from ecda_stream.contract.canonical import to_canonical_json
from ecda_stream.errors import BadDefinition
from ecda_stream.score.stream import Stream
from tests.builders import (
    Event,
    State,
    a_child,
    a_closure,
    a_contact,
    a_referral,
    a_retraction,
    a_stream,
    a_troubled_history,
    admit_events,
    an_event,
    changed,
    fold_events,
    fold_one,
    last_score,
)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("RC1", "adopted"),
        ("RC2", "died"),
        ("RC5", "transferred-to-another-authority"),
        ("RC6", "transferred-to-adult-services"),
    ],
)
def test_a_closure_that_cannot_come_back_is_recorded_and_not_scored(code: str, reason: str) -> None:
    score = last_score(*a_troubled_history()[:-1], a_closure(closure_reason=code))

    assert (score.outcome, score.reason, score.points) == ("not_scored", reason, None)
    assert score.decision.alert is False


@pytest.mark.parametrize("code", ["RC3", "RC4", "RC7", "RC8", "RC9"])
def test_every_other_closure_is_scored(code: str) -> None:
    assert last_score(a_closure(closure_reason=code)).outcome == "scored"


@pytest.mark.parametrize(("born", "outcome"), [("2008-03-02", "not_scored"), ("2008-03-03", "scored")])
def test_at_eighteen_a_closure_is_no_longer_scored(born: str, outcome: str) -> None:
    score = last_score(a_closure(day="2026-03-02", people=[a_child(birth_date=born)]))

    assert score.outcome == outcome
    assert score.reason == ("too-old" if outcome == "not_scored" else None)


def test_a_record_says_where_the_closure_stands_and_what_caused_the_record() -> None:
    outcomes = fold_events(a_referral(), a_closure(), changed(a_referral(), referral_source="6"))
    [first], [second] = outcomes[1].scores, outcomes[2].scores

    assert (first.position.offset, first.caused_by.offset, first.revision) == (1, 1, 0)
    assert (second.position.offset, second.caused_by.offset, second.revision) == (1, 2, 1)
    assert first.score_id == second.score_id


def test_what_changes_nothing_of_a_score_writes_no_revision() -> None:
    after = a_contact(day="2026-03-03")
    long_before = a_contact(day="2001-01-01")

    assert [len(outcome.scores) for outcome in fold_events(a_closure(), after, long_before)] == [1, 0, 0]


@pytest.mark.parametrize(("arrived", "revisions"), [("2026-03-30T12:00:00Z", 1), ("2026-03-30T12:00:01Z", 0)])
def test_what_arrives_after_the_revision_days_changes_no_score(arrived: str, revisions: int) -> None:
    """28 days after the closure arrived."""
    closed = a_closure(arrivedtime="2026-03-02T12:00:00Z")

    assert len(fold_events(closed, a_referral(arrivedtime=arrived))[1].scores) == revisions


def test_a_retraction_after_the_revision_days_still_ends_the_score() -> None:
    score = last_score(a_closure(), a_retraction(a_closure(), "2026-12-01"))

    assert (score.outcome, score.reason, score.revision) == ("not_scored", "retracted", 1)


def test_the_points_are_the_sum_of_the_contributions() -> None:
    score = last_score(*a_troubled_history())

    assert score.points == sum(contribution.points for contribution in score.contributions) == 8
    assert [abs(c.points) for c in score.contributions] == sorted((abs(c.points) for c in score.contributions), reverse=True)


def test_an_uncalibrated_model_has_no_probability() -> None:
    score = last_score(a_closure())

    assert (score.probability, score.range) == (None, None)
    assert b"probability" not in to_canonical_json(score)


def test_a_record_holds_every_declared_feature_and_the_digests() -> None:
    score, stream = last_score(a_closure()), a_stream()

    assert list(score.features) == [spec.name for spec in stream.definition.features]
    assert score.digests.definition == stream.definition.digest
    assert score.digests.model == stream.models["baseline-1"].digest


def test_an_entry_of_another_kind_gives_no_score() -> None:
    assert [outcome.scores for outcome in fold_events(a_referral(), a_contact())] == [(), ()]


def test_a_closure_corrected_to_another_child_leaves_the_first_childs_list() -> None:
    moved = changed(a_closure(), people=[a_child("C2")])

    score = last_score(a_referral("C2"), a_closure(), moved)
    untouched = fold_events(a_referral("C2"), a_closure(), moved, a_contact("C1", day="2026-01-01"))[-1]

    assert (score.revision, score.features["referrals_2y"]) == (1, 1)
    assert untouched.scores == ()


def _activated(version: str = "2031.1", **changes: Any) -> Event:
    defaults = {"stream": "re_referral", "version": version, "reason": "trial", "decision_date": "2026-01-01"}
    return an_event("model.activated.v1", None, **{**defaults, **changes})


def _mode(mode: str, authority: str = "881") -> Event:
    changes = {"authority": authority, "source": f"/{authority}/review", "id": f"{mode}/{authority}"}
    return an_event("mode.changed.v1", None, stream="re_referral", mode=mode, reason="trial", decision_date="2026-01-01", **changes)


def _with_model(version: str) -> Stream:
    stream = a_stream()
    copy = stream.models["baseline-1"].model_copy(update={"version": version})
    return Stream(stream.definition, {**stream.models, version: copy})


def test_a_model_that_is_not_installed_is_ignored_and_what_held_goes_on() -> None:
    state: State = {}
    ignored, closed = fold_events(_activated(), a_closure(), state=state)

    assert (ignored.news, ignored.ignored) == ("control", "model-not-installed")
    assert closed.scores[0].model_version == "baseline-1"
    assert "2031" not in str(state)


@pytest.mark.parametrize(
    ("kind", "facts", "code"),
    [
        ("model.activated.v1", {}, "model-not-installed"),
        ("model.activated.v1", {"version": ["baseline-1"]}, "model-not-installed"),
        ("mode.changed.v1", {}, "no-such-mode"),
        ("mode.changed.v1", {"mode": "loud"}, "no-such-mode"),
        ("mode.changed.v1", {"mode": ["demo"]}, "no-such-mode"),
    ],
)
def test_a_decision_in_the_log_that_makes_no_sense_is_ignored(kind: str, facts: dict[str, Any], code: str) -> None:
    [record] = admit_events([_activated()])
    assert record.value is not None
    entry = record.value.model_copy(update={"type": kind, "facts": {"stream": "re_referral", **facts}})

    outcome = fold_one(record.model_copy(update={"value": entry}), {})

    assert (outcome.news, outcome.ignored) == ("control", code)


def test_a_model_in_force_that_was_removed_stops_the_worker_without_saying_its_name() -> None:
    state: State = {}
    log = admit_events([_activated(), a_closure()])
    fold_one(log[0], state, _with_model("2031.1"))

    with pytest.raises(BadDefinition, match="the model version in force is not installed") as stopped:
        fold_one(log[1], state)

    assert "2031" not in str(stopped.value)


def test_a_decision_holds_for_its_authority_alone() -> None:
    assert last_score(_mode("shadow", "882"), a_closure()).mode == "demo"
    assert last_score(_mode("shadow"), a_closure()).mode == "shadow"


def test_of_a_decision_for_all_and_one_for_the_authority_the_later_holds() -> None:
    for_all = _mode("shadow", "*")

    assert last_score(for_all, a_closure()).mode == "shadow"
    assert last_score(for_all, _mode("demo"), a_closure()).mode == "demo"
    assert last_score(_mode("demo"), for_all, a_closure()).mode == "shadow"


def test_an_authority_can_run_a_model_of_its_own() -> None:
    stream = _with_model("2031.1")
    elsewhere = _activated(authority="882", source="/882/review")

    assert last_score(_activated(), a_closure(), stream=stream).model_version == "2031.1"
    assert last_score(elsewhere, a_closure(), stream=stream).model_version == "baseline-1"


def test_decisions_for_another_stream_are_not_ours() -> None:
    activated = _activated(stream="another")

    assert last_score(activated, a_closure()).model_version == "baseline-1"
    assert fold_events(activated)[0].ignored is None


def test_a_contribution_shows_the_latest_entries_and_says_how_many_there_are() -> None:
    days = [f"2025-{month:02d}-03" for month in range(1, 10)]
    score = last_score(*(a_referral(day=day) for day in days), a_closure())
    [referrals] = [contribution for contribution in score.contributions if contribution.feature == "referrals_2y"]

    assert (referrals.value, referrals.entries) == (9, 9)
    assert [evidence.day.isoformat() for evidence in referrals.evidence] == days[-5:]
