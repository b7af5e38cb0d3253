"""The same two steps over files, without Kafka: EVENTS -> LOG, LOG -> scores and alerts."""

from __future__ import annotations

import base64
import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Literal

from ecda_stream.contract.canonical import to_canonical_json
from ecda_stream.contract.entry import LogRecord, parse_entry, record_key
from ecda_stream.contract.refusal import Refusal, RefusedRecord
from ecda_stream.contract.score import Position
from ecda_stream.contract.source_event import SourceRecord, arrived_as_stated, arrived_when_recorded
from ecda_stream.errors import InvalidEvent
from ecda_stream.identity.partition import partitions_of
from ecda_stream.pipeline import Arrival, Desk, Outcome, admit, step
from ecda_stream.score.stream import Stream
from ecda_stream.state import Table

Arrive = Literal["arrivedtime", "recorded"]
State = dict[tuple[Table, str], Any]
ARRIVALS: Mapping[Arrive, Arrival] = {"arrivedtime": arrived_as_stated, "recorded": arrived_when_recorded}
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass
class Tally:
    """What went through: counts only."""

    records: int = 0
    entries: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    unknown_fields: int = 0
    set_aside: Counter[str] = field(default_factory=Counter)


def admit_file(events: Path, out: Path, refusals: Path | None, desk: Desk, partitions: int, arrive: Arrive) -> Tally:
    """Write the LOG of a file of EVENTS, sorted by partition and offset; refused records go to `refusals`.

    Memory does not grow with the file: each partition is spooled to disk.
    """
    tally = Tally()
    offsets: Counter[int] = Counter()
    with ExitStack() as stack:
        spools: dict[int, IO[bytes]] = {}
        source = stack.enter_context(events.open("rb"))
        refused = stack.enter_context(refusals.open("wb")) if refusals else None
        for line_number, line in enumerate(source):
            record = record_of_line(events.name, line_number, line.rstrip(b"\r\n"))
            tally.records += 1
            try:
                admitted = admit(record, desk, ARRIVALS[arrive])
            except InvalidEvent as error:
                tally.refused[error.reason_code] += 1
                if refused:
                    refused.write(to_canonical_json(refused_record(record, "admit", error)) + b"\n")
                continue
            tally.unknown_fields += admitted.unknown_fields
            tally.set_aside.update(admitted.entry.set_aside)
            for partition in partitions_of(admitted.entry.authority, partitions):
                spool = spools.get(partition) or spools.setdefault(partition, stack.enter_context(tempfile.TemporaryFile()))
                entry = LogRecord(
                    partition=partition,
                    offset=offsets[partition],
                    key=record_key(record.topic, record.partition, record.offset),
                    value=admitted.entry,
                )
                offsets[partition] += 1
                tally.entries += 1
                spool.write(to_canonical_json(entry) + b"\n")
        with out.open("wb") as log:
            for _, spool in sorted(spools.items()):
                spool.seek(0)
                log.writelines(spool)
    return tally


def record_of_line(name: str, number: int, line: bytes) -> SourceRecord:
    """Return a line of EVENTS as a source record; when it has arrived, the event in it says (ARRIVALS)."""
    return SourceRecord(name, 0, number, None, line, {}, _NEVER)


def refused_record(record: SourceRecord, stage: Literal["admit", "score"], error: InvalidEvent) -> RefusedRecord:
    """Return a line of refusals.jsonl."""
    return RefusedRecord(
        refusal=Refusal(
            stage=stage,
            reason_code=error.reason_code,
            detail=error.detail,
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
        ),
        key=None if record.key is None else base64.b64encode(record.key).decode(),
        value=None if record.value is None else base64.b64encode(record.value).decode(),
    )


def read_records(path: Path) -> Iterator[LogRecord | RefusedRecord]:
    """Yield the records of a LOG file; one whose value is no entry is refused, as the worker would refuse it.

    Raises InvalidEvent `bad-entry` with the number of a line that is no record of a log.
    """
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                raw = json.loads(line)
                position = Position(partition=raw["partition"], offset=raw["offset"])
                key = str(raw["key"])
                value = raw["value"] if raw["value"] is None else to_canonical_json(raw["value"])
            except (ValueError, TypeError, KeyError):
                raise InvalidEvent("bad-entry", f"{path.name}, line {number}: not a record of a log") from None
            try:
                entry = None if value is None else parse_entry(value)
                yield LogRecord(partition=position.partition, offset=position.offset, key=key, value=entry)
            except InvalidEvent as error:
                yield _refused_entry(path.name, position.partition, position.offset, key, value, error)


def _refused_entry(name: str, partition: int, offset: int, key: str, value: bytes | None, error: InvalidEvent) -> RefusedRecord:
    return refused_record(SourceRecord(name, partition, offset, key.encode(), value, {}, _NEVER), "score", error)


def read_log(path: Path) -> Iterator[LogRecord]:
    """Yield the records of a LOG file of which every value must be an entry.

    Raises InvalidEvent `bad-entry` otherwise.
    """
    for record in read_records(path):
        if isinstance(record, RefusedRecord):
            at = record.refusal
            raise InvalidEvent("bad-entry", f"{path.name}, partition {at.partition}, offset {at.offset}: {at.detail}")
        yield record


def fold(
    records: Iterable[LogRecord],
    stream: Stream,
    on_refusal: Callable[[LogRecord, InvalidEvent], None] | None = None,
    states: dict[int, State] | None = None,
) -> Iterator[tuple[int, Outcome]]:
    """Fold the records of a log and yield what each caused; the state lives in memory, one for each partition.

    Who gives `states` finds there at the end what is known in each partition. Raises InvalidEvent for an entry that the fold refuses,
    unless `on_refusal` takes it.
    """
    states = {} if states is None else states
    for record in records:
        state = states.setdefault(record.partition, {})
        if record.value is None:
            continue
        at = Position(partition=record.partition, offset=record.offset)
        try:
            outcome = step(record.value, at, lambda table, key, state=state: state.get((table, key)), stream)  # type: ignore[misc]
        except InvalidEvent as error:
            if on_refusal is None:
                raise
            on_refusal(record, error)
            continue
        state.update(outcome.changes)
        yield record.partition, outcome


def replay(log: Path, out: Path, stream: Stream, on_record: Callable[[], None] = lambda: None) -> Counter[str]:
    """Write scores.jsonl, alerts.jsonl and refusals.jsonl of a LOG: one JSON object {partition, key, value} a line, in log order."""
    counts: Counter[str] = Counter()
    out.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        scores, alerts, refusals = (
            stack.enter_context((out / f"{name}.jsonl").open("wb")) for name in ("scores", "alerts", "refusals")
        )

        def entries() -> Iterator[LogRecord]:
            for record in read_records(log):
                on_record()
                if isinstance(record, LogRecord):
                    yield record
                else:
                    refuse(record)

        def refuse(refused: RefusedRecord) -> None:
            counts["refused"] += 1
            refusals.write(to_canonical_json(refused) + b"\n")

        def refuse_entry(record: LogRecord, error: InvalidEvent) -> None:
            refuse(_refused_entry(log.name, record.partition, record.offset, record.key, to_canonical_json(record.value), error))

        for partition, outcome in fold(entries(), stream, refuse_entry):
            counts[f"entries_{outcome.news}"] += 1
            for score in outcome.scores:
                counts[score.outcome] += 1
                scores.write(output_line(partition, score.score_id, to_canonical_json(score)))
            for alert in outcome.alerts:
                counts["alerts"] += 1
                alerts.write(output_line(partition, alert.key, to_canonical_json(alert)))
    return counts


def output_line(partition: int, key: str, value: bytes) -> bytes:
    """Return one line of scores.jsonl or alerts.jsonl; the value is the record's own bytes."""
    return b'{"key":"%s","partition":%d,"value":%s}\n' % (key.encode(), partition, value)
