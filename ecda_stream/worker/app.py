"""A worker process: a Faust app with one agent, the commit guard, metrics of its own, and an end within a deadline."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import tempfile
import threading
from collections.abc import Callable
from typing import Any, cast

import faust
from aiokafka.errors import IllegalStateError
from faust.transport.consumer import ThreadDelegateConsumer
from faust.types import TP
from prometheus_client import CollectorRegistry

from ecda_stream.contract.source_event import arrived_when_recorded
from ecda_stream.errors import BadDefinition, Unavailable
from ecda_stream.files.lexicon import load_lexicon
from ecda_stream.files.stream import load_stream
from ecda_stream.files.topics import load_topics
from ecda_stream.pipeline import Desk
from ecda_stream.text.reader import Reader
from ecda_stream.worker.agents import LOG_TOPIC, add_admit_agent, add_score_agent
from ecda_stream.worker.ceiling import Ceiling
from ecda_stream.worker.continuity import INSIST_EVERY_SECONDS, Continuity, RecordsSkipped
from ecda_stream.worker.days import announce_days
from ecda_stream.worker.gauges import keep_gauges
from ecda_stream.worker.guard import LIBRARY_LOG, guarded_transport
from ecda_stream.worker.metrics import Metrics
from ecda_stream.worker.outbox import Outbox
from ecda_stream.worker.positions import Positions
from ecda_stream.worker.probe import Probe
from ecda_stream.worker.runs import Runs
from ecda_stream.worker.settings import Settings
from ecda_stream.worker.standings import keep_standings
from ecda_stream.worker.tables import TableState
from ecda_stream.worker.topics import count_partitions
from ecda_stream.worker.working_days import keep_working_day

ADMIT_PORT, SCORE_PORT = 9101, 9102
EXIT_DEADLINE_PASSED = 1

log = logging.getLogger(__name__)


class WorkerApp(faust.App):
    """Faust's app with the guarded transport, our own producer, and a deadline for its end."""

    logger = LIBRARY_LOG

    def __init__(self, name: str, settings: Settings, metrics: Metrics, most_records: int) -> None:
        self.settings = settings
        self.metrics = metrics
        self.positions = Positions()
        self.outbox = Outbox(settings)
        self.when_told_to_stop: Callable[[], None] = lambda: None
        self._scratch = tempfile.TemporaryDirectory(prefix="ecda-faust-")
        super().__init__(name, **_faust_settings(settings, most_records, self._scratch.name))
        probe = Probe(settings, name, metrics)
        self._continuity = Continuity(self.positions, probe.committed, probe.first_between, self._rewind)
        self.timer(interval=INSIST_EVERY_SECONDS, on_leader=False)(self._insist)
        ceiling = Ceiling(settings.most_refusals_in_a_row, settings.greatest_refused_share)
        self.runs = Runs(
            self.outbox,
            self.positions,
            metrics,
            ceiling,
            self._continuity,
            most_records=most_records,
            within_seconds=settings.run_seconds,
            session_seconds=settings.session_timeout_seconds,
            stream=name.removeprefix("ecda."),
        )

    def _new_transport(self) -> Any:
        return guarded_transport(self.positions)(self.conf.broker_consumer, self)

    async def on_start(self) -> None:
        """Connect the producer before anything is consumed."""
        await self.outbox.start()
        await super().on_start()

    async def on_stop(self) -> None:
        """Drain; whatever is not done by the deadline is left, uncommitted, to the next start."""
        timer = threading.Timer(self.settings.drain_deadline_seconds, os._exit, [EXIT_DEADLINE_PASSED])
        timer.daemon = True
        timer.start()
        self.when_told_to_stop()
        await super().on_stop()
        await self.outbox.stop()

    async def _rewind(self, tp: TP, offset: int) -> None:
        """Read a partition from an offset on; if it is just being given out anew or the broker is slow, the next insisting does it."""
        try:
            await cast(ThreadDelegateConsumer, self.consumer).seek_wait({tp: offset})
        except (IllegalStateError, TimeoutError) as error:
            log.warning("%s[%d] cannot be read from %d: %s", tp.topic, tp.partition, offset, type(error).__name__)

    async def _insist(self) -> None:
        try:
            await self._continuity.insist()
        except RecordsSkipped as error:
            self.positions.fail()
            log.critical("stopping: %s", error)
            raise


def _faust_settings(settings: Settings, most_records: int, data_folder: str) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if settings.security_protocol == "SASL_SSL":
        options["broker_credentials"] = faust.SASLCredentials(
            username=settings.sasl_username,
            password=settings.sasl_password,
            mechanism=settings.sasl_mechanism,
            ssl_context=settings.ssl_context,
        )
    elif settings.ssl_context is not None:
        options["broker_credentials"] = faust.SSLCredentials(settings.ssl_context)
    return options | {
        "broker": [f"aiokafka://{server.strip()}" for server in settings.bootstrap.split(",")],
        "key_serializer": "raw",
        "value_serializer": "raw",
        "datadir": data_folder,  # Faust insists on one; no state of ours is in it
        "web_enabled": False,
        "topic_allow_declare": False,
        "topic_disable_leader": True,
        "topic_partitions": settings.partitions,
        "table_standby_replicas": 1,  # of no table: with 0 Faust assigns round robin, and a rebalance moves half of the partitions
        "consumer_auto_offset_reset": "earliest",
        "consumer_max_fetch_size": 12 * 1024 * 1024,
        "broker_commit_interval": settings.commit_interval_seconds,
        "broker_session_timeout": settings.session_timeout_seconds,
        "broker_heartbeat_interval": settings.heartbeat_seconds,
        "broker_request_timeout": max(40.0, settings.session_timeout_seconds + 5),
        "broker_max_poll_interval": 300.0,
        "broker_max_poll_records": 2 * most_records,
        "stream_buffer_maxsize": 4 * most_records,
        "producer_request_timeout": settings.delivery_timeout_seconds,
        "worker_redirect_stdouts": False,
    }


def run_admit(settings: Settings) -> None:
    """Run the admit worker until it is stopped; does not return."""
    if settings.arrive == "recorded" and not settings.on_loopback:
        raise BadDefinition("the settings", ["ECDA_ARRIVE=recorded is for demonstrations on a loopback broker only"])
    metrics = Metrics(CollectorRegistry())
    plan = load_topics(settings.topics_file)
    sources = tuple(topic.name for topic in plan.of_kind("source"))
    _require_topics(settings, [*sources, *(f"{name}.dlq" for name in sources), LOG_TOPIC])
    reader = Reader(load_lexicon(settings.streams_dir / "lexicon"))
    desk = Desk(reader, settings.read_secret(), settings.read_sealer())
    app = WorkerApp("ecda.admit", settings, metrics, settings.admit_run_records)
    as_if_live = settings.arrive == "recorded"
    add_admit_agent(app, sources, desk, app.runs, settings.partitions, arrived_when_recorded if as_if_live else None)
    if not as_if_live:  # its days are those of the records
        announce_days(app, "ecda.source.social_care.v1", desk.secret)
    keep_gauges(app, None)
    keep_working_day(app)
    _run(app, ADMIT_PORT)


def run_stream(name: str, settings: Settings) -> None:
    """Run the score worker of a stream until it is stopped; does not return."""
    metrics = Metrics(CollectorRegistry())
    stream = load_stream(name, settings.streams_dir, settings.models_dir)
    definition = stream.definition
    if definition.mode == "demo" and not settings.on_loopback:
        raise BadDefinition(f"stream {name}", ["mode demo runs on a loopback broker only; set mode shadow or live in stream.yaml"])
    group = f"ecda.{name}"
    changelogs = [topic.name for topic in load_topics(settings.topics_file).changelogs_of(group)]
    _require_topics(settings, [LOG_TOPIC, f"{LOG_TOPIC}.dlq", f"ecda.{name}.scores.v1", f"ecda.{name}.alerts.v1", *changelogs])
    metrics.begin(name)
    metrics.definition_info.labels(name, definition.digest).set(1)
    for version, model in stream.models.items():
        metrics.model_info.labels(name, version, model.digest).set(1)
    app = WorkerApp(group, settings, metrics, settings.run_records)
    tables = TableState(settings, group, LOG_TOPIC, app.positions)
    app.when_told_to_stop = tables.give_up_reading
    add_score_agent(app, stream, tables, app.runs)
    keep_gauges(app, tables)
    keep_standings(app, tables, definition)
    _run(app, SCORE_PORT)


def _require_topics(settings: Settings, names: list[str]) -> None:
    """A topic that is missing at the start is never consumed, even when it is made later: refuse to run without it.

    And without equal partitions: a dead letter goes to the partition of its record, state and outputs to that of their entry.
    """
    counts = asyncio.run(count_partitions(settings.bootstrap, names, client_kwargs=settings.security_options()))
    asyncio.set_event_loop(asyncio.new_event_loop())  # asyncio.run leaves none, and Faust takes the current one
    missing = [name for name in names if not counts[name]]
    if missing:
        raise Unavailable(f"topics missing: {', '.join(missing)}; make them with `ecda-stream topics create`")
    other = [f"{name} has {count} partitions, ECDA_PARTITIONS is {settings.partitions}" for name, count in counts.items()]
    if other := [fault for fault, count in zip(other, counts.values(), strict=True) if count != settings.partitions]:
        raise BadDefinition("the topics", other)


def _run(app: WorkerApp, default_port: int) -> None:
    settings = app.settings
    port = app.metrics.serve(settings.metrics_host, default_port if settings.metrics_port is None else settings.metrics_port)
    log.info("metrics on http://%s:%d/metrics", settings.metrics_host, port)
    worker = faust.Worker(app, override_logging=False, redirect_stdouts=False, quiet=True)
    worker.spinner = None  # it would write to stdout, terminal or not
    try:
        worker.execute_from_commandline()
    except SystemExit as ended:
        sys.exit(EXIT_DEADLINE_PASSED if app.positions.failed else ended.code)
    sys.exit(EXIT_DEADLINE_PASSED if app.positions.failed else 0)
