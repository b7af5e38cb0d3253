"""Source events -> source topics, in binary or structured CloudEvents, keyed by nothing personal."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from ecda_stream.contract.canonical import hash_of, to_canonical_json
from ecda_stream.contract.envelope import STRUCTURED_CONTENT_TYPE
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


@dataclass(frozen=True)
class Outgoing:
    """One record on its way to a source topic."""

    topic: str
    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]


def publish_events(events: Iterable[Mapping[str, Any]], *, bootstrap: str, on_progress: Callable[[int], None]) -> int:
    """Publish events in order, in binary mode, and return how many; `on_progress` is told how many are durable.

    Raises Unavailable if the broker does not take them.
    """
    records = (Outgoing(topic_of(event), *to_binary(event)) for event in events)
    return asyncio.run(_publish(records, load_settings(bootstrap=bootstrap).client_options(), on_progress))


def publish_lines(lines: Iterable[bytes], *, bootstrap: str, on_progress: Callable[[int], None]) -> int:
    """Publish the lines of a file of EVENTS in order, in structured mode, each as it stands: what is wrong with one is admit's to say.

    Raises Unavailable if the broker does not take them.
    """
    records = (to_structured(line.rstrip(b"\r\n")) for line in lines)
    return asyncio.run(_publish(records, load_settings(bootstrap=bootstrap).client_options(), on_progress))


async def _publish(records: Iterator[Outgoing], options: Mapping[str, Any], on_progress: Callable[[int], None]) -> int:
    producer = AIOKafkaProducer(
        **options, enable_idempotence=True, acks="all", linger_ms=5, max_batch_size=262144, max_request_size=LARGEST_REQUEST_BYTES
    )
    sent = 0
    try:
        await producer.start()
        while run := list(islice(records, RUN_RECORDS)):
            deliveries = [await producer.send(one.topic, one.value, key=one.key, headers=one.headers) for one in run]
            await asyncio.gather(*deliveries)
            sent += len(run)
            on_progress(sent)
    except KafkaError as error:
        raise Unavailable(f"the broker did not take the events ({type(error).__name__}); {sent} are there") from None
    finally:
        await producer.stop()
    return sent


def to_structured(line: bytes) -> Outgoing:
    """Return a line as a record in structured mode; a line that is no event goes to social care's topic."""
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        event = None
    event = event if isinstance(event, dict) else {}
    return Outgoing(topic_of(event), _key(event), line, [("content-type", STRUCTURED_CONTENT_TYPE.encode())])


def _key(event: Mapping[str, Any]) -> bytes:
    """Return the key of the event's authority, so that its events keep their order."""
    return hash_of("authority", str(event.get("authority", "")).encode("utf-8", "replace").decode()).encode()


def to_binary(event: Mapping[str, Any]) -> tuple[bytes, bytes, list[tuple[str, bytes]]]:
    """Return key, value and headers of an event in binary mode."""
    attributes = {name: value for name, value in event.items() if name not in ("data", "arrivedtime") and value is not None}
    headers = [(f"ce_{name}", str(value).encode("utf-8", "surrogatepass")) for name, value in attributes.items()]
    return _key(event), to_canonical_json(event.get("data", {})), [("content-type", b"application/json"), *headers]
