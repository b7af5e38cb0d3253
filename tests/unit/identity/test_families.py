"""Families: the connected component of stated relations, as known at a position of the log."""

from __future__ import annotations

from typing import Any

from ecda_stream.identity.families import MOST_RELATIVES
from tests.builders import (
    Event,
    State,
    a_child,
    a_closure,
    a_contact,
    a_referral,
    admit_events,
    changed,
    fold_all,
    fold_events,
    last_score,
    siblings,
)

OTHERS_REFERRAL = a_referral("C2", "2025-06-02")


def _related(*children: str, **relation: Any) -> dict[str, Any]:
    stated = {"kind": "sibling_of", "subject": 0, "object": 1, **relation}
    return {"people": [a_child(child) for child in children], "relations": [stated]}


def test_without_a_known_relative_the_family_has_no_value() -> None:
    assert last_score(OTHERS_REFERRAL, a_closure()).features["family_referrals_2y"] is None


def test_a_stated_relation_joins_two_children() -> None:
    score = last_score(OTHERS_REFERRAL, siblings("C1", "C2"), a_closure())

    assert score.features["family_referrals_2y"] == 1
    assert score.features["referrals_2y"] == 0


def test_a_family_reaches_over_relatives_of_relatives() -> None:
    score = last_score(a_referral("C3", "2025-06-02"), siblings("C1", "C2"), siblings("C2", "C3"), a_closure())

    assert score.features["family_referrals_2y"] == 1


def test_what_is_stated_later_was_not_known() -> None:
    score = last_score(OTHERS_REFERRAL, a_closure(), siblings("C1", "C2", day="2026-04-01"))

    assert score.features["family_referrals_2y"] is None


def test_the_family_is_named_by_its_earliest_person() -> None:
    lone = last_score(OTHERS_REFERRAL, a_closure("C2", referral=None))

    assert last_score(OTHERS_REFERRAL, siblings("C1", "C2"), a_closure()).family == lone.person


def test_one_family_id_is_one_family() -> None:
    score = last_score(a_referral("C2", "2025-06-02", family_id="F1"), a_closure(family_id="F1"))

    assert score.features["family_referrals_2y"] == 1


def test_two_family_ids_that_share_a_child_are_one_family() -> None:
    events = [
        a_referral("C3", "2025-06-02", family_id="F1"),
        a_contact("C2", family_id="F1"),
        a_contact("C2", day="2026-01-03", family_id="F2"),
    ]

    assert last_score(*events, a_closure(family_id="F2")).features["family_referrals_2y"] == 1


def test_a_relation_that_had_ended_no_longer_joins() -> None:
    ended = a_contact(day="2025-01-06", **_related("C1", "C2", kind="same_household", end_date="2026-03-01"))

    assert last_score(OTHERS_REFERRAL, ended, a_closure(day="2026-03-02")).features["family_referrals_2y"] is None
    assert last_score(OTHERS_REFERRAL, ended, a_closure(day="2026-03-01")).features["family_referrals_2y"] == 1


def test_a_relation_ends_when_that_is_stated_later() -> None:
    joined = a_contact(id="a", day="2025-01-06", **_related("C1", "C2", kind="same_household"))
    parted = a_contact(id="b", day="2025-12-01", **_related("C1", "C2", kind="same_household", end_date="2025-11-30"))

    assert last_score(OTHERS_REFERRAL, joined, parted, a_closure()).features["family_referrals_2y"] is None


def test_the_end_of_a_household_ends_no_kinship() -> None:
    kin = a_contact(id="a", day="2025-01-06", **_related("C1", "C2"))
    parted = a_contact(id="b", day="2025-12-01", **_related("C1", "C2", kind="same_household", end_date="2025-11-30"))

    assert last_score(OTHERS_REFERRAL, kin, parted, a_closure()).features["family_referrals_2y"] == 1


def test_a_hostel_is_no_family() -> None:
    """25 people behind one family id are too many; 24 are not."""
    hostel = [a_contact(f"C{number}", family_id="hostel") for number in range(2, 26)]

    capped, large = last_score(*hostel, a_closure(family_id="hostel")), last_score(*hostel[1:], a_closure(family_id="hostel"))

    assert "family-too-large" in capped.quality_notes
    assert (capped.family, capped.features["family_referrals_2y"]) == (capped.person, None)
    assert "family-too-large" not in large.quality_notes
    assert large.features["family_referrals_2y"] == 0


def test_an_id_that_everybody_shares_writes_no_ever_growing_list() -> None:
    state: State = {}
    outcomes = fold_events(*(a_contact(f"C{number}", family_id="0") for number in range(2, 80)), state=state)
    hub = max((value for (table, _), value in state.items() if table == "families"), key=len)

    assert len(hub) == MOST_RELATIVES
    assert all(("families", key) not in outcomes[-1].changes for (table, key), value in state.items() if value is hub)
    [closed] = fold_all(admit_events([*(a_contact("C1") for _ in range(78)), a_closure("C79", family_id="0")])[-1:], state=state)
    assert "family-too-large" in closed.scores[0].quality_notes


def _incident(place: int) -> Event:
    return a_contact(id=f"incident {place}", **_related("C1", f"N{place}", kind="same_household"))


def test_a_person_of_very_many_incidents_is_related_to_no_more() -> None:
    state: State = {}
    fold_events(*(_incident(place) for place in range(60)), state=state)

    assert max(len(value) for (table, _), value in state.items() if table == "families") == MOST_RELATIVES
    assert "family-too-large" in last_score(*(_incident(place) for place in range(60)), a_closure()).quality_notes
    assert "family-too-large" in last_score(*(_incident(place) for place in range(60)), a_closure("N59")).quality_notes


def test_the_end_of_a_known_relation_is_kept_however_many_there_are() -> None:
    state: State = {}
    ended = changed(_incident(0), id="ended", relations=[{**_incident(0)["data"]["relations"][0], "end_date": "2026-01-01"}])
    outcomes = fold_events(*(_incident(place) for place in range(60)), ended, state=state)

    assert len([key for key in outcomes[-1].changes if key[0] == "families"]) == 2
