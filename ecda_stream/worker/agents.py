"""The two agents, each a thin shell over a pure function: decode, call, make durable, and only then count the record as done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import faust
from mode import CrashingSupervisor

from ecda_stream.contract.canonical import to_canonical_json
from ecda_stream.contract.entry import parse_entry, record_key
from ecda_stream.contract.score import Position
from ecda_stream.errors import InvalidEvent
from ecda_stream.identity.partition import partitions_of
from ecda_stream.pipeline import Arrival, Desk, admit, step
from ecda_stream.score.stream import Stream
from ecda_stream.worker.dead_letters import dead_letter
from ecda_stream.worker.outbox import Sending, log_key
from ecda_stream.worker.runs import Runs, record_of
from ecda_stream.worker.tables import TableState

LOG_TOPIC = "ecda.event_log.v1"


def raw_topic(app: faust.App, *names: str) -> Any:
    """Return topics whose records come as bytes: what cannot be decoded is the agent's to refuse, not Faust's to drop."""
    return app.topic(*names, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw", allow_empty=True)


def add_admit_agent(app: faust.App, topics: Sequence[str], desk: Desk, runs: Runs, partitions: int, arrives: Arrival | None) -> None:
    """Source records -> entries of the event log, or the dead-letter topic of their source."""

    @app.agent(raw_topic(app, *topics), supervisor_strategy=CrashingSupervisor)
    async def admit_records(stream: Any) -> None:
        async for events in stream.take_events(runs.most_records, within=runs.within_seconds):
            async with runs.run() as run:
                for event in events:
                    record, headers = record_of(event)
                    if not await run.takes(record):
                        continue
                    try:
                        with run.timed("admit"):
                            admitted = admit(record, desk, arrives)
                    except InvalidEvent as error:
                        run.refuse(dead_letter(record, headers, "admit", error, app.conf.id, run.now), record, "admit", error)
                        continue
                    key = log_key(record_key(record.topic, record.partition, record.offset))
                    value = to_canonical_json(admitted.entry)
                    for partition in partitions_of(admitted.entry.authority, partitions):
                        run.send(Sending(LOG_TOPIC, partition, key, value))
                    run.count_admitted(record, admitted)
                    await run.end_early_if_large()


def add_score_agent(app: faust.App, stream: Stream, tables: TableState, runs: Runs) -> None:
    """Entries of the event log -> score records and alerts of one stream."""
    name = stream.definition.stream
    scores_topic, alerts_topic = f"ecda.{name}.scores.v1", f"ecda.{name}.alerts.v1"

    @app.agent(raw_topic(app, LOG_TOPIC), supervisor_strategy=CrashingSupervisor)
    async def score_entries(entries: Any) -> None:
        async for events in entries.take_events(runs.most_records, within=runs.within_seconds):
            async with runs.run() as run:
                draft = await tables.draft()
                run.keep(draft)
                for event in events:
                    record, headers = record_of(event)
                    if not await run.takes(record) or record.value is None:  # a tombstone: what it erased is gone from the log
                        continue
                    at = Position(partition=record.partition, offset=record.offset)
                    try:
                        entry = parse_entry(record.value)
                        with run.timed("score"):
                            outcome = step(entry, at, draft.reader(record.partition), stream)
                    except InvalidEvent as error:
                        run.refuse(dead_letter(record, headers, "score", error, app.conf.id, run.now), record, "score", error)
                        continue
                    draft.apply(record.partition, outcome.changes)
                    for score in outcome.scores:
                        run.send(Sending(scores_topic, at.partition, score.score_id.encode(), to_canonical_json(score)))
                    for alert in outcome.alerts:
                        run.send(Sending(alerts_topic, at.partition, alert.key.encode(), to_canonical_json(alert)))
                    run.count_folded(record, entry, outcome)
