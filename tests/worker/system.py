"""The running system under test: a real Kafka, the admit worker and score workers, each a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from aiokafka import AIOKafkaProducer

from ecda_stream.commands.decisions import publish_decision
from ecda_stream.commands.processes import Demo
from ecda_stream.worker.outbox import LARGEST_REQUEST_BYTES
from ecda_stream.worker.publishing import to_binary
from ecda_stream.worker.reading import Found, count_behind

SOCIAL_CARE = "ecda.source.social_care.v1"
LOG = "ecda.event_log.v1"
SCORES = "ecda.re_referral.scores.v1"
ALERTS = "ecda.re_referral.alerts.v1"
KEY = Path(__file__).parents[2] / "streams/re_referral/golden/test.key"
LONGEST_SECONDS = 120.0
AUTHORITIES = ("881", "882", "883", "330", "816", "925", "873", "886")


@dataclass(frozen=True)
class Raw:
    """One record as a source system might send it, right or wrong."""

    value: bytes | None
    key: bytes | None = b"any-key"
    headers: Sequence[tuple[str, bytes]] = field(default=(("content-type", b"application/cloudevents+json"),))
    topic: str = SOCIAL_CARE
    partition: int = 0


class System(Demo):
    """The demo's processes, with what a test needs besides."""

    def start_worker(self, name: str, what: str) -> subprocess.Popen[bytes]:
        """Start one worker with the tests' key: who is drawn for the audit sample follows from it, and is the same every time."""
        (self._data / "secrets" / "pseudonymisation.key").write_bytes(KEY.read_bytes())
        return super().start_worker(name, what)

    def activate_baseline(self) -> None:
        """Let the points table score, whose sums one can foresee."""
        facts = {"stream": "re_referral", "version": "baseline-1", "reason": "test"}
        for authority in AUTHORITIES:
            publish_decision(self.bootstrap, "model.activated.v1", authority, facts)
        self.wait_until_through(LONGEST_SECONDS)

    def publish_raw(self, records: Sequence[Raw]) -> None:
        """Publish records exactly as they are."""
        asyncio.run(self._publish_raw(records))

    async def _publish_raw(self, records: Sequence[Raw]) -> None:
        producer = AIOKafkaProducer(bootstrap_servers=self.bootstrap, max_request_size=LARGEST_REQUEST_BYTES, acks="all")
        await producer.start()
        try:
            for record in records:
                await producer.send_and_wait(
                    record.topic, record.value, record.key, partition=record.partition, headers=list(record.headers)
                )
        finally:
            await producer.stop()

    def all(self, *topics: str) -> list[Found]:
        """Return every record of the topics."""
        return list(self.read(*topics))

    def count(self, topic: str) -> int:
        """Return how many records a topic has had."""
        return count_behind(self._settings(), "nobody", topic)

    def kill(self, name: str) -> None:
        """End a worker the hard way."""
        worker = self._workers[name]
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait(30)
        del self._workers[name]

    def end(self, name: str, how: signal.Signals) -> int:
        """Send a worker a signal and return its exit code."""
        self._workers[name].send_signal(how)
        return self.wait_for_end(name, 60)

    def wait_for_end(self, name: str, seconds: float) -> int:
        """Wait until a worker has ended; return its exit code."""
        return self._workers.pop(name).wait(seconds)

    def pids(self) -> dict[str, int]:
        """Return the process of each worker."""
        return {name: worker.pid for name, worker in self._workers.items() if worker.poll() is None}

    def metrics(self, name: str) -> str:
        """Return the metrics of a worker as it serves them."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self._ports[name]}/metrics", timeout=10) as answer:
            text: str = answer.read().decode()
        return text

    def logs(self) -> str:
        """Return everything that the workers wrote."""
        return "".join(path.read_text(encoding="utf-8") for path in sorted(self._data.glob("*.log")))


@contextmanager
def running_system(data: Path, arrive: Literal["broker", "recorded"] = "broker") -> Iterator[System]:
    """Run Kafka, the topics, the admit worker and one score worker."""
    with System(data, lambda _: None, keep=False, arrive=arrive) as system:
        system.start()
        yield system


def structured(event: Mapping[str, Any]) -> Raw:
    """Return an event as a record in structured mode."""
    return Raw(json.dumps(event).encode())


def binary(event: Mapping[str, Any]) -> Raw:
    """Return an event as a record in binary mode."""
    key, value, headers = to_binary(event)
    return Raw(value, key, headers)


def an_event(event_id: str, event_type: str, data: Mapping[str, Any], **attributes: Any) -> dict[str, Any]:
    """Return a source event of authority 881."""
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": "/881/social_care",
        "type": f"uk.csc.{event_type}",
        "authority": "881",
        "data": data,
        **attributes,
    }


def a_child(number: int, **changes: Any) -> dict[str, Any]:
    """Return an invented child."""
    return {
        "role": "child",
        "identifiers": [{"kind": "la_child_id", "value": f"INVENTED{number}"}],
        "birth_date": "2014-02-03",
        **changes,
    }


def a_closure(number: int, **changes: Any) -> dict[str, Any]:
    """Return the data of an invented closure."""
    data = {
        "people": [a_child(number)],
        "referral_date": "2025-01-10",
        "closure_date": "2025-03-04",
        "closure_reason": "RC7",
        **changes,
    }
    return {name: value for name, value in data.items() if value is not None}
