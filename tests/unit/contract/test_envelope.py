"""From bytes to an envelope, in both modes, or to the reason why not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from ecda_stream.contract.envelope import DEEPEST_NESTING, MOST_VALUES, open_envelope, parse_object
from ecda_stream.contract.source_event import SourceRecord
from ecda_stream.errors import InvalidEvent
from ecda_stream.pipeline import admit
from tests.builders import a_closure, a_desk, a_referral, an_event, as_bytes, decoded


def _reason(value: bytes | None, headers: Mapping[str, bytes | None] | None = None) -> str:
    with pytest.raises(InvalidEvent) as refused:
        open_envelope(value, headers or {})
    return refused.value.reason_code


def _binary(event: dict[str, Any]) -> tuple[bytes, dict[str, bytes]]:
    headers = {f"ce_{name}": str(value).encode() for name, value in event.items() if name != "data"}
    return json.dumps(event["data"]).encode(), {**headers, "content-type": b"application/json"}


def test_both_modes_give_the_same_entry() -> None:
    event = a_closure(revision=3, recordedtime="2026-03-02T17:00:00Z", time="2026-03-02T09:00:00Z")
    body, headers = _binary(event)
    arrived = datetime(2026, 3, 3, tzinfo=UTC)

    structured = admit(
        SourceRecord("t", 0, 0, None, as_bytes(event), {"content-type": b"application/cloudevents+json"}, arrived), a_desk()
    )
    binary = admit(SourceRecord("t", 0, 0, None, body, headers, arrived), a_desk())

    assert binary == structured
    assert binary.entry.revision == 3


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "tombstone"),
        (b"", "empty-value"),
        (b" \n\t", "empty-value"),
        (b"{", "not-json"),
        (b"{'id': 1}", "not-json"),
        (b"\xff\xfe\x00", "not-json"),
        ("{}".encode("utf-16"), "not-json"),
        (b'{"a": ' + b"9" * 5000 + b"}", "not-json"),
        (b'{"a": NaN}', "not-a-number"),
        (b'{"a": -Infinity}', "not-a-number"),
        (b'{"a": [1e999]}', "not-a-number"),
        (b'{"a": "\\ud800"}', "not-unicode"),
        (b'{"\\udfff": 1}', "not-unicode"),
        (b'{"a": ' * 10_000 + b"1" + b"}" * 10_000, "nested-too-deep"),
        (b"[" * 10_000 + b"]" * 10_000, "nested-too-deep"),
        (b'{"a": ' + b"[" * 500 + b"]" * 500 + b"}", "nested-too-deep"),
        (b"[]", "wrong-shape"),
        (b"7", "wrong-shape"),
        (b"null", "wrong-shape"),
        (b'"text"', "wrong-shape"),
        (b"{}", "wrong-shape"),
        (b'{"specversion": "1.0", "data": null}', "wrong-shape"),
        (b'{"specversion": "1.0", "data": []}', "wrong-shape"),
        (b'{"specversion": "1.0"}', "missing-field"),
    ],
    ids=lambda value: value[:24] if isinstance(value, bytes) else str(value),
)
def test_what_is_no_event_is_refused_with_its_reason(value: bytes | None, reason: str) -> None:
    assert _reason(value) == reason


def test_a_byte_order_mark_is_no_reason_to_refuse() -> None:
    assert parse_object(b"\xef\xbb\xbf{}") == {}


def test_nesting_is_allowed_as_deep_as_it_says() -> None:
    inside = DEEPEST_NESTING - 1
    deepest = b'{"a":' + b"[" * inside + b"]" * inside + b"}"

    assert parse_object(deepest)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"specversion": "0.3"}, "wrong-field"),
        ({"id": ""}, "wrong-field"),
        ({"id": "x" * 201}, "wrong-field"),
        ({"id": 7}, "wrong-field"),
        ({"authority": "8 1"}, "wrong-field"),
        ({"revision": -1}, "wrong-field"),
        ({"revision": "first"}, "wrong-field"),
        ({"recordedtime": 1_700_000_000}, "wrong-field"),
        ({"recordedtime": "2026-01-05"}, "wrong-field"),
        ({"time": "0001-01-01T00:00:00"}, "wrong-field"),
        ({"time": "2026-01-05T25:00:00"}, "wrong-field"),
    ],
)
def test_an_attribute_of_the_wrong_form_is_refused(changes: dict[str, Any], reason: str) -> None:
    assert _reason(json.dumps({**a_referral(), **changes}).encode()) == reason


@pytest.mark.parametrize("name", ["id", "source", "type", "authority"])
def test_a_required_attribute_must_be_there(name: str) -> None:
    event = a_referral()
    del event[name]

    assert _reason(as_bytes(event)) == "missing-field"


def test_a_header_that_is_not_unicode_is_refused() -> None:
    body, headers = _binary(a_referral())

    assert _reason(body, {**headers, "ce_subject": b"\xff"}) == "not-unicode"


def test_a_null_content_type_is_none() -> None:
    """Java's clients let a producer send a header without a value."""
    body, headers = _binary(a_referral())

    envelope, _ = open_envelope(body, {**headers, "content-type": None})

    assert envelope == open_envelope(body, headers)[0]
    assert open_envelope(as_bytes(a_referral()), {"content-type": None})[0] == envelope


@pytest.mark.parametrize("name", ["ce_id", "ce_specversion", "ce_subject", "ce_colour"])
def test_a_null_attribute_is_refused(name: str) -> None:
    body, headers = _binary(a_referral())

    assert _reason(body, {**headers, name: None}) == "wrong-field"


def test_a_null_header_that_is_no_attribute_is_nobody_s_business() -> None:
    body, headers = _binary(a_referral())

    assert open_envelope(body, {**headers, "trace": None}) == open_envelope(body, headers)


def test_as_many_values_are_allowed_as_it_says() -> None:
    """The object, its key, the list, and the items: keys count, and so does what holds others."""
    most = {"a": [0] * (MOST_VALUES - 3)}

    assert parse_object(json.dumps(most).encode()) == most
    assert _reason(json.dumps({"a": [0] * (MOST_VALUES - 2)}).encode()) == "too-many-values"


@pytest.mark.parametrize(
    "value",
    [
        {"data": {"people": [{"role": "child", "identifiers": [{}] * 1_200_000}]}},
        {"data": {str(number): number for number in range(MOST_VALUES // 2)}},
        {"data": [[0] * 100] * 100},
        [0] * MOST_VALUES,
    ],
    ids=["3.6 MB of empty identifiers", "keys", "lists in lists", "no object"],
)
def test_a_record_of_too_many_values_is_refused_before_its_fields_are_looked_at(value: Any) -> None:
    assert _reason(json.dumps(value).encode()) == "too-many-values"


def test_a_time_without_zone_is_london() -> None:
    summer, winter = (decoded(a_referral(day=f"2025-{month}-05", recordedtime=f"2025-{month}-05T12:00:00")) for month in ("07", "01"))

    assert summer.envelope.recordedtime == datetime(2025, 7, 5, 11, tzinfo=UTC)
    assert winter.envelope.recordedtime == datetime(2025, 1, 5, 12, tzinfo=UTC)


def test_a_refusal_names_fields_and_quotes_nothing() -> None:
    """Neither a value nor the key of a mapping, which a source can fill with anything."""
    events = [
        a_referral(referral_source="Quillfeather"),
        a_referral(people=[{"role": "child", "identifiers": [{"kind": "upn", "value": 7}], "birth_date": "Quillfeather"}]),
        an_event(
            "school.attendance_summarised.v1",
            period_start="2026-01-01",
            period_end="2026-02-01",
            sessions_possible=1,
            by_code={"Quillfeather": "often"},
        ),
        {**a_referral(), "Quillfeather": 1, "revision": "Quillfeather"},
    ]
    for event in events:
        with pytest.raises(InvalidEvent) as refused:
            decoded(event)

        assert "Quillfeather" not in str(refused.value)
        assert refused.value.__cause__ is None


def test_unknown_fields_are_counted_at_every_depth() -> None:
    event = a_referral(
        people=[{"role": "child", "identifiers": [{"kind": "upn", "value": "x", "new": 1}], "shoe_size": 3}], colour="red"
    )

    assert decoded({**event, "extension": 1}).unknown_fields == 4
