"""Nothing personal passes: planted names, numbers, dates and words are looked for in the bytes of the entry."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from ecda_stream.contract.canonical import to_canonical_json
from ecda_stream.errors import InvalidEvent
from ecda_stream.identity.pseudonymise import count_months
from tests.builders import Event, a_child, a_closure, a_document, a_referral, admitted, an_event

PLANTED = (
    "Zebedee",
    "Quillfeather",
    "9434765919",
    "943 476 5919",
    "H801200001001",
    "C4711",
    "2015-03-27",
    "ZZ99 9ZZ",
    "Marzipan",
    "E0815",
    "F0816",
    "W0817",
    "ID0818",
    "zebedee@",
)
CHILD = {
    "role": "child",
    "forename": "Zebedee",
    "surname": "Quillfeather",
    "birth_date": "2015-03-27",
    "postcode": "ZZ99 9ZZ",
    "sex": "M",
    "ethnicity": "WBRI",
    "disabilities": ["AUT"],
    "identifiers": [
        {"kind": "la_child_id", "value": "C4711"},
        {"kind": "nhs_number", "value": "943 476 5919"},
        {"kind": "upn", "value": "H801200001001"},
        {"kind": "email of Zebedee", "value": "zebedee@"},
    ],
    "nickname": "Zebedee",
}
COMMON: dict[str, Any] = {
    "people": [CHILD],
    "episode_id": "E0815",
    "family_id": "F0816",
    "id": "ID0818/Quillfeather",
    "subject": "Zebedee",
    "note": "Marzipan",
}
EVENTS: list[Event] = [
    a_referral(**COMMON),
    a_closure(**COMMON),
    a_document(**COMMON, document_id="W0817", text="Zebedee Quillfeather of Marzipan Lane. There is neglect. Zebedee, 943 476 5919."),
    an_event("cla.started.v1", start_date="2026-01-05", placement_id="W0817", postcode="ZZ99 9ZZ", **COMMON),
    an_event("worker.changed.v1", start_date="2026-01-05", worker_id="W0817", **COMMON),
    an_event("early_help.started.v1", start_date="2026-01-05", organisation="Marzipan", **COMMON),
    an_event("police.incident_notified.v1", incident_date="2026-01-05", incident_id="W0817", **COMMON),
    an_event("housing.case_changed.v1", change_date="2026-01-05", stage="relief", case_id="W0817", **COMMON),
    an_event("source.withdrawn.v1", withdrawn_date="2026-01-05", scope="child", **COMMON, event_id="ID0818/Quillfeather"),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event["type"])
def test_no_planted_word_is_in_the_entry(event: Event) -> None:
    written = to_canonical_json(admitted(event)).decode()

    assert [planted for planted in PLANTED if planted.lower() in written.lower()] == []


def test_codes_and_the_age_in_months_stay() -> None:
    [child] = admitted(a_referral(people=[CHILD], day="2026-03-26")).people

    assert (child.age_months, child.sex, child.ethnicity, child.disabilities) == (131, "M", "WBRI", ("AUT",))


def test_a_wrong_code_that_serves_evaluation_only_is_set_aside_and_counted() -> None:
    entry = admitted(a_referral(people=[a_child(sex="X", ethnicity="WHITE", disabilities=["AUT", "TALL"], upn_unknown="UN9")]))

    assert sorted(entry.set_aside) == ["disability:wrong-code", "ethnicity:wrong-code", "sex:wrong-code", "upn_unknown:wrong-code"]
    assert (entry.people[0].sex, entry.people[0].ethnicity, entry.people[0].disabilities) == (None, None, ("AUT",))


def test_a_number_with_a_typing_error_is_set_aside_and_links_nobody() -> None:
    identifiers = [{"kind": "la_child_id", "value": "C1"}, {"kind": "nhs_number", "value": "9434765918"}]
    entry = admitted(a_referral(people=[a_child(identifiers=identifiers)]))

    assert entry.set_aside == ("nhs_number:wrong-check-digit",)
    assert [identifier.kind for identifier in entry.people[0].identifiers] == ["la_child_id"]


def test_a_record_about_nobody_who_can_be_linked_is_refused() -> None:
    with pytest.raises(InvalidEvent, match="no-usable-identifier"):
        admitted(a_referral(people=[a_child(identifiers=[{"kind": "nhs_number", "value": "9434765918"}])]))


def test_it_is_enough_that_somebody_can_be_linked() -> None:
    mother = {"role": "mother", "identifiers": [{"kind": "case_system:person", "value": "7"}]}

    assert len(admitted(a_referral(people=[a_child(identifiers=[]), mother])).people) == 2


def test_two_sources_may_use_one_id_for_different_things() -> None:
    assert admitted(a_referral(id="1")).event_id != admitted(a_referral(id="1", source="/881/other")).event_id


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        ("2020-01-31", "2020-03-30", 1),
        ("2020-01-31", "2020-03-31", 2),
        ("2024-02-29", "2025-02-28", 11),
        ("2024-02-29", "2025-03-01", 12),
        ("2026-06-01", "2026-01-05", -5),
        ("2026-06-01", "2026-06-01", 0),
    ],
)
def test_an_age_is_in_completed_months(start: str, end: str, months: int) -> None:
    assert count_months(date.fromisoformat(start), date.fromisoformat(end)) == months
