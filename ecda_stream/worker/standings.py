"""How alerting stands for each authority, as gauges: looked up in the state now and then, and read by nothing that decides."""

from __future__ import annotations

import asyncio
from typing import Any

from ecda_stream.alert.days import known_authorities
from ecda_stream.alert.guardrail import CAUSES
from ecda_stream.alert.summary import LATEST, Standing, summarise
from ecda_stream.definition import StreamDefinition
from ecda_stream.state import Draft
from ecda_stream.worker.agents import LOG_TOPIC
from ecda_stream.worker.metrics import Metrics
from ecda_stream.worker.series import PartitionSeries, Series
from ecda_stream.worker.tables import TableState

EVERY_SECONDS = 15.0


def keep_standings(app: Any, tables: TableState, definition: StreamDefinition) -> None:
    """Keep the gauges of every authority whose partition this worker holds."""
    series = PartitionSeries()

    async def look() -> None:
        held = [tp.partition for tp in app.consumer.assignment() if tp.topic == LOG_TOPIC]
        series.keep_only(held)
        readers = tables.readers()  # half of a state would show alerting as running that is stopped
        for partition in sorted(readers.keys() & held):
            draft = Draft(readers[partition])
            for authority in known_authorities(draft, LATEST):
                standing = summarise(draft, authority, definition)
                if standing is not None:
                    series.show(partition, authority, values_of(standing, authority, definition.stream, app.metrics))
                await asyncio.sleep(0)  # a hundred authorities at a stretch would keep the records waiting

    app.timer(interval=EVERY_SECONDS, on_leader=False)(look)


def values_of(standing: Standing, authority: str, stream: str, metrics: Metrics) -> dict[Series, float]:
    """Return the series of one authority; every cause of a stop has one, so that a rule sees the end of a stop and not a gap."""
    labels = (stream, authority)
    values: dict[Series, float] = {
        (metrics.alerts_held, labels): standing.held,
        (metrics.alerts_sent_this_week, labels): standing.sent_this_week,
        (metrics.alert_capacity, labels): standing.capacity,
    }
    for cause in {*CAUSES, *filter(None, [standing.stopped])}:
        values[(metrics.alerting_stopped, (*labels, cause))] = cause == standing.stopped
    for measure, share in standing.shares.items():
        values[(metrics.guardrail_share, (*labels, measure))] = share
    return values
