"""What a run of records sends, and the wait until all of it is durable; a failed send is never swallowed."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaProducer

from ecda_stream.worker.settings import Settings

Headers = Sequence[tuple[str, bytes]]

LARGEST_REQUEST_BYTES = 11 * 1024 * 1024


@dataclass(frozen=True)
class Sending:
    """One record to be sent."""

    topic: str
    partition: int
    key: bytes | None
    value: bytes | None
    headers: Headers = ()


def log_key(name: str) -> bytes:
    """Return a key for the event log that no other record of it has: a name and a lot.

    Compaction keeps the last record of a key. A repetition under the key of the first would remove the first, and so move its entry
    behind others that were folded after it: the log would no longer give the scores that it gave.
    """
    return f"{name}-{secrets.token_hex(8)}".encode()


class Outbox:
    """An idempotent producer of our own: Faust's buffer returns before its records are delivered, and forgets those that fail."""

    def __init__(self, settings: Settings) -> None:
        self._options: dict[str, Any] = settings.client_options()
        self._timeout_seconds = settings.delivery_timeout_seconds
        self._producer: AIOKafkaProducer | None = None

    async def start(self) -> None:
        """Connect."""
        self._producer = AIOKafkaProducer(
            **self._options,
            enable_idempotence=True,
            acks="all",
            linger_ms=1,
            max_batch_size=262144,
            max_request_size=LARGEST_REQUEST_BYTES,
            request_timeout_ms=int(self._timeout_seconds * 1000),
        )
        await self._producer.start()

    async def stop(self) -> None:
        """Disconnect."""
        if self._producer is not None:
            await self._producer.stop()

    async def deliver(self, sendings: Sequence[Sending]) -> list[int]:
        """Send the records in order and return, when the broker has all of them, at which offset each stands.

        Raises what the first failed send raised; nobody may commit past this run then.
        """
        assert self._producer is not None
        deliveries = [
            await self._producer.send(
                sending.topic, sending.value, sending.key, sending.partition, headers=list(sending.headers) or None
            )
            for sending in sendings
        ]
        delivered = await asyncio.wait_for(asyncio.gather(*deliveries), self._timeout_seconds)
        return [record.offset for record in delivered]
