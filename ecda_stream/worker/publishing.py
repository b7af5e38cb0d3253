"""Source events -> source topics, in binary CloudEvents, keyed by nothing personal."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from ecda_stream.contract.canonical import hash_of, to_canonical_json
from ecda_stream.errors import Unavailable
from ecda_stream.worker.outbox import LARGEST_REQUEST_BYTES
from ecda_stream.worker.settings import load_settings

REVIEW_SYSTEMS = frozenset({"review", "console"})
AGENCY_OF_SYSTEM: Mapping[str, str] = {
    "police": "police",
    "education": "education",
    "school": "education",
    "housing": "housing",
    **dict.fromkeys(REVIEW_SYSTEMS, "review"),
}
RUN_RECORDS = 500


def topic_of(event: Mapping[str, Any]) -> str:
    """Return the source topic of an event, by the system in its `source`; everything else travels with social care."""
    system = str(event.get("source", "")).rsplit("/", 1)[-1]
    return f"ecda.source.{AGENCY_OF_SYSTEM.get(system, 'social_care')}.v1"


def publish_events(events: Iterable[Mapping[str, Any]], *, bootstrap: str, on_progress: Callable[[int], None]) -> int:
    """Publish events in order and return how many; `on_progress` is told how many are durable.

    Raises Unavailable if the broker does not take them.
    """
    return asyncio.run(_publish(iter(events), load_settings(bootstrap=bootstrap).client_options(), on_progress))


async def _publish(events: Any, options: Mapping[str, Any], on_progress: Callable[[int], None]) -> int:
    producer = AIOKafkaProducer(
        **options, enable_idempotence=True, acks="all", linger_ms=5, max_batch_size=262144, max_request_size=LARGEST_REQUEST_BYTES
    )
    sent = 0
    try:
        await producer.start()
        while run := list(islice(events, RUN_RECORDS)):
            deliveries = []
            for event in run:
                key, value, headers = to_binary(event)
                deliveries.append(await producer.send(topic_of(event), value, key=key, headers=headers))
            await asyncio.gather(*deliveries)
            sent += len(run)
            on_progress(sent)
    except KafkaError as error:
        raise Unavailable(f"the broker did not take the events ({type(error).__name__}); {sent} are there") from None
    finally:
        await producer.stop()
    return sent


def to_binary(event: Mapping[str, Any]) -> tuple[bytes, bytes, list[tuple[str, bytes]]]:
    """Return key, value and headers of an event in binary mode; the key is the authority's, so that its events keep their order."""
    attributes = {name: value for name, value in event.items() if name not in ("data", "arrivedtime") and value is not None}
    headers = [(f"ce_{name}", str(value).encode("utf-8", "surrogatepass")) for name, value in attributes.items()]
    key = hash_of("authority", str(event.get("authority", ""))).encode()
    return key, to_canonical_json(event.get("data", {})), [("content-type", b"application/json"), *headers]
