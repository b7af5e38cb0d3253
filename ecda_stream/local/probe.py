"""Is the broker ready? Only a record that went in and came out again says so; an open port does not."""

from __future__ import annotations

import asyncio
import secrets

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

PROBE_TOPIC = "ecda.local.probe"


async def round_trip(bootstrap: str, timeout_s: float) -> None:
    """Produce one record to a topic of our own and read it back.

    Raises:
        KafkaError: the broker answers, but is not ready yet.
        TimeoutError: it did not come back within `timeout_s` seconds.
    """
    async with asyncio.timeout(timeout_s):
        await _create_probe_topic(bootstrap)
        sent = secrets.token_bytes(16)
        producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all")
        await producer.start()
        try:
            stored = await producer.send_and_wait(PROBE_TOPIC, sent, partition=0)
        finally:
            await producer.stop()
        await _await_record(bootstrap, stored.offset, sent)


async def _create_probe_topic(bootstrap: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        await admin.start()
        topic = NewTopic(PROBE_TOPIC, 1, 1, topic_configs={"retention.ms": "3600000"})
        answer = await admin.create_topics([topic])
        error = for_code(answer.topic_errors[0][1])
        if error not in (TopicAlreadyExistsError, for_code(0)):
            raise error()
    finally:
        await admin.close()


async def _await_record(bootstrap: str, offset: int, expected: bytes) -> None:
    partition = TopicPartition(PROBE_TOPIC, 0)
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign([partition])
        consumer.seek(partition, offset)
        record = await consumer.getone(partition)
        if record.value != expected:
            raise KafkaError("the probe record came back changed")
    finally:
        await consumer.stop()
