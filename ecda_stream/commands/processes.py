"""What the demo starts and stops: Kafka, the topics, both workers as processes; nothing else is ever ended."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self

from ecda_stream.errors import Unavailable

if TYPE_CHECKING:
    from ecda_stream.worker.reading import Found

TOPICS = Path("deploy/kafka/topics.yaml")
STOP_SECONDS = 30.0


class Demo:
    """A local Kafka with both workers; a context manager that stops what it started unless told to keep it."""

    def __init__(self, data: Path, say: Callable[[str], None], *, keep: bool, arrive: Literal["broker", "recorded"] = "broker") -> None:
        self._data = data
        self._say = say
        self._keep = keep
        self._arrive = arrive
        self._stack = ExitStack()
        self._workers: dict[str, subprocess.Popen[bytes]] = {}
        self._ports: dict[str, int] = {}
        self.bootstrap = ""
        self.source_topics: tuple[str, ...] = ()
        self.dead_letter_topics: tuple[str, ...] = ()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._keep and error is None:
            return
        for worker in self._workers.values():
            worker.terminate()
        for worker in self._workers.values():
            try:
                worker.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                worker.kill()
                worker.wait()
        self._stack.close()

    def start(self) -> None:
        """Start Kafka, make the topics and the secrets, start the workers and wait until they answer."""
        from ecda_stream.commands.secrets import create_secrets
        from ecda_stream.files.topics import load_topics
        from ecda_stream.local import kafka
        from ecda_stream.worker.topics import create_topics

        broker = kafka.start(self._data / "kafka", None, on_progress=self._say)
        self._stack.callback(kafka.stop, self._data / "kafka")
        self.bootstrap = broker.bootstrap
        plan = load_topics(TOPICS)
        self.source_topics = tuple(topic.name for topic in plan.of_kind("source"))
        self.dead_letter_topics = tuple(f"{name}.dlq" for name in self.source_topics)
        report = asyncio.run(create_topics(self.bootstrap, plan))
        self._say(f"{len(report.created)} topics made")
        create_secrets(self._data / "secrets", "demo1")
        for name in ("admit", "re_referral"):
            self.start_worker(name, name)
        for name in self._workers:
            self.wait_until_answers(name)

    def start_worker(self, name: str, what: str) -> subprocess.Popen[bytes]:
        """Start one worker process; its log goes to a file."""
        port = _free_port()
        log = (self._data / f"{name}.log").open("ab")
        environment = {
            **os.environ,
            "ECDA_BOOTSTRAP": self.bootstrap,
            "ECDA_SECRET_FILE": str(self._data / "secrets" / "pseudonymisation.key"),
            "ECDA_REVIEW_PUBLIC_KEY_FILE": str(self._data / "secrets" / "review_public.key"),
            "ECDA_METRICS_PORT": str(port),
            "ECDA_ARRIVE": self._arrive,
            "ECDA_SESSION_TIMEOUT_SECONDS": "6",
            "ECDA_HEARTBEAT_SECONDS": "1",
        }
        worker = subprocess.Popen(
            self.command(what),
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        log.close()
        self._workers[name] = worker
        self._ports[name] = port
        self._say(f"worker {name} started (process {worker.pid})")
        return worker

    def command(self, what: str) -> list[str]:
        """Return what starts a worker."""
        return [sys.executable, "-m", "ecda_stream", "run", what]

    @property
    def metrics_addresses(self) -> list[str]:
        """Return where the workers' metrics are."""
        return [f"http://127.0.0.1:{port}/metrics" for port in self._ports.values()]

    def publish(self, lines: Iterable[bytes]) -> int:
        """Publish lines of EVENTS in their order; return how many."""
        from ecda_stream.worker.publishing import publish_lines

        return publish_lines(lines, bootstrap=self.bootstrap, on_progress=lambda _: None)

    def wait_until_through(self, longest_seconds: float) -> None:
        """Wait until both consumer groups have committed everything that was published and everything that came of it.

        Raises Unavailable if a worker ends, or it takes too long.
        """
        from ecda_stream.worker.reading import count_behind

        settings = self._settings()
        deadline = time.monotonic() + longest_seconds
        said_at = time.monotonic()
        while True:
            to_admit = count_behind(settings, "ecda.admit", *self.source_topics)
            to_score = count_behind(settings, "ecda.re_referral", "ecda.event_log.v1")
            if to_admit == 0 and to_score == 0 and count_behind(settings, "ecda.admit", *self.source_topics) == 0:
                return
            if time.monotonic() - said_at > 2:
                said_at = time.monotonic()
                self._say(f"  {to_admit} events to admit, {to_score} entries to score")
            self.check_workers()
            if time.monotonic() > deadline:
                raise Unavailable(f"not through after {longest_seconds:.0f} s; the workers' logs are in {self._data}")
            time.sleep(0.3)

    def read(self, *topics: str) -> Iterator[Found]:
        """Yield every record of the topics."""
        from ecda_stream.worker.reading import read_topics

        return read_topics(self._settings(), *topics)

    def how_to_go_on(self) -> str:
        """Return what to type after `--keep`."""
        pids = " ".join(str(worker.pid) for worker in self._workers.values())
        return (
            f"Left running at {self.bootstrap}. Look: ECDA_BOOTSTRAP={self.bootstrap} ecda-stream alerts list\n"
            f"Stop: kill {pids}; ecda-stream kafka stop --data {self._data / 'kafka'}"
        )

    def _settings(self) -> Any:
        from ecda_stream.worker.settings import load_settings

        return load_settings(bootstrap=self.bootstrap)

    def wait_until_answers(self, name: str) -> None:
        """Wait until a worker serves its metrics."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            self.check_workers()
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self._ports[name]}/metrics", timeout=5):
                    return
            except OSError:
                time.sleep(0.2)
        raise Unavailable(f"worker {name} does not answer; its log is in {self._data}")

    def check_workers(self) -> None:
        """Raise Unavailable if a worker has ended."""
        for name, worker in self._workers.items():
            if worker.poll() is not None:
                raise Unavailable(f"worker {name} ended with code {worker.returncode}; its log is {self._data / (name + '.log')}")


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
