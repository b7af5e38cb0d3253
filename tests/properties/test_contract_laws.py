"""What holds of the contract for every record: nothing but a refusal, equal bytes for equal records, and nothing personal."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecda_stream.contract.canonical import to_canonical_json
from ecda_stream.contract.entry import Entry, LogRecord
from ecda_stream.contract.events import EVENT_TYPES
from ecda_stream.contract.refusal import REASONS
from ecda_stream.contract.source_event import SourceRecord
from ecda_stream.errors import InvalidEvent
from ecda_stream.pipeline import admit
from tests.builders import Event, a_closure, a_desk, a_referral, admit_events, admitted
from tests.strategies import worlds

few = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
many = settings(max_examples=200, deadline=None)

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=12),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=8), inside, max_size=3),
    max_leaves=8,
)
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def _outcome(value: bytes | None, headers: dict[str, bytes] | None = None) -> str:
    """Return the reason of the refusal, or that there was none; anything else that is raised fails the test."""
    try:
        admit(SourceRecord("t", 0, 0, None, value, headers or {}, NOW), a_desk())
    except InvalidEvent as error:
        return error.reason_code
    return "admitted"


@few
@given(worlds())
def test_an_entry_reads_as_what_was_written(events: list[Event]) -> None:
    for record in admit_events(events):
        assert record.value is not None
        assert Entry.model_validate_json(to_canonical_json(record.value)) == record.value
        assert LogRecord.model_validate_json(to_canonical_json(record)) == record


@few
@given(worlds())
def test_admitting_twice_gives_equal_bytes(events: list[Event]) -> None:
    assert [to_canonical_json(r) for r in admit_events(events)] == [to_canonical_json(r) for r in admit_events(events)]


@many
@given(st.binary(max_size=200))
def test_no_bytes_cause_more_than_a_refusal(value: bytes) -> None:
    assert _outcome(value) in REASONS


@many
@given(JSON)
def test_no_json_causes_more_than_a_refusal(value: Any) -> None:
    assert _outcome(json.dumps(value).encode()) in REASONS


@many
@given(st.sampled_from(["people", "relations", "referral_date", "closure_reason", "closed_stage", "episode_id", "family_id"]), JSON)
def test_no_value_of_a_field_causes_more_than_a_refusal(field: str, value: Any) -> None:
    event = a_closure(recordedtime="2026-03-02T17:00:00Z")
    event["data"][field] = value

    assert _outcome(json.dumps(event).encode()) in {*REASONS, "admitted"}


@many
@given(st.sampled_from(["id", "source", "type", "authority", "time", "recordedtime", "revision", "subject"]), JSON)
def test_no_attribute_causes_more_than_a_refusal(name: str, value: Any) -> None:
    assert _outcome(json.dumps({**a_referral(), name: value}).encode()) in {*REASONS, "admitted"}


@many
@given(st.dictionaries(st.sampled_from(["ce_id", "ce_type", "ce_source", "ce_specversion", "content-type"]), st.binary(max_size=20)))
def test_no_headers_cause_more_than_a_refusal(headers: dict[str, bytes]) -> None:
    assert _outcome(b"{}", headers) in REASONS


@pytest.mark.parametrize("kind", sorted(EVENT_TYPES))
@settings(max_examples=15, deadline=None)
@given(content=st.dictionaries(st.text(max_size=8), JSON, max_size=4))
def test_no_data_of_any_type_causes_more_than_a_refusal(kind: str, content: dict[str, Any]) -> None:
    event = {"specversion": "1.0", "id": "1", "source": "/881/x", "authority": "881", "type": kind, "data": content}

    assert _outcome(json.dumps(event).encode()) in {*REASONS, "admitted"}


@few
@given(st.dictionaries(st.from_regex(r"x_[a-z]{1,6}", fullmatch=True), JSON, min_size=1, max_size=3))
def test_unknown_fields_are_tolerated_and_leave_no_trace(unknown: dict[str, Any]) -> None:
    known = a_referral()

    assert admitted({**known, "data": {**known["data"], **unknown}}) == admitted(known)
