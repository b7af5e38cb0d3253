"""A run: the records handled together, whose work becomes durable together before any of them counts as done."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
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
from ecda_stream.worker.continuity import Continuity
from ecda_stream.worker.extracts import Extracts
from ecda_stream.worker.metrics import RESET, Metrics
from ecda_stream.worker.outbox import Headers, Sending
from ecda_stream.worker.positions import Positions, Superseded
from ecda_stream.worker.publishing import REVIEW_SYSTEMS

log = logging.getLogger(__name__)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


LARGEST_RUN_BYTES = 8 * 1024 * 1024
LONGEST_RUN_SECONDS = 2.0


class Delivers(Protocol):
    """What makes records durable."""

    async def deliver(self, sendings: Sequence[Sending]) -> Sequence[int]:
        """Return the offset of each when the broker has all of them; raise if one failed."""


class Drafted(Protocol):
    """What becomes state once its changes are durable."""

    def changelog(self) -> Sequence[Sending]:
        """Return the changes."""

    def write(self, offsets: Sequence[int]) -> None:
        """Write the changes, which now stand at these offsets."""


class Overslept(EcdaStreamError):
    """A run took longer than the session: others may hold its partitions by now, and it must not be delivered."""


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
        session_seconds: float,
        stream: str = "",
    ) -> None:
        self.most_records = most_records
        self.within_seconds = within_seconds
        self.session_seconds = session_seconds
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
        A run that is cancelled or superseded (shutdown, rebalance) counts for nothing: it is handed out again.
        """
        run = Run(self)
        try:
            yield run
            await run.make_durable()
        except Superseded:
            log.info("a run was given up: the partitions are given out anew")
        except Exception as error:
            self.positions.fail()
            log.critical("stopping: %s", error if isinstance(error, EcdaStreamError) else type(error).__name__)
            raise


class Run:
    """What one run has to send, and which records it will have done."""

    def __init__(self, runs: Runs) -> None:
        self._runs = runs
        self._sendings: list[Sending] = []
        self._draft: Drafted | None = None
        self._last: dict[TP, int] = {}
        self._counts: list[Callable[[], None]] = []
        self._bytes = 0
        self._assignment = runs.positions.assignment
        self._started = time.monotonic()
        self.now = datetime.now(UTC)

    async def takes(self, record: SourceRecord) -> bool:
        """Return whether a record is the next of its partition, and so is handled now; see `Continuity`."""
        tp = TP(record.topic, record.partition)
        taken = await self._runs.continuity.is_next(tp, self._last.get(tp), record.offset)
        if taken:
            self._last[tp] = record.offset
        return taken

    def send(self, sending: Sending) -> None:
        """Send a record with the run."""
        self._sendings.append(sending)
        self._bytes += len(sending.value or b"")

    async def end_early_if_large(self) -> None:
        """Make durable what there is so far, if it is much or took long: five hundred large documents are no single run."""
        if self._bytes > LARGEST_RUN_BYTES or time.monotonic() - self._started > LONGEST_RUN_SECONDS:
            await self.make_durable()

    def keep(self, draft: Drafted) -> None:
        """Send the changes of a draft with the run, and write them when it is durable."""
        self._draft = draft
        self._started = time.monotonic()  # it may have been waited for

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
        """Deliver everything, then write local state, then advance the positions.

        Raises Superseded if the partitions were given out anew since the run began, and Overslept if that may well be.
        """
        changes = self._draft.changelog() if self._draft else ()
        with self.timed("deliver"):
            async with self._runs.positions.delivering:
                if self._runs.positions.assignment is not self._assignment:
                    raise Superseded
                if (took := time.monotonic() - self._started) > self._runs.session_seconds:
                    raise Overslept(f"a run took {took:.0f} s, longer than the session ({self._runs.session_seconds:.0f} s)")
                offsets = await self._runs.outbox.deliver([*self._sendings, *changes])
                if self._draft:
                    self._draft.write(offsets[len(self._sendings) :])
                for tp, offset in self._last.items():
                    self._runs.positions.advance(tp, offset)
        for count in self._counts:
            count()
        self._sendings, self._counts, self._draft = [], [], None
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
