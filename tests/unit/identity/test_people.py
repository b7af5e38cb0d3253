"""Who is one person: exact identifiers, merged when seen together, held apart when they contradict each other."""

from __future__ import annotations

from typing import Any

from ecda_stream.contract.score import ScoreRecord
from tests.builders import Event, a_child, a_closure, a_contact, a_referral, an_event, fold_events, last_score

LA, NHS, OTHER_NHS = ("la_child_id", "C1"), ("nhs_number", "9434765919"), ("nhs_number", "9000000009")
UPN = ("upn", "H801200001001")


def _child(*identifiers: tuple[str, str]) -> dict[str, Any]:
    return {"people": [a_child(identifiers=[{"kind": kind, "value": value} for kind, value in identifiers])]}


def _scores(*events: Event) -> list[ScoreRecord]:
    return [score for outcome in fold_events(*events) for score in outcome.scores]


def test_one_identifier_is_enough_to_be_the_same_child() -> None:
    score = last_score(a_referral(day="2025-01-06", **_child(LA)), a_referral(**_child(LA, NHS)), a_closure(**_child(NHS)))

    assert score.features["referrals_2y"] == 2


def test_unrelated_identifiers_are_two_children() -> None:
    score = last_score(a_referral(day="2025-01-06", **_child(LA)), a_closure(**_child(NHS)))

    assert score.features["referrals_2y"] == 0


def test_an_entry_that_shows_both_makes_two_children_one_from_there_on() -> None:
    earlier = [a_referral(day="2025-01-06", **_child(LA)), a_referral(day="2025-06-02", **_child(NHS))]
    before = a_closure(day="2025-07-01", referral="2025-06-02", **_child(NHS))
    seen_together = a_contact(**_child(LA, NHS))

    first, last = _scores(*earlier, before, seen_together, a_closure(**_child(LA)))

    assert first.features["referrals_2y"] == 1
    assert last.features["referrals_2y"] == 2
    assert last.person != first.person


def test_the_earlier_person_gives_the_name() -> None:
    older, newer = (
        a_closure(id="a", day="2025-01-06", referral=None, **_child(NHS)),
        a_closure(id="b", day="2025-02-03", referral=None, **_child(LA)),
    )
    together = a_closure(id="c", referral=None, **_child(LA, NHS))

    scores = _scores(older, newer, together)

    assert scores[2].person == scores[0].person != scores[1].person


def test_two_valid_numbers_of_a_kind_are_held_and_not_merged() -> None:
    known = [a_referral(day="2025-01-06", **_child(LA, NHS)), a_referral(day="2025-06-02", **_child(UPN, OTHER_NHS))]

    score = last_score(*known, a_closure(referral=None, **_child(LA, UPN)))

    assert "identity-conflict" in score.quality_notes
    assert score.features["referrals_2y"] == 1  # those of the council's own number


def test_a_second_number_of_a_kind_is_not_taken_over() -> None:
    events = [a_referral(day="2025-01-06", **_child(LA, NHS)), a_closure(referral=None, **_child(LA, OTHER_NHS))]

    score = last_score(*events)
    stranger = last_score(*events, a_closure(id="stranger", referral=None, **_child(OTHER_NHS)))

    assert "identity-conflict" in score.quality_notes
    assert stranger.person != score.person


def test_a_child_without_a_usable_number_is_a_person_of_its_own() -> None:
    mother = {"role": "mother", "identifiers": [{"kind": "case_system:person", "value": "7"}]}
    nobody: dict[str, Any] = {"people": [a_child(identifiers=[]), mother]}

    one, other = _scores(a_closure(id="a", **nobody), a_closure(id="b", **nobody))

    assert one.person != other.person


def test_the_source_can_say_that_two_are_one() -> None:
    merged = an_event("person.merged.v1", None, merged_date="2026-02-01", people=[*_child(LA)["people"], *_child(NHS)["people"]])

    score = last_score(a_referral(day="2025-01-06", **_child(LA)), a_referral(**_child(NHS)), merged, a_closure(**_child(NHS)))

    assert score.features["referrals_2y"] == 2


def test_a_closure_can_be_retracted_after_its_child_was_merged() -> None:
    reopened = an_event("closure.retracted.v1", retraction_date="2026-03-05", referral_date="2026-01-05", **_child(NHS))
    events = [
        a_contact(**_child(LA)),
        a_referral(**_child(NHS)),
        a_closure(**_child(NHS)),
        a_contact(day="2026-03-03", **_child(LA, NHS)),
    ]

    score = last_score(*events, reopened)

    assert (score.outcome, score.reason) == ("not_scored", "retracted")
