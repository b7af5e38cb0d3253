"""A value in the stream's words; what a reviewer is told, and is not."""

from __future__ import annotations

import math

import pytest

from ecda_stream.alert.words import MOST_FACTS, word
from ecda_stream.definition import Level
from ecda_stream.feature_spec import FeatureSpec, Wording
from tests.builders import a_document, a_referral, a_troubled_history, alerts_in, fold_events

WORDING = Wording(none="no referral", one="1 referral", many="{value} referrals", missing="nothing known")


def a_spec(wording: Wording, measure: str = "count") -> FeatureSpec:
    return FeatureSpec.model_validate(
        {
            "name": "made_up",
            "measure": measure,
            "scope": "person",
            "of": ("referral.received.v1",),
            "unit": "referrals",
            "range": (0, 9),
            "missing": "no referral known",
            "wording": wording,
        }
    )


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.0, "no referral"),
        (1.0, "1 referral"),
        (2.0, "2 referrals"),
        (-3.0, "-3 referrals"),
        (2.5, "2.50 referrals"),
        (math.nan, "nothing known"),
    ],
)
def test_none_one_many_and_missing(value: float, words: str) -> None:
    assert word(value, a_spec(WORDING)) == words


def test_what_has_no_words_of_its_own_takes_the_many() -> None:
    bare = Wording(many="{value} days")

    assert [word(value, a_spec(bare)) for value in (0.0, 1.0, math.nan)] == ["0 days", "1 days", "no referral known"]


def test_a_rung_of_the_ladder_is_named_and_not_numbered() -> None:
    reached = a_spec(Wording(many="relatives reached: {level}"), measure="level")
    levels = [Level(name=name, types=("x.v1",)) for name in ("referral", "child_protection_plan")]

    assert [word(value, reached, levels) for value in (1.0, 2.0)] == [
        "relatives reached: referral",
        "relatives reached: child protection plan",
    ]


def test_a_reviewer_reads_dated_facts_each_way_and_no_frequency() -> None:
    [alert] = alerts_in(fold_events(*a_troubled_history()))[-1:]
    [child] = alert.children

    assert child.meaning == "points: 8; not calibrated"
    assert [fact.words for fact in child.raises][:2] == ["3 earlier closures in two years", "4 referrals in two years"]
    assert [day.isoformat() for day in child.raises[0].days] == ["2024-07-01", "2024-11-04", "2025-05-06"]
    assert [fact.words for fact in child.lowers] == ["no child protection plan"]
    assert len(child.raises) <= MOST_FACTS
    assert (child.probability, child.range) == (None, None)
    assert alert.request.startswith("Please read")
    assert child.sealed_reference


def test_what_is_missing_is_said_once() -> None:
    [alert] = alerts_in(fold_events(*a_troubled_history()))[-1:]
    missing = alert.children[0].missing

    assert "no referral text was read" in missing
    assert len(set(missing)) == len(missing)


def test_a_stale_text_is_said() -> None:
    history = a_troubled_history()
    old = [a_document(day=day, referral="2026-01-05") for day in ("2025-03-02", "2025-03-01")]

    [fresh] = alerts_in(fold_events(*history[:-1], old[0], history[-1]))[-1:]
    [stale] = alerts_in(fold_events(*history[:-1], old[1], history[-1]))[-1:]

    assert not any("the latest text read was written" in said for said in fresh.children[0].missing)
    assert "the latest text read was written 366 days before the closure" in stale.children[0].missing


def test_quality_notes_are_said_in_words() -> None:
    history = a_troubled_history()
    history[-2]["data"].pop("primary_need_code")

    [alert] = alerts_in(fold_events(*history))[-1:]

    assert "8610: primary need missing" in alert.children[0].missing


def test_of_many_entries_the_latest_days_are_shown_and_all_counted() -> None:
    days = [f"2025-{month:02d}-03" for month in range(6, 10)]
    history = a_troubled_history()

    [alert] = alerts_in(fold_events(*history[:-1], *(a_referral(day=day) for day in days), history[-1]))[-1:]
    [fact] = [fact for fact in alert.children[0].raises if fact.words == "8 referrals in two years"]

    assert fact.entries == 8
    assert [day.isoformat() for day in fact.days] == [*days, "2026-01-05"]
