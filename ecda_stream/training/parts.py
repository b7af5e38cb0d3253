"""The partitions of a LOG file, each where it lies, so that each can be folded by itself and no two are in memory at once."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from ecda_stream.contract.entry import Entry, LogRecord
from ecda_stream.errors import InvalidEvent

_CANONICAL = re.compile(rb'\{"key":"[^"\\]*","offset":(\d+),"partition":(\d+),')
"""How a line begins as `admit` and `log export` write it; any other line is parsed to find its place."""


@dataclass(frozen=True)
class Part:
    """One partition of a file: the bytes [start, end) and how many records they hold."""

    path: Path
    partition: int
    start: int
    end: int
    records: int


@dataclass(frozen=True)
class LogFile:
    """A LOG file by its partitions, and the SHA-256 of its bytes, which names it without saying where it lies."""

    parts: tuple[Part, ...]
    sha256: str


def survey(path: Path) -> LogFile:
    """Find the partitions of a LOG file.

    Raises InvalidEvent `bad-entry` with the number of a line that is no record of a log or stands out of order.
    """
    parts: list[Part] = []
    checksum = hashlib.sha256()
    begin = end = records = 0
    last = (-1, -1)
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            checksum.update(line)
            place = _place(line)
            if place is None:
                raise InvalidEvent("bad-entry", f"{path.name}, line {number}: not a record of a log")
            if place <= last:
                raise InvalidEvent("bad-entry", f"{path.name}, line {number}: not sorted by partition and offset")
            if records and place[0] != last[0]:
                parts.append(Part(path, last[0], begin, end, records))
                begin, records = end, 0
            end, records, last = end + len(line), records + 1, place
    if records:
        parts.append(Part(path, last[0], begin, end, records))
    return LogFile(tuple(parts), checksum.hexdigest())


def read_part(part: Part, refused: Counter[str]) -> Iterator[LogRecord]:
    """Yield the records of a partition; a value that is no entry is counted, and left out as the worker leaves it out."""
    with part.path.open("rb") as lines:
        lines.seek(part.start)
        for _ in range(part.records):
            try:
                yield LogRecord.model_validate_json(lines.readline())
            except ValidationError:
                refused["bad-entry"] += 1


def read_entries_with_text(log: LogFile) -> Iterator[Entry]:
    """Yield the entries of a log that hold what was read of a text."""
    for part in log.parts:
        with part.path.open("rb") as lines:
            lines.seek(part.start)
            for _ in range(part.records):
                line = lines.readline()
                entry = _entry(line) if b'"document"' in line else None
                if entry is not None and entry.document is not None:
                    yield entry


def _entry(line: bytes) -> Entry | None:
    try:
        return LogRecord.model_validate_json(line).value
    except ValidationError:
        return None


def _place(line: bytes) -> tuple[int, int] | None:
    canonical = _CANONICAL.match(line)
    if canonical:
        return int(canonical[2]), int(canonical[1])
    try:
        raw = json.loads(line)
        return int(raw["partition"]), int(raw["offset"])
    except (ValueError, TypeError, KeyError):
        return None
