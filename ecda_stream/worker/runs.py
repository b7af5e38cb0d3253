"""A run: the records handled together, whose work becomes durable together before any of them counts as done."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Protocol

from faust.types import TP
from prometheus_client import Counter

from ecda_stream.alert.guardrail import CAUSES
from ecda_stream.contract.alert import Alert, Notice
from ecda_stream.contract.entry import Entry
from ecda_stream.contract.events.control import AlertDecided
from ecda_stream.contract.source_event import SourceRecord
from ecda_stream.errors import EcdaStreamError, InvalidEvent
from ecda_stream.pipeline import Admitted, Outcome
from ecda_stream.worker.ceiling import Ceiling
from ecda_stream.worker.extracts import Extracts
from ecda_stream.worker.guard import Continuity, Positions
from ecda_stream.worker.metrics import RESET, Metrics
from ecda_stream.worker.outbox import Headers, Sending
from ecda_stream.worker.publishing import REVIEW_SYSTEMS

log = logging.getLogger(__name__)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


LARGEST_RUN_BYTES = 8 * 1024 * 1024
LONGEST_RUN_SECONDS = 2.0


class Delivers(Protocol):
    """What makes records durable."""

    async def deliver(self, sendings: Sequence[Sending]) -> None:
        """Return when the broker has all of them; raise if one failed."""


def record_of(event: Any) -> tuple[SourceRecord, Headers]:
    """Return a Faust event as a source record, and its headers in order; time of arrival is the broker's timestamp."""
    message = event.message
    headers: Headers = tuple(message.headers.items() if isinstance(message.headers, dict) else message.headers or ())
    arrived_at = _EPOCH + timedelta(milliseconds=round(message.timestamp * 1000))
    record = SourceRecord(message.topic, message.partition, message.offset, message.key, message.value, dict(headers), arrived_at)
    return record, headers


class Runs:
    """Makes runs; one for each worker."""

    def __init__(
        self,
        outbox: Delivers,
        positions: Positions,
        metrics: Metrics,
        ceiling: Ceiling,
        continuity: Continuity,
        *,
        most_records: int,
        within_seconds: float,
        stream: str = "",
    ) -> None:
        self.most_records = most_records
        self.within_seconds = within_seconds
        self.outbox = outbox
        self.positions = positions
        self.metrics = metrics
        self.ceiling = ceiling
        self.continuity = continuity
        self.stream = stream
        self.extracts = Extracts(stream, metrics)

    @asynccontextmanager
    async def run(self) -> AsyncIterator[Run]:
        """Hand out a run; when its body is through, make its work durable and count its records as done.

        Whatever is raised on the way stops every further commit before it goes on: the worker ends, and starts from its last commit.
        A run that is cancelled (shutdown, rebalance) counts for nothing: what follows it without it is a gap, and is found.
        """
        run = Run(self)
        try:
            yield run
            await run.make_durable()
        except Exception as error:
            self.positions.fail()
            log.critical("stopping: %s", error if isinstance(error, EcdaStreamError) else type(error).__name__)
            raise


class Run:
    """What one run has to send, and which records it will have done."""

    def __init__(self, runs: Runs) -> None:
        self._runs = runs
        self._sendings: list[Sending] = []
        self._then: list[Callable[[], None]] = []
        self._last: dict[TP, int] = {}
        self._counts: list[Callable[[], None]] = []
        self._bytes = 0
        self._started = time.monotonic()
        self.now = datetime.now(UTC)

    async def next_is(self, record: SourceRecord) -> None:
        """Begin with a record; raise RecordsSkipped if it is not the next of its partition."""
        tp = TP(record.topic, record.partition)
        last = self._last.get(tp)
        if last is None or record.offset > last + 1:
            await self._runs.continuity.check(tp, last, record.offset)
        self._last[tp] = max(record.offset, last or 0)

    def send(self, sending: Sending) -> None:
        """Send a record with the run."""
        self._sendings.append(sending)
        self._bytes += len(sending.value or b"")

    async def end_early_if_large(self) -> None:
        """Make durable what there is so far, if it is much or took long: five hundred large documents are no single run."""
        if self._bytes > LARGEST_RUN_BYTES or time.monotonic() - self._started > LONGEST_RUN_SECONDS:
            await self.make_durable()

    def send_all(self, sendings: Iterable[Sending]) -> None:
        """Send records with the run."""
        self._sendings.extend(sendings)

    def when_durable(self, then: Callable[[], None]) -> None:
        """Do something after everything that the run sends is durable."""
        self._then.append(then)

    def refuse(self, letter: Sending, record: SourceRecord, stage: str, error: InvalidEvent) -> None:
        """Dead-letter a record; raise TooManyRefusals at the ceiling."""
        self._runs.ceiling.count(refused=True)
        metrics = self._runs.metrics
        self.send(letter)
        self._counts.append(metrics.refusals.labels(record.topic, stage, error.reason_code).inc)
        self._count(record, "refused")

    def count_admitted(self, record: SourceRecord, admitted: Admitted) -> None:
        """Count an entry."""
        self._runs.ceiling.count(refused=False)
        metrics = self._runs.metrics
        for field, _, reason in (item.partition(":") for item in admitted.entry.set_aside):
            self._counts.append(metrics.unusable_identifiers.labels(field, reason).inc)
        if admitted.unknown_fields:
            self._counts.append(partial(metrics.unknown_fields.labels(admitted.entry.type).inc, admitted.unknown_fields))
        if admitted.entry.system not in REVIEW_SYSTEMS:  # reviewers may be silent for weeks
            self._counts.append(partial(_heard, metrics, admitted.entry, record.arrived_at))
        self._count(record, "admitted")

    def count_folded(self, record: SourceRecord, entry: Entry, outcome: Outcome) -> None:
        """Count what an entry caused."""
        self._runs.ceiling.count(refused=False)
        metrics, now = self._runs.metrics, self.now
        for score in outcome.scores:
            reason = score.reason or score.decision.reason
            self._counts.append(metrics.scores.labels(score.stream, score.outcome, reason).inc)
            if score.probability is not None:
                self._counts.append(partial(metrics.score_probability.labels(score.stream).observe, score.probability))
        for published in outcome.alerts:
            self._counts.append(_counter_of(published, metrics).inc)
        if entry.type == AlertDecided.type_name and outcome.news == "control" and not outcome.ignored:
            self._counts.append(metrics.decisions.labels(self._runs.stream, str(entry.facts.get("decision"))).inc)
        repeated = outcome.news in ("duplicate", "stale")
        self._counts.append(partial(self._runs.extracts.count, record.partition, record.offset, entry, repeated=repeated))
        metrics.event_age.labels(record.topic).observe(max(0.0, (now - entry.arrived_at).total_seconds()))
        if outcome.ignored:
            log.warning("ignored: %s, partition %d, offset %d", outcome.ignored, record.partition, record.offset)
        self._count(record, _handled(outcome))

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Measure the time of a stage."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self._runs.metrics.stage_duration.labels(stage).observe(time.perf_counter() - started)

    async def make_durable(self) -> None:
        """Deliver everything, then write local state, then advance the positions."""
        with self.timed("deliver"):
            await self._runs.outbox.deliver(self._sendings)
        for then in (*self._then, *self._counts):
            then()
        for tp, offset in self._last.items():
            self._runs.positions.advance(tp, offset)
        self._sendings, self._then, self._counts = [], [], []
        self._bytes, self._started = 0, time.monotonic()

    def _count(self, record: SourceRecord, outcome: str) -> None:
        metrics = self._runs.metrics
        self._counts.append(metrics.entries.labels(record.topic, outcome).inc)
        self._counts.append(partial(metrics.last_entry.labels(record.topic).set, record.arrived_at.timestamp()))


def _handled(outcome: Outcome) -> str:
    if outcome.ignored:
        return "ignored"
    return outcome.news if outcome.news in ("duplicate", "stale") else "folded"


def _heard(metrics: Metrics, entry: Entry, at: datetime) -> None:
    """Set when a source was heard last; the series begins with it, for a source heard of in 1970 would be a silent one."""
    metrics.source_last_record.labels(entry.authority, entry.system).set(at.timestamp())


def _counter_of(published: Alert | Notice, metrics: Metrics) -> Counter:
    """Return what counts an alert or a notice; the reason of a reset is an operator's own word and no label."""
    if isinstance(published, Notice):
        cause = published.cause if published.cause in CAUSES else RESET
        return metrics.notices.labels(published.stream, published.status, cause)
    return metrics.alerts.labels(published.stream, published.status, published.kind)
