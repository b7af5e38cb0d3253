"""The partitions of a LOG file: each is found where it lies, and what is no log is named by its line."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from ecda_stream.errors import InvalidEvent
from ecda_stream.replay import read_log
from ecda_stream.training.parts import read_part, survey
from tests.builders import a_closure, a_contact, a_referral, admit_events
from tests.training.worlds import write_records

EVENTS = [a_contact(), a_referral(), a_contact(source="/882/case_system", authority="882", id="x"), a_closure()]


def test_the_partitions_together_are_the_log(tmp_path: Path) -> None:
    log = write_records(tmp_path / "log.jsonl", admit_events(EVENTS, partitions=3))

    parts = survey(log).parts
    read = [record for part in parts for record in read_part(part, Counter())]

    assert [(part.partition, part.records) for part in parts] == [(0, 1), (2, 3)]
    assert read == list(read_log(log))


def test_a_log_whose_lines_are_not_canonical_is_read_all_the_same(tmp_path: Path) -> None:
    log = write_records(tmp_path / "log.jsonl", admit_events(EVENTS, partitions=3))
    spaced = tmp_path / "spaced.jsonl"
    spaced.write_text("".join(json.dumps(json.loads(line)) + "\n" for line in log.read_text().splitlines()))

    read = [record for part in survey(spaced).parts for record in read_part(part, Counter())]

    assert read == list(read_log(log))


def test_a_value_that_is_no_entry_is_counted_and_the_next_is_read(tmp_path: Path) -> None:
    log = write_records(tmp_path / "log.jsonl", admit_events(EVENTS[:2]))
    first, second = log.read_text().splitlines()
    log.write_text(first.replace('"type":', '"kind":') + "\n" + second + "\n")
    refused: Counter[str] = Counter()

    [read] = read_part(survey(log).parts[0], refused)

    assert read.offset == 1
    assert refused == {"bad-entry": 1}


def test_a_tombstone_is_a_record_without_a_value(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text('{"key":"a","offset":0,"partition":0,"value":null}\n')

    [read] = read_part(survey(log).parts[0], Counter())

    assert read.value is None


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        ('{"key":"a","offset":0,"partition":0,"value":null}\nnot json\n', "line 2: not a record"),
        (
            '{"key":"a","offset":1,"partition":0,"value":null}\n{"key":"b","offset":0,"partition":0,"value":null}\n',
            "line 2: not sorted",
        ),
        (
            '{"key":"a","offset":0,"partition":1,"value":null}\n{"key":"b","offset":0,"partition":0,"value":null}\n',
            "line 2: not sorted",
        ),
        (
            '{"key":"a","offset":0,"partition":0,"value":null}\n{"key":"b","offset":0,"partition":0,"value":null}\n',
            "line 2: not sorted",
        ),
    ],
    ids=["not json", "offsets fall", "partitions fall", "one place twice"],
)
def test_what_is_no_sorted_log_is_refused_with_the_number_of_its_line(tmp_path: Path, lines: str, fault: str) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text(lines)

    with pytest.raises(InvalidEvent, match=fault):
        survey(log)


def test_an_empty_file_has_no_partition(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").touch()

    assert survey(tmp_path / "log.jsonl").parts == ()
