"""Start, stop and look at a local single-node Kafka (KRaft, no ZooKeeper) that listens on 127.0.0.1 and nowhere else.

Everything it writes lies in one data folder: server.properties, broker.json (which process it is), broker.log and log/.
"""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import secrets
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from ecda_stream.errors import Unavailable
from ecda_stream.local import process
from ecda_stream.local.jars import Progress, java, kafka_classpath, locked

HOST = "127.0.0.1"
DEFAULT_PORT = 19092
DEFAULT_DATA_DIR = Path(".ecda/kafka")
START_DEADLINE_S = 90.0
STOP_DEADLINE_S = 30.0

_JVM = (
    "-Xms64m",
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:-UsePerfData",
    "-Djava.awt.headless=true",
    # Kafka loads native compressors and unmaps files by hand; Java 25 would fill the log with warnings about both.
    "--enable-native-access=ALL-UNNAMED",
    "--sun-misc-unsafe-memory-access=allow",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
)

# Index files of 64 kB are enough for segments of 16 MB; at the default of 10 MB each, hundreds of partitions would
# map gigabytes. Topics set their own timestamp type and, up to the limit here, their own record size.
_PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller_port}
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller_port}
advertised.listeners=PLAINTEXT://{host}:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
log.dirs={log_dir}
auto.create.topics.enable=false
message.max.bytes=12582912
socket.request.max.bytes=104857600
log.segment.bytes=16777216
log.index.size.max.bytes=65536
log.cleaner.dedupe.buffer.size=4194304
log.cleaner.backoff.ms=5000
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
offsets.load.buffer.size=1048576
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
num.network.threads=2
num.io.threads=2
num.recovery.threads.per.data.dir=2
"""


@dataclass(frozen=True, slots=True)
class Broker:
    """A broker that answered: where it is and which process it is."""

    bootstrap: str
    pid: int
    data_dir: Path
    log: Path


@dataclass(frozen=True, slots=True)
class Status:
    """What is known of the broker of one data folder; `running`: our process lives, `answers`: its port is open."""

    running: bool
    answers: bool
    bootstrap: str | None
    pid: int | None
    data_dir: Path
    log: Path


def start(
    data_dir: Path = DEFAULT_DATA_DIR,
    port: int | None = DEFAULT_PORT,
    *,
    on_progress: Progress = lambda _: None,
    deadline_s: float = START_DEADLINE_S,
) -> Broker:
    """Start a broker and return once a record has gone in and come out again; it outlives the calling process.

    `port` None chooses a free one. A data folder used before keeps its topics and records.

    Raises:
        Unavailable: the port is taken, the folder already has a running broker, the jars cannot be had, or the broker
            did not become ready within `deadline_s` seconds (then it is ended, and the message shows its log).
    """
    data_dir = data_dir.resolve()
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    with locked(data_dir / "lock"):
        _refuse_second_broker(data_dir)
        port = _free_port() if port is None else _require_free(port)
        classpath = ":".join(map(str, kafka_classpath(on_progress)))
        _configure(data_dir, port)
        _format_once(data_dir, classpath)
        on_progress(f"starting Kafka on {HOST}:{port}")
        record = _spawn(data_dir, classpath, f"{HOST}:{port}")
        try:
            _await_ready(record, data_dir, deadline_s)
        except BaseException:
            process.end(record.pid, record.mark, deadline_s=5.0)
            _record_path(data_dir).unlink(missing_ok=True)
            raise
    return Broker(record.bootstrap, record.pid, data_dir, _log_path(data_dir))


def stop(data_dir: Path = DEFAULT_DATA_DIR, *, deadline_s: float = STOP_DEADLINE_S) -> bool:
    """End the broker of this data folder: asked first, forced after `deadline_s` seconds. False: none was running.

    Raises:
        Unavailable: the process could not be ended at all.
    """
    data_dir = data_dir.resolve()
    record = _read_record(data_dir)
    if record is None:
        return False
    was_running = record.is_running()
    process.end(record.pid, record.mark, deadline_s)
    if record.is_running():
        raise Unavailable(f"the broker (process {record.pid}) could not be ended; its log: {_log_path(data_dir)}")
    _record_path(data_dir).unlink(missing_ok=True)
    return was_running


def status(data_dir: Path = DEFAULT_DATA_DIR) -> Status:
    """What is known of the broker of this data folder; changes nothing, waits at most a second."""
    data_dir = data_dir.resolve()
    record = _read_record(data_dir)
    if record is None or not record.is_running():
        return Status(False, False, None, None, data_dir, _log_path(data_dir))
    return Status(True, _answers(record.bootstrap), record.bootstrap, record.pid, data_dir, _log_path(data_dir))


@contextmanager
def running(data_dir: Path, port: int | None = None, *, on_progress: Progress = lambda _: None) -> Iterator[Broker]:
    """A broker for the duration of the block, by default on a free port; the data folder stays."""
    broker = start(data_dir, port, on_progress=on_progress)
    try:
        yield broker
    finally:
        stop(data_dir)


@dataclass(frozen=True, slots=True)
class _Record:
    """broker.json: with `mark`, the pid names one process even after the number has been given to another."""

    pid: int
    mark: str
    bootstrap: str

    def is_running(self) -> bool:
        return process.start_mark(self.pid) == self.mark


def _record_path(data_dir: Path) -> Path:
    return data_dir / "broker.json"


def _log_path(data_dir: Path) -> Path:
    return data_dir / "broker.log"


def _read_record(data_dir: Path) -> _Record | None:
    try:
        return _Record(**json.loads(_record_path(data_dir).read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def _refuse_second_broker(data_dir: Path) -> None:
    now = status(data_dir)
    if now.running:
        raise Unavailable(
            f"a broker of {data_dir} is already running on {now.bootstrap} (process {now.pid}): "
            f"use it, or end it first with `ecda-stream kafka stop --data {data_dir}`"
        )


def _require_free(port: int) -> int:
    if not _is_free(port):
        raise Unavailable(
            f"port {port} on {HOST} is already in use by another program: "
            f"choose another with --port, or end that program (is it a broker of yours with other --data?)"
        )
    return port


def _is_free(port: int) -> bool:
    with socket.socket() as candidate:
        # As Java does: connections of an earlier broker that are still closing must not look like a listener.
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            candidate.bind((HOST, port))
        except OSError:
            return False
    return True


def _free_port() -> int:
    """A free port below the range from which systems number outgoing connections, so that none takes it meanwhile."""
    for _ in range(200):
        port = 20_000 + secrets.randbelow(10_000)
        if _is_free(port):
            return port
    raise Unavailable(f"no free port between 20000 and 30000 on {HOST}")


def _configure(data_dir: Path, port: int) -> None:
    controller_port = _free_port()
    while controller_port == port:
        controller_port = _free_port()
    (data_dir / "tmp").mkdir(exist_ok=True)
    (data_dir / "server.properties").write_text(
        _PROPERTIES.format(host=HOST, port=port, controller_port=controller_port, log_dir=data_dir / "log")
    )


def _java(data_dir: Path, classpath: str, main_class: str) -> list[str]:
    return [str(java()), *_JVM, f"-Djava.io.tmpdir={data_dir / 'tmp'}", "-cp", classpath, main_class]


def _format_once(data_dir: Path, classpath: str) -> None:
    if (data_dir / "log" / "meta.properties").exists():
        return
    cluster_id = base64.urlsafe_b64encode(secrets.token_bytes(16)).rstrip(b"=").decode().replace("-", "_")
    formatted = subprocess.run(
        [
            *_java(data_dir, classpath, "kafka.tools.StorageTool"),
            *("format", "--cluster-id", cluster_id, "--config", str(data_dir / "server.properties"), "--ignore-formatted"),
        ],
        capture_output=True,
        text=True,
        check=False,
        env={},
        timeout=START_DEADLINE_S,
    )
    if formatted.returncode != 0:
        raise Unavailable(f"Kafka could not format {data_dir / 'log'}:\n{_tail(formatted.stdout + formatted.stderr)}")


def _spawn(data_dir: Path, classpath: str, bootstrap: str) -> _Record:
    command = [*_java(data_dir, classpath, "kafka.Kafka"), str(data_dir / "server.properties")]
    pid = process.spawn(command, _log_path(data_dir))
    record = _Record(pid, process.start_mark(pid) or "", bootstrap)
    _record_path(data_dir).write_text(json.dumps(asdict(record)))
    return record


def _await_ready(record: _Record, data_dir: Path, deadline_s: float) -> None:
    # Costs a third of a second: paid while the broker starts, and not at all by stop and status.
    from aiokafka.errors import KafkaError

    from ecda_stream.local.probe import round_trip

    until = time.monotonic() + deadline_s
    while (left_s := until - time.monotonic()) > 0:
        if not record.is_running():
            raise Unavailable(f"Kafka ended while starting. {_shown_log(data_dir)}")
        if _answers(record.bootstrap):
            try:
                with _quiet("aiokafka"):
                    asyncio.run(round_trip(record.bootstrap, min(left_s, 15.0)))
            except (KafkaError, TimeoutError, OSError):
                pass  # listening, but not leading its partitions yet
            else:
                return
        time.sleep(process.POLL_S)
    raise Unavailable(f"Kafka was not ready within {deadline_s:.0f} s. {_shown_log(data_dir)}")


def _answers(bootstrap: str) -> bool:
    host, _, port = bootstrap.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=1.0):
            return True
    except OSError:
        return False


@contextmanager
def _quiet(logger_name: str) -> Iterator[None]:
    """The client logs as errors what is ordinary while a broker starts."""
    logger = logging.getLogger(logger_name)
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)


def _shown_log(data_dir: Path) -> str:
    log = _log_path(data_dir)
    text = log.read_text(errors="replace") if log.exists() else ""
    return f"The end of {log}:\n{_tail(text) or '(empty)'}"


def _tail(text: str, lines: int = 15) -> str:
    return "\n".join(text.splitlines()[-lines:])
