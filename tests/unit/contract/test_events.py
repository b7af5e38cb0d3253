"""Every event type has a smallest valid example, and refuses what misses a required field."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ecda_stream.contract.events import EVENT_TYPES, PREFIX, EventData
from ecda_stream.errors import InvalidEvent
from tests.builders import REVIEW, SOURCE, a_child, a_closure, a_contact, a_document, a_referral, admitted, an_event, decoded

DAY = "2026-01-05"
SMALLEST: dict[str, dict[str, Any]] = {
    "contact.received.v1": {"contact_date": DAY, "referral_source": "6"},
    "referral.received.v1": {"referral_date": DAY, "referral_source": "6"},
    "assessment.started.v1": {"start_date": DAY},
    "assessment.completed.v1": {"authorisation_date": DAY},
    "s47.started.v1": {"start_date": DAY},
    "s47.completed.v1": {"end_date": DAY},
    "cp_conference.held.v1": {"icpc_date": DAY},
    "cp_plan.started.v1": {"start_date": DAY},
    "cp_plan.reviewed.v1": {"review_date": DAY},
    "cp_plan.ended.v1": {"end_date": DAY},
    "cin_plan.started.v1": {"start_date": DAY},
    "cin_plan.ended.v1": {"end_date": DAY},
    "cla.started.v1": {"start_date": DAY},
    "cla.placement_changed.v1": {"start_date": DAY},
    "cla.ended.v1": {"end_date": DAY},
    "pre_proceedings.started.v1": {"start_date": DAY},
    "pre_proceedings.ended.v1": {"decision_date": DAY},
    "early_help.started.v1": {"start_date": DAY},
    "early_help.ended.v1": {"end_date": DAY},
    "closure.recorded.v1": {"closure_date": DAY, "closure_reason": "RC7"},
    "closure.retracted.v1": {"retraction_date": DAY},
    "worker.changed.v1": {"worker_id": "w1", "start_date": DAY},
    "missing.started.v1": {"start_date": DAY, "missing_type": "M"},
    "missing.ended.v1": {"end_date": DAY, "missing_type": "A"},
    "sdq.recorded.v1": {"assessment_date": DAY, "score": 17},
    "document.recorded.v1": {"written_date": DAY, "kind": "closure", "text": ""},
    "person.merged.v1": {"merged_date": DAY},
    "person.purged.v1": {"purged_date": DAY},
    "school.attendance_summarised.v1": {"period_start": "2025-12-01", "period_end": DAY, "sessions_possible": 40},
    "school.excluded.v1": {"start_date": DAY, "category": "SUSP"},
    "police.incident_notified.v1": {"incident_date": DAY},
    "housing.case_changed.v1": {"change_date": DAY, "stage": "relief"},
    "extract.completed.v1": {"system": "case_system", "date": DAY, "counts": {"referral.received.v1": 3}},
    "record.retracted.v1": {"event_id": "e1", "retraction_date": DAY},
    "source.withdrawn.v1": {"withdrawn_date": DAY, "scope": "child"},
    "day.started.v1": {"date": DAY},
    "alert.decided.v1": {"alert_id": "a1" * 16, "decision": "agree", "reason": "known", "reviewer_id": "r1", "decision_date": DAY},
    "model.activated.v1": {"stream": "re_referral", "version": "baseline-1", "reason": "first", "decision_date": DAY},
    "mode.changed.v1": {"stream": "re_referral", "mode": "shadow", "reason": "trial", "decision_date": DAY},
    "alert.opened.v1": {"alert_id": "a1" * 16, "access_id": "b2" * 16, "references": 1, "reviewer_id": "r1", "opened_date": DAY},
    "alerting.stopped.v1": {"stream": "re_referral", "reason": "too-many", "decision_date": DAY},
    "guardrail.reset.v1": {"stream": "re_referral", "reason": "looked", "decision_date": DAY},
    "link.decided.v1": {"pair_id": "0f" * 16, "same_person": False, "reason": "twins", "reviewer_id": "r1", "decision_date": DAY},
    "person.erased.v1": {"reason": "request", "decision_date": DAY},
}


def _event(kind: str, content: dict[str, Any]) -> dict[str, Any]:
    people = {"people": [a_child()]} if EVENT_TYPES[PREFIX + kind].about_people else {}
    return {
        "specversion": "1.0",
        "id": "e",
        "source": REVIEW if EVENT_TYPES[PREFIX + kind].review_only else SOURCE,
        "authority": "881",
        "type": PREFIX + kind,
        "data": {**people, **content},
    }


def test_every_type_has_an_example() -> None:
    assert {PREFIX + kind for kind in SMALLEST} == set(EVENT_TYPES)


@pytest.mark.parametrize("kind", SMALLEST)
def test_the_smallest_example_is_admitted(kind: str) -> None:
    entry = admitted(_event(kind, SMALLEST[kind]))

    assert entry.type == kind
    assert entry.happened_at.isoformat() == DAY


@pytest.mark.parametrize(("kind", "field"), [(kind, field) for kind, content in SMALLEST.items() for field in content])
def test_no_field_of_the_smallest_example_can_be_absent(kind: str, field: str) -> None:
    content = {name: value for name, value in SMALLEST[kind].items() if name != field}

    with pytest.raises(InvalidEvent) as refused:
        decoded(_event(kind, content))

    assert refused.value.reason_code in {"missing-field", "8600", "8805", "8810"}


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (a_referral(referral_date=None), "8600"),
        (a_closure(closure_reason=None), "8805"),
        (a_closure(closure_date=None), "8810"),
        (a_closure(closure_reason="RC10"), "wrong-code"),
        (a_referral(referral_source="1E"), "wrong-code"),
        (a_referral(primary_need_code="N11"), "wrong-code"),
        ({**a_referral(), "type": "uk.csc.referral.received.v2"}, "unknown-type"),
        ({**a_referral(), "type": "referral.received.v1"}, "unknown-type"),
        (a_document(text="x" * (2 * 1024 * 1024 + 1)), "text-too-long"),
        (a_document(text="é" * (1024 * 1024 + 1)), "text-too-long"),
        (a_referral(people=[{"role": "cousin"}]), "wrong-field"),
        (an_event("alert.decided.v1", None, **{**SMALLEST["alert.decided.v1"], "alert_id": "a1"}), "wrong-field"),
        (an_event("link.decided.v1", None, **{**SMALLEST["link.decided.v1"], "pair_id": "A1" * 16}), "wrong-field"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_data_that_breaks_its_contract_is_refused_with_the_reason(event: dict[str, Any], reason: str) -> None:
    with pytest.raises(InvalidEvent) as refused:
        decoded(event)

    assert refused.value.reason_code == reason


def _identifiers(number: int) -> list[dict[str, str]]:
    return [{"kind": f"mosaic:number-{place}", "value": f"C{place}"} for place in range(number)]


def _attendance(codes: int) -> dict[str, Any]:
    by_code = {f"C{number}": 1 for number in range(codes)}
    return an_event("school.attendance_summarised.v1", **SMALLEST["school.attendance_summarised.v1"], by_code=by_code)


def _siblings(number: int) -> list[dict[str, Any]]:
    return [{"kind": "sibling_of", "subject": 0, "object": 0}] * number


LONGEST: dict[str, tuple[int, Callable[[int], dict[str, Any]]]] = {
    "people": (32, lambda n: a_referral(people=[a_child(f"C{place}") for place in range(n)])),
    "relations": (64, lambda n: a_contact(relations=_siblings(n))),
    "identifiers of a person": (16, lambda n: a_referral(people=[a_child(identifiers=_identifiers(n))])),
    "disabilities of a person": (16, lambda n: a_referral(people=[a_child(disabilities=["AUT"] * n)])),
    "factors of an assessment": (64, lambda n: an_event("assessment.completed.v1", authorisation_date=DAY, factors=["16A"] * n)),
    "outcomes of a contact": (32, lambda n: a_contact(contact_outcome=["nfa"] * n)),
    "outcomes of a referral": (32, lambda n: a_referral(referral_outcome=["nfa"] * n)),
    "outcomes of an enquiry": (32, lambda n: an_event("s47.completed.v1", end_date=DAY, outcome=["nfa"] * n)),
    "needs of a household": (
        32,
        lambda n: an_event("housing.case_changed.v1", change_date=DAY, stage="relief", support_needs=["nfa"] * n),
    ),
    "attendance codes": (128, _attendance),
    "counts of an extract": (
        128,
        lambda n: an_event("extract.completed.v1", None, system="x", date=DAY, counts={f"t{place}": 1 for place in range(n)}),
    ),
}


@pytest.mark.parametrize("what", LONGEST)
def test_a_list_is_as_long_as_it_may_be_and_no_longer(what: str) -> None:
    most, event = LONGEST[what]

    decoded(event(most))
    with pytest.raises(InvalidEvent, match="wrong-field"):
        decoded(event(most + 1))


@pytest.mark.parametrize("data_type", EVENT_TYPES.values(), ids=lambda data_type: data_type.type_name)
def test_no_list_of_any_type_is_without_end(data_type: type[EventData]) -> None:
    def nodes(node: Any) -> Iterator[dict[str, Any]]:
        if isinstance(node, dict):
            yield node
        for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
            yield from nodes(inner)

    for node in nodes(data_type.model_json_schema()):
        assert node.get("type") != "array" or "maxItems" in node
        assert node.get("type") != "object" or "properties" in node or "maxProperties" in node


@pytest.mark.parametrize("code", ["2015-03-27", "H801200001001", "ZZ999ZZ"])
def test_no_key_of_a_mapping_carries_an_identifier_into_the_log(code: str) -> None:
    event = _attendance(0)
    event["data"]["by_code"] = {code: 1}

    with pytest.raises(InvalidEvent, match="wrong-field") as refused:
        decoded(event)

    assert code not in str(refused.value)


def test_decisions_are_what_people_decide_and_the_day_that_begins() -> None:
    assert {data_type.type_name for data_type in EVENT_TYPES.values() if data_type.review_only} == {
        "alert.decided.v1",
        "alert.opened.v1",
        "alerting.stopped.v1",
        "day.started.v1",
        "guardrail.reset.v1",
        "link.decided.v1",
        "mode.changed.v1",
        "model.activated.v1",
        "person.erased.v1",
    }


def test_an_entry_of_more_than_60_kb_is_refused() -> None:
    """Every list as long as it may be: 32 people of 16 identifiers of 105 bytes and 16 disabilities of 6 bytes, and 64 relations."""
    kinds = [f"{'x' * 24}:{'y' * 22}{place:02}" for place in range(16)]
    people = [
        a_child(identifiers=[{"kind": kind, "value": f"C{number}"} for kind in kinds], disabilities=["AUT"] * 16)
        for number in range(32)
    ]

    with pytest.raises(InvalidEvent) as refused:
        admitted(a_contact(people=people, relations=_siblings(64)))

    assert refused.value.reason_code == "entry-too-large"
    assert len(admitted(a_contact(people=people[:28], relations=_siblings(64))).people) == 28
