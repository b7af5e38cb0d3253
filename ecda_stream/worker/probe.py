"""What the broker itself says of a partition, asked by a client of its own: Faust's view of it is what is being checked."""

from __future__ import annotations

import asyncio
import logging

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from faust.types import TP

from ecda_stream.worker.metrics import Metrics
from ecda_stream.worker.settings import Settings

log = logging.getLogger(__name__)

LONGEST_SILENCE_SECONDS = 10.0


class Probe:
    """Looks for a consumer group."""

    def __init__(self, settings: Settings, group: str, metrics: Metrics) -> None:
        self._options = settings.client_options()
        self._group = group
        self._metrics = metrics

    async def committed(self) -> dict[TP, int]:
        """Return the offsets that the group has committed."""
        admin = AIOKafkaAdminClient(**self._options)
        try:
            await admin.start()
            committed = await admin.list_consumer_group_offsets(self._group)
        finally:
            await admin.close()
        return {TP(tp.topic, tp.partition): at.offset for tp, at in committed.items() if at.offset >= 0}

    async def first_between(self, tp: TP, first: int, after: int) -> int | None:
        """Return the first offset that a partition has from one up to, not including, another; None if there is none.

        What retention has removed is counted and logged, for it is lost; compaction leaves gaps that lose nothing.
        """
        consumer = AIOKafkaConsumer(**self._options, enable_auto_commit=False)
        try:
            await consumer.start()
            partition = TopicPartition(tp.topic, tp.partition)
            consumer.assign([partition])
            beginning = (await consumer.beginning_offsets([partition]))[partition]
            if 0 < first < beginning:
                lost = min(beginning, after) - first
                self._metrics.records_expired.labels(tp.topic).inc(lost)
                log.error(
                    "%d offsets before offset %d are gone from %s: retention was shorter than the outage", lost, beginning, tp.topic
                )
            consumer.seek(partition, max(first, beginning))
            record = await asyncio.wait_for(consumer.getone(partition), LONGEST_SILENCE_SECONDS)
            return int(record.offset) if record.offset < after else None
        finally:
            await consumer.stop()
