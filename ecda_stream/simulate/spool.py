"""Sorted runs of lines on disk, merged into one file in the order of recording, with a weekly count of what each system sent.

A line begins with its key (`family.KEY_LENGTH` digits): sorting the bytes sorts by time of sending, and neither sorting nor counting
parses a line. Memory holds one line of each run.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

from ecda_stream.contract.canonical import hash_of, to_canonical_json
from ecda_stream.contract.events import PREFIX
from ecda_stream.simulate.authority import SYSTEMS, Authority
from ecda_stream.simulate.days import MINUTES_A_DAY, iso, utc_timestamp, weekday
from ecda_stream.simulate.family import KEY_LENGTH, TYPES

EXTRACT_MINUTE = 23 * 60 + 30
SUNDAY = 6
EXTRACT = "extract.completed.v1"

_SENT = slice(0, 10)
_AUTHORITY = slice(10, 13)
_SYSTEM = slice(KEY_LENGTH - 3, KEY_LENGTH - 2)
_TYPE = slice(KEY_LENGTH - 2, KEY_LENGTH)


def write_run(path: Path, lines: list[bytes]) -> None:
    """Write one sorted run."""
    lines.sort()
    with path.open("wb") as run:
        run.writelines(line + b"\n" for line in lines)


class Extracts:
    """Counts by authority, system and type, and the weekly events that tell them."""

    def __init__(self, authorities: Sequence[Authority], start: int, end: int) -> None:
        self._authorities = authorities
        self._end = end
        self._sunday = start + (SUNDAY - weekday(start)) % 7
        self._counts: dict[tuple[int, int], Counter[str]] = {}

    @property
    def due(self) -> int:
        """Return the minute of the next extracts."""
        return self._sunday * MINUTES_A_DAY + EXTRACT_MINUTE

    @property
    def is_over(self) -> bool:
        """Return whether the next extracts lie after the end of the years."""
        return self._sunday > self._end

    def count(self, line: bytes) -> str:
        """Count a line and return its type."""
        kind = TYPES[int(line[_TYPE])]
        self._counts.setdefault((int(line[_AUTHORITY]), int(line[_SYSTEM])), Counter())[kind] += 1
        return kind

    def complete(self) -> Iterator[dict[str, Any]]:
        """Yield the extracts of the week, one for each authority and system, and begin the next week."""
        for authority in self._authorities:
            for place, name in enumerate(SYSTEMS):
                counts = self._counts.pop((authority.place, place), Counter[str]())
                yield self._event(authority, name, dict(counts))
        self._sunday += 7

    def _event(self, authority: Authority, system: str, counts: dict[str, int]) -> dict[str, Any]:
        day = iso(self._sunday)
        event: dict[str, Any] = {
            "specversion": "1.0",
            "id": hash_of(authority.code, system, EXTRACT, day),
            "source": f"/{authority.code}/{system}",
            "type": PREFIX + EXTRACT,
            "authority": authority.code,
            "data": {"system": system, "date": day, "counts": counts},
        }
        if not authority.systems[system].date_only:
            event["recordedtime"] = utc_timestamp(self._sunday, EXTRACT_MINUTE)
        return event


def merge_runs(
    runs: Sequence[Path], out: Path, authorities: Sequence[Authority], start: int, end: int, on_line: Callable[[], None]
) -> Counter[str]:
    """Write all lines in the order of recording, with the weekly extracts in their places; return how many of each type."""
    written: Counter[str] = Counter()
    extracts = Extracts(authorities, start, end)
    with ExitStack() as stack, out.open("wb") as events:
        files: list[IO[bytes]] = [stack.enter_context(run.open("rb")) for run in runs]
        for line in heapq.merge(*files):
            while not extracts.is_over and extracts.due < int(line[_SENT]):
                written[EXTRACT] += _write(events, extracts)
            written[extracts.count(line)] += 1
            events.write(line[KEY_LENGTH:])
            on_line()
        while not extracts.is_over:
            written[EXTRACT] += _write(events, extracts)
    return written


def _write(events: IO[bytes], extracts: Extracts) -> int:
    lines = [to_canonical_json(event) + b"\n" for event in extracts.complete()]
    events.writelines(lines)
    return len(lines)
