"""The same two steps over files: the log is sorted, refusals keep their bytes, and a replay is the fold."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from ecda_stream.contract.canonical import to_canonical_json
from ecda_stream.contract.source_event import decode
from ecda_stream.errors import InvalidEvent
from ecda_stream.replay import ARRIVALS, Arrive, admit_file, read_log, record_of_line, replay
from tests.builders import Event, a_closure, a_contact, a_desk, a_referral, a_stream, a_troubled_history, an_event, as_bytes, fold_all

ELSEWHERE = a_contact(source="/882/case_system", authority="882")
EVERYWHERE = an_event("day.started.v1", None, date="2026-01-05", source="/*/review", authority="*")


def _write(path: Path, *lines: bytes) -> Path:
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return path


def test_a_log_is_sorted_by_partition_and_offset_and_nothing_is_lost(tmp_path: Path) -> None:
    lines = [as_bytes(event) for event in (ELSEWHERE, a_referral(), EVERYWHERE, a_closure())]
    events = _write(tmp_path / "events.jsonl", *lines, b"not json", b"")

    tally = admit_file(events, tmp_path / "log.jsonl", tmp_path / "refusals.jsonl", a_desk(), 2, "arrivedtime")
    log = list(read_log(tmp_path / "log.jsonl"))

    assert [(record.partition, record.offset) for record in log] == [(0, 0), (0, 1), (1, 0), (1, 1), (1, 2)]
    assert len({record.key for record in log}) == 4
    assert (tally.records, tally.entries, dict(tally.refused)) == (6, 5, {"not-json": 1, "empty-value": 1})
    first, _ = (json.loads(line) for line in (tmp_path / "refusals.jsonl").read_text().splitlines())
    assert base64.b64decode(first["value"]) == b"not json"
    assert first["refusal"]["offset"] == 4


def test_a_replay_writes_what_the_fold_gives(tmp_path: Path) -> None:
    events = _write(tmp_path / "events.jsonl", *[as_bytes(event) for event in a_troubled_history()])
    admit_file(events, tmp_path / "log.jsonl", None, a_desk(), 1, "arrivedtime")

    counts = replay(tmp_path / "log.jsonl", tmp_path / "out", a_stream())
    outcomes = fold_all(list(read_log(tmp_path / "log.jsonl")))

    written = [line.split(b'"value":', 1)[1][:-1] for line in (tmp_path / "out" / "scores.jsonl").read_bytes().splitlines()]
    assert written == [to_canonical_json(score) for outcome in outcomes for score in outcome.scores]
    assert counts == {"entries_new": 8, "scored": 4, "alerts": 1}


def test_a_line_that_is_no_record_is_named_by_its_number(tmp_path: Path) -> None:
    log = _write(tmp_path / "log.jsonl", b'{"partition": 0}')

    with pytest.raises(InvalidEvent, match="line 1"):
        list(read_log(log))


def test_a_line_has_arrived_when_it_says_or_was_recorded_or_happened() -> None:
    said = a_referral(arrivedtime="2026-01-09T12:00:00Z", recordedtime="2026-01-08T12:00:00Z")
    plain = a_referral(day="2026-07-01")

    def arrived(event: Event, arrive: Arrive) -> str:
        return ARRIVALS[arrive](decode(record_of_line("f", 0, as_bytes(event)))).arrived_at.isoformat()

    assert arrived(said, "arrivedtime") == "2026-01-09T12:00:00+00:00"
    assert arrived(said, "recorded") == "2026-01-08T12:00:00+00:00"
    assert arrived(plain, "arrivedtime") == arrived(plain, "recorded") == "2026-06-30T23:00:00+00:00"
