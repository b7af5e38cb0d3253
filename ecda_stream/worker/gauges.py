"""Gauges that are looked up now and then: lag, age of the last commit, table sizes, assigned partitions."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

from ecda_stream.worker.tables import TableState

EVERY_SECONDS = 2.0


def keep_gauges(app: Any, tables: TableState | None) -> None:
    """Keep the gauges of a worker."""
    waiting_since: list[float] = []
    measured: set[tuple[str, str]] = set()

    def on_commit(accepted: bool) -> None:
        app.metrics.commits.labels("accepted" if accepted else "refused").inc()
        if accepted:
            waiting_since.clear()

    app.positions.on_commit(on_commit)

    async def look() -> None:
        metrics = app.metrics
        consumed = {name for agent in app.agents.values() for name in agent.channel.topics}
        assigned = [tp for tp in app.consumer.assignment() if tp.topic in consumed]
        held = Counter(tp.topic for tp in assigned)
        for topic in consumed:
            metrics.assigned_partitions.labels(topic).set(held[topic])
            metrics.entries.labels(topic, "refused")  # there from the start: what begins at its first value never shows an increase
        for tp in assigned:
            end = app.consumer.highwater(tp)
            done = app.positions.durable(tp)
            done = done if done is not None else app.consumer._committed_offset.get(tp)
            lag = max(0, (end or 0) - (done or 0))
            metrics.consumer_lag.labels(tp.topic, str(tp.partition)).set(lag)
        now_measured = {(tp.topic, str(tp.partition)) for tp in assigned}
        for gone in measured - now_measured:  # another worker's lag now; a value that stands still would look like a stall
            metrics.consumer_lag.remove(*gone)
        measured.clear()
        measured.update(now_measured)
        committed = app.consumer._committed_offset
        if any((done := app.positions.durable(tp)) is not None and done > (committed.get(tp) or 0) for tp in assigned):
            waiting_since[:] = waiting_since[:1] or [time.monotonic()]
        else:
            waiting_since.clear()
        metrics.commit_age.set(time.monotonic() - waiting_since[0] if waiting_since else 0.0)
        app.runs.extracts.keep_only({tp.partition for tp in assigned})
        for name, size in (tables.sizes() if tables else {}).items():
            metrics.table_size.labels(name).set(size)

    app.timer(interval=EVERY_SECONDS, on_leader=False)(look)
