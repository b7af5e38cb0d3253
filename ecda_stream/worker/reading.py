"""Topics read from their beginning to where they ended when the reading began; what a command needs, never a worker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from ecda_stream.errors import Unavailable
from ecda_stream.worker.settings import Settings

LONGEST_SILENCE_SECONDS = 30.0


@dataclass(frozen=True)
class Found:
    """One record of a topic."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    timestamp_ms: int


def read_topics(settings: Settings, *topics: str) -> Iterator[Found]:
    """Yield every record of the topics: partition by partition, in order.

    Raises Unavailable if the broker or a topic is not there.
    """
    with asyncio.Runner() as runner:
        records = _read(settings.client_options(), topics)
        try:
            while True:
                try:
                    yield runner.run(anext(records))
                except StopAsyncIteration:
                    return
        except KafkaError as error:
            raise Unavailable(f"cannot read {', '.join(topics)}: {type(error).__name__}") from None
        finally:
            runner.run(records.aclose())


async def _read(options: Mapping[str, Any], topics: tuple[str, ...]) -> Any:
    consumer = AIOKafkaConsumer(**options, enable_auto_commit=False, max_partition_fetch_bytes=12 * 1024 * 1024)
    try:
        await consumer.start()
        partitions = []
        numbers = await _partitions(options, topics)
        for topic in topics:
            partitions += [TopicPartition(topic, number) for number in sorted(numbers[topic])]
        ends = await consumer.end_offsets(partitions)
        begins = await consumer.beginning_offsets(partitions)
        for partition in partitions:
            if begins[partition] < ends[partition]:
                async for found in _read_partition(consumer, partition, begins[partition], ends[partition]):
                    yield found
    finally:
        await consumer.stop()


def count_behind(settings: Settings, group: str, *topics: str) -> int:
    """Return how many records of the topics a consumer group has not committed.

    Raises Unavailable if the broker or a topic is not there.
    """
    return asyncio.run(_count_behind(settings.client_options(), group, topics))


async def _count_behind(options: Mapping[str, Any], group: str, topics: tuple[str, ...]) -> int:
    numbers = await _partitions(options, topics)
    partitions = [TopicPartition(topic, number) for topic in topics for number in numbers[topic]]
    consumer = AIOKafkaConsumer(**options, enable_auto_commit=False)
    admin = AIOKafkaAdminClient(**options)
    try:
        await consumer.start()
        await admin.start()
        begins, ends = await consumer.beginning_offsets(partitions), await consumer.end_offsets(partitions)
        committed = await admin.list_consumer_group_offsets(group)
        done = {partition: max(begins[partition], committed[partition].offset) for partition in partitions if partition in committed}
        return sum(ends[partition] - done.get(partition, begins[partition]) for partition in partitions)
    finally:
        await admin.close()
        await consumer.stop()


async def _partitions(options: Mapping[str, Any], topics: tuple[str, ...]) -> dict[str, list[int]]:
    admin = AIOKafkaAdminClient(**options)
    try:
        await admin.start()
        found = {topic["topic"]: [p["partition"] for p in topic["partitions"]] for topic in await admin.describe_topics(None)}
    finally:
        await admin.close()
    for topic in topics:
        if not found.get(topic):
            raise Unavailable(f"topic {topic} does not exist; `ecda-stream topics create` makes it")
    return found


async def _read_partition(consumer: AIOKafkaConsumer, partition: TopicPartition, begin: int, end: int) -> AsyncIterator[Found]:
    consumer.assign([partition])
    consumer.seek(partition, begin)
    while await consumer.position(partition) < end:
        batch = await consumer.getmany(partition, timeout_ms=int(LONGEST_SILENCE_SECONDS * 1000))
        if not batch:
            raise Unavailable(f"{partition.topic}[{partition.partition}] was silent for {LONGEST_SILENCE_SECONDS:.0f} s before its end")
        for record in batch[partition]:
            if record.offset < end:
                yield Found(
                    record.topic, record.partition, record.offset, record.key, record.value, tuple(record.headers), record.timestamp
                )
