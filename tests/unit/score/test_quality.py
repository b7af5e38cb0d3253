"""Quality notes: for each a world that has it, and the nearest one that has not."""

from __future__ import annotations

from typing import Any

import pytest

from ecda_stream.definition import Texts
from ecda_stream.score.quality import NOTES
from ecda_stream.score.stream import Stream
from tests.builders import (
    Event,
    a_child,
    a_cin_plan,
    a_closure,
    a_completed_assessment,
    a_contact,
    a_cp_plan,
    a_document,
    a_referral,
    a_stream,
    an_assessment,
    an_event,
    an_s47,
    last_score,
)

DAY = "2026-03-02"
CLOSED, ASSESSED = a_closure(day=DAY), a_closure(day=DAY, closure_reason="RC8")
NFA = a_referral(referral_no_further_action_flag=True)
OTHER = [{"kind": "la_child_id", "value": "C1"}, {"kind": "nhs_number", "value": "9434765919"}]
CONFLICTING = [{"kind": "la_child_id", "value": "C1"}, {"kind": "nhs_number", "value": "9000000009"}]


def _ended(plan: str, day: str) -> Event:
    return an_event(f"{plan}.ended.v1", end_date=day, referral_date="2026-01-05")


def _s47_completed() -> Event:
    return an_event("s47.completed.v1", end_date="2026-02-01", referral_date="2026-01-05")


HAS: dict[str, tuple[list[Event], list[Event]]] = {
    "2990": ([an_s47(), ASSESSED], [an_s47(), CLOSED]),
    "4000": ([NFA, a_cin_plan(), CLOSED], [a_referral(), a_cin_plan(), CLOSED]),
    "4014": (
        [a_cin_plan(day="2026-01-10"), a_cin_plan(day="2026-02-10"), CLOSED],
        [a_cin_plan(day="2026-01-10"), _ended("cin_plan", "2026-02-10"), a_cin_plan(day="2026-02-10"), CLOSED],
    ),
    "8555Q": (
        [a_referral(people=[a_child(death_date="2026-01-04")]), CLOSED],
        [a_referral(people=[a_child(death_date="2026-01-05")]), CLOSED],
    ),
    "8565": (
        [
            an_s47(day="2026-03-01"),
            an_s47(day="2026-03-02"),
            an_s47(id="late", day="2026-03-03", arrivedtime="2026-03-03T09:00:00Z"),
            CLOSED,
        ],
        [an_s47(day="2026-03-02"), CLOSED],
    ),
    "8610": ([a_referral(primary_need_code=None), CLOSED], [a_referral(), CLOSED]),
    "8815": (
        [a_referral(day="2025-10-01"), a_referral(), CLOSED],
        [a_referral(day="2025-10-01"), a_closure(day="2025-11-03", referral="2025-10-01"), a_referral(), CLOSED],
    ),
    "8820": (
        [a_referral(day="2025-10-01"), a_closure(day="2026-01-06", referral="2025-10-01"), a_referral(), CLOSED],
        [a_referral(day="2025-10-01"), a_closure(day="2026-01-05", referral="2025-10-01"), a_referral(), CLOSED],
    ),
    "8825Q": ([a_referral(), ASSESSED], [a_referral(), a_completed_assessment(), ASSESSED]),
    "8831": ([NFA, an_assessment(), CLOSED], [NFA, a_document(), CLOSED]),
    "8832": ([NFA, a_cp_plan(), CLOSED], [a_referral(), a_cp_plan(), CLOSED]),
    "8867": ([an_assessment(), CLOSED], [an_assessment(), a_completed_assessment(), CLOSED]),
    "8868": (
        [an_s47(), an_s47(day="2026-01-21"), _s47_completed(), CLOSED],
        [an_s47(), _s47_completed(), CLOSED],
    ),
    "8873Q": ([a_completed_assessment(factors=["21"]), CLOSED], [a_completed_assessment(factors=["21"]), ASSESSED]),
    "8940": (
        [a_cp_plan(day="2026-01-10"), a_cp_plan(day="2026-02-10"), CLOSED],
        [a_cp_plan(day="2026-01-10"), _ended("cp_plan", "2026-02-09"), a_cp_plan(day="2026-02-10"), CLOSED],
    ),
    "identity-conflict": (
        [a_contact(people=[a_child(identifiers=OTHER)]), a_closure(people=[a_child(identifiers=CONFLICTING)])],
        [a_contact(people=[a_child(identifiers=OTHER)]), a_closure(people=[a_child(identifiers=OTHER)])],
    ),
    "family-too-large": (
        [*(a_contact(f"C{number}", family_id="hostel") for number in range(2, 26)), a_closure(family_id="hostel")],
        [*(a_contact(f"C{number}", family_id="hostel") for number in range(2, 25)), a_closure(family_id="hostel")],
    ),
    "same-day-referral": ([a_referral(), a_referral(day=DAY), CLOSED], [a_referral(), a_referral(day="2026-02-28"), CLOSED]),
    "no-referral": ([CLOSED], [a_referral(), CLOSED]),
    "unknown-lexicon": ([a_document(), CLOSED], [CLOSED]),
}


def _with_a_lexicon_that_read_nothing(code: str) -> Stream:
    stream = a_stream()
    if code != "unknown-lexicon":
        return stream
    return Stream(stream.definition.model_copy(update={"texts": Texts(lexicons=("0123456789abcdef",))}), stream.models)


def test_every_note_has_an_example() -> None:
    assert set(HAS) == set(NOTES)


@pytest.mark.parametrize("code", HAS)
def test_a_closure_with_the_fault_carries_the_note(code: str) -> None:
    assert code in last_score(*HAS[code][0], stream=_with_a_lexicon_that_read_nothing(code)).quality_notes


@pytest.mark.parametrize("code", HAS)
def test_a_closure_without_the_fault_does_not(code: str) -> None:
    assert code not in last_score(*HAS[code][1], stream=_with_a_lexicon_that_read_nothing(code)).quality_notes


def test_a_text_of_an_undeclared_lexicon_counts_as_missing() -> None:
    stream: Any = _with_a_lexicon_that_read_nothing("unknown-lexicon")

    assert last_score(a_referral(), a_document(), CLOSED, stream=stream).features["text_words"] is None
    assert last_score(a_referral(), a_document(), CLOSED).features["text_words"] == 7
