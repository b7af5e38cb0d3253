"""What an entry is to what is known: new, a repetition, a correction, stale, a retraction."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.builders import (
    Event,
    State,
    a_child,
    a_closure,
    a_contact,
    a_referral,
    a_retraction,
    a_stream,
    admit_events,
    an_event,
    changed,
    fold_all,
    fold_events,
    fold_one,
    last_score,
    siblings,
)

FIRST = a_contact()


def _news(*events: Event) -> list[str]:
    return [outcome.news for outcome in fold_events(*events)]


@pytest.mark.parametrize(
    ("second", "news"),
    [
        (FIRST, "duplicate"),
        (changed(FIRST, recordedtime="2026-01-02T09:00:00Z"), "duplicate"),
        (changed(FIRST, revision=2), "duplicate"),
        (changed(FIRST, referral_source="6"), "correction"),
        (changed(FIRST, id="another"), "new"),
    ],
    ids=["again", "recorded at another time", "another revision, same content", "another content", "another id"],
)
def test_same_id_and_same_content_is_a_repetition_other_content_a_correction(second: Event, news: str) -> None:
    assert _news(FIRST, second) == ["new", news]


def test_a_higher_revision_wins_whatever_the_order() -> None:
    newer, older = a_contact(referral_source="6", revision=2), a_contact(referral_source="2A", revision=1)

    assert _news(newer, older) == ["new", "stale"]
    assert _news(older, newer) == ["new", "correction"]


def test_without_a_revision_the_later_in_the_log_wins() -> None:
    assert _news(a_contact(revision=2), a_contact(referral_source="6")) == ["new", "correction"]


def test_back_to_the_first_content_is_a_correction_again() -> None:
    assert _news(FIRST, changed(FIRST, referral_source="6"), FIRST) == ["new", "correction", "correction"]


def test_what_was_retracted_can_be_recorded_again() -> None:
    assert _news(FIRST, a_retraction(FIRST), FIRST) == ["new", "retraction", "new"]


def test_a_retraction_of_nothing_known_changes_nothing() -> None:
    assert _news(a_retraction("unheard of")) == ["duplicate"]
    assert _news(FIRST, a_retraction(FIRST), a_retraction(FIRST, "2026-03-06")) == ["new", "retraction", "duplicate"]


def test_a_repeated_retraction_does_not_take_back_what_was_recorded_again() -> None:
    closed, retracted = a_closure(), a_retraction(a_closure())

    assert _news(closed, retracted, closed, retracted) == ["new", "retraction", "new", "duplicate"]


def test_another_source_cannot_retract() -> None:
    assert _news(FIRST, a_retraction(FIRST, source="/881/other")) == ["new", "duplicate"]


def test_two_records_of_one_episode_are_the_same_closure_whatever_their_ids() -> None:
    score = last_score(a_closure(id="a"), a_closure(id="b", closure_reason="RC8"))

    assert score.revision == 1


def test_the_second_id_of_a_closure_retracts_it_too() -> None:
    score = last_score(a_closure(id="a"), a_closure(id="b"), a_retraction("b"))

    assert score.reason == "retracted"


def test_a_retraction_before_the_second_id_was_known_finds_nothing_and_still_does_when_folded_again() -> None:
    """`b` becomes another name of `a` only later; the retraction of `b` must not reach `a` when it is folded over the later state."""
    log = admit_events([a_closure(id="a"), a_retraction("b"), a_closure(id="b")])
    state: State = {}
    first = [outcome.news for outcome in fold_all(log, state=state)]

    again = fold_one(log[1], state)

    assert first == ["new", "duplicate", "duplicate"]
    assert (again.news, again.scores, again.changes) == ("duplicate", (), {})


def test_an_event_about_several_children_is_not_replaced_by_one_about_one_of_them() -> None:
    both = a_referral(None, id="both", people=[a_child("C1"), a_child("C2")])
    alone = a_referral("C1", id="alone", referral_source="6")

    assert last_score(both, alone, a_closure("C2")).features["referrals_2y"] == 1


def test_a_closure_is_retracted_by_its_episode() -> None:
    reopened = an_event("closure.retracted.v1", retraction_date="2026-03-05", referral_date="2026-01-05")

    assert last_score(a_referral(), a_closure(), reopened).reason == "retracted"


def test_an_episode_is_known_by_its_id_once_its_date_was_said() -> None:
    score = last_score(a_referral(episode_id="E1"), a_closure(referral=None, episode_id="E1"))

    assert score.referral_date is not None
    assert score.features["episode_days"] == 56


def test_a_repetition_writes_nothing() -> None:
    nobody: dict[str, Any] = {
        "people": [a_child(identifiers=[]), {"role": "mother", "identifiers": [{"kind": "la_child_id", "value": "M"}]}]
    }
    events = [
        a_referral(),
        siblings("C1", "C2"),
        a_contact("C3", family_id="F1"),
        a_closure(episode_id="E"),
        a_contact(id="n", **nobody),
    ]
    state: State = {}
    fold_events(*events, state=state)
    log = admit_events([*events, *events])[len(events) :]

    outcomes = fold_all(log, state=dict(state))

    assert [outcome.news for outcome in outcomes] == ["duplicate"] * len(events)
    assert all(not outcome.changes for outcome in outcomes)


def test_a_decision_that_arrives_again_is_not_obeyed_again() -> None:
    def mode(name: str) -> Event:
        return an_event("mode.changed.v1", None, id=name, stream="re_referral", mode=name, reason="trial", decision_date="2026-01-01")

    score = last_score(mode("shadow"), mode("demo"), mode("shadow"), a_closure(), stream=a_stream(threshold=-9))

    assert score.mode == "demo"


# A system that numbers each of its tables from 1

REFERRAL_17, CONTACT_17 = a_referral(id="17"), a_contact(id="17")
PLAN_17 = an_event("cin_plan.started.v1", id="17", start_date="2026-02-02", referral_date="2026-01-05")


def test_the_same_id_on_another_type_is_another_event() -> None:
    assert _news(REFERRAL_17, CONTACT_17, REFERRAL_17, CONTACT_17) == ["new", "new", "duplicate", "duplicate"]
    assert _news(REFERRAL_17, CONTACT_17, changed(CONTACT_17, referral_source="6")) == ["new", "new", "correction"]

    score = last_score(REFERRAL_17, CONTACT_17, PLAN_17, a_closure(id="17"))

    assert (score.features["referrals_2y"], score.features["contacts_1y"], score.features["plans_cin_2y"]) == (1, 1, 1)


def test_the_id_of_a_closure_with_a_namesake_is_a_token_too() -> None:
    score = last_score(REFERRAL_17, a_closure(id="17"))

    assert re.fullmatch(r"t1_[0-9a-f]{32}", score.event_id)
    assert score.event_id != last_score(a_closure(id="17")).event_id


def test_the_second_record_of_an_episode_keeps_its_id_from_another_type() -> None:
    """`b` is another name of the closure `a`; a referral of the id `b` is neither."""
    score = last_score(a_closure(id="a"), a_closure(id="b"), a_referral(id="b"), a_closure(id="b", closure_reason="RC8"))

    assert (score.revision, score.features["referrals_2y"]) == (2, 1)


def test_a_retraction_of_an_id_retracts_every_event_under_it() -> None:
    *_, retracted, _ = outcomes = fold_events(REFERRAL_17, CONTACT_17, a_closure(id="17"), a_retraction("17"), a_closure(id="18"))

    assert [outcome.news for outcome in outcomes] == ["new", "new", "new", "retraction", "new"]
    assert [(score.outcome, score.reason) for score in retracted.scores] == [("not_scored", "retracted")]
    assert (outcomes[-1].scores[0].features["referrals_2y"], outcomes[-1].scores[0].features["contacts_1y"]) == (0, 0)


def test_a_retraction_with_the_id_of_what_it_retracts_is_no_correction_of_it() -> None:
    retraction = a_retraction("17", id="17")

    assert _news(CONTACT_17, retraction, retraction, CONTACT_17, retraction) == ["new", "retraction", "duplicate", "new", "duplicate"]
    assert _news(retraction, CONTACT_17, a_retraction("17")) == ["duplicate", "new", "retraction"]


def test_children_without_identifiers_are_not_one_for_the_same_id_on_two_types() -> None:
    nobody: dict[str, Any] = {
        "people": [a_child(identifiers=[]), {"role": "mother", "identifiers": [{"kind": "la_child_id", "value": "M"}]}]
    }

    assert last_score(a_referral(id="17", **nobody), a_closure(id="17", **nobody)).features["referrals_2y"] == 0


# Decisions


def test_a_decision_that_names_a_child_is_a_decision_and_no_news_of_the_child() -> None:
    shadow = an_event(
        "mode.changed.v1", "C1", stream="re_referral", mode="shadow", reason="trial", decision_date="2026-01-01", family_id="F1"
    )
    state: State = {}
    [outcome] = fold_events(shadow, state=state)

    assert (outcome.news, outcome.ignored) == ("control", None)
    assert {table for table, _ in state} == {"ledger", "policy"}
    assert last_score(shadow, a_closure()).mode == "shadow"


def test_a_retraction_that_names_a_child_still_retracts() -> None:
    assert _news(FIRST, a_retraction(FIRST, people=[a_child()])) == ["new", "retraction"]
