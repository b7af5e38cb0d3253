"""What a worker counts while it folds, without a broker."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from faust.types import TP
from prometheus_client import CollectorRegistry

from ecda_stream.contract.entry import Entry, LogRecord
from ecda_stream.contract.source_event import SourceRecord
from ecda_stream.pipeline import Admitted, Outcome
from ecda_stream.worker.agents import LOG_TOPIC
from ecda_stream.worker.ceiling import Ceiling
from ecda_stream.worker.continuity import Continuity
from ecda_stream.worker.metrics import Metrics
from ecda_stream.worker.outbox import Sending
from ecda_stream.worker.positions import Positions
from ecda_stream.worker.runs import Run, Runs

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)

Series = dict[tuple[str, ...], float]
"""Values of the labels, in their order -> value of the series."""


class Post:
    """An outbox that fails when told to."""

    def __init__(self, *, fails: bool = False) -> None:
        self.fails = fails

    async def deliver(self, sendings: Sequence[Sending]) -> Sequence[int]:
        if self.fails:
            raise OSError("the broker went away")
        return range(len(sendings))


class FakeApp:
    """What the keepers of gauges see of a Faust app; a timer runs when a test says so."""

    def __init__(self, *partitions: int, topic: str = LOG_TOPIC) -> None:
        self.metrics = Metrics(CollectorRegistry())
        self.partitions = list(partitions)
        self.consumer = SimpleNamespace(
            assignment=lambda: {TP(topic, partition) for partition in self.partitions},
            highwater=lambda tp: 0,
            _committed_offset={},
        )
        self.agents = {"agent": SimpleNamespace(channel=SimpleNamespace(topics=[topic]))}
        self.positions = Positions()
        self.runs = some_runs()
        self._timers: list[Callable[[], Awaitable[None]]] = []

    def timer(self, *, interval: float, on_leader: bool) -> Any:
        return self._timers.append

    def look(self) -> None:
        """Let every timer run once."""

        async def once() -> None:
            for timer in self._timers:
                await timer()

        asyncio.run(once())


def some_runs(post: Post | None = None) -> Runs:
    """Return the runs of a worker of re_referral."""

    async def committed() -> Mapping[TP, int]:
        return {}

    async def nothing_between(tp: TP, first: int, after: int) -> int | None:
        return None

    async def rewind(tp: TP, offset: int) -> None:
        raise AssertionError("nothing is missing")

    positions = Positions()
    continuity = Continuity(positions, committed, nothing_between, rewind)
    return Runs(
        post or Post(),
        positions,
        Metrics(CollectorRegistry()),
        Ceiling(500, 0.5),
        continuity,
        most_records=10,
        within_seconds=0.01,
        session_seconds=30.0,
        stream="re_referral",
    )


def count(runs: Runs, *counted: Callable[[Run], None]) -> None:
    """Count in one run, and make it durable."""

    async def in_one_run() -> None:
        async with runs.run() as run:
            for counts in counted:
                counts(run)

    asyncio.run(in_one_run())


def count_folded(runs: Runs, records: Iterable[LogRecord], outcomes: Iterable[Outcome]) -> None:
    """Count what each record of the log caused."""
    for record, outcome in zip(records, outcomes, strict=True):
        assert record.value is not None
        count_one(runs, record.value, outcome, record.partition, record.offset)


def count_one(runs: Runs, entry: Entry, outcome: Outcome, partition: int = 0, offset: int = 0) -> None:
    """Count what one entry caused."""
    count(runs, lambda run: run.count_folded(a_record(LOG_TOPIC, partition, offset), entry, outcome))


def count_admitted(runs: Runs, record: SourceRecord, entry: Entry) -> None:
    """Count what one source record became."""
    count(runs, lambda run: run.count_admitted(record, Admitted(entry, 0)))


def a_record(topic: str, partition: int = 0, offset: int = 0, arrived_at: datetime = NOON) -> SourceRecord:
    """Return a record of a topic; nothing that is counted looks into its value."""
    return SourceRecord(topic, partition, offset, None, b"{}", {}, arrived_at)


def series_of(metrics: Metrics, name: str) -> Series:
    """Return every series of a metric, without those of when it was created."""
    samples = [sample for family in metrics.registry.collect() for sample in family.samples if sample.name == name]
    return {tuple(sample.labels.values()): sample.value for sample in samples}
