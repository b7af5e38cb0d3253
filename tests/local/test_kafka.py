"""The local Kafka is a real one, ends when told to, and touches no process but its own."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from typer.testing import CliRunner

from ecda_stream.commands.kafka import app
from ecda_stream.errors import Unavailable
from ecda_stream.files.topics import TopicPlan, load_topics
from ecda_stream.local import kafka, process
from ecda_stream.worker.topics import compare_topics, create_topics, missing_topics

PLAN = Path(__file__).parents[2] / "deploy/kafka/topics.yaml"


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[kafka.Broker]:
    with kafka.running(tmp_path_factory.mktemp("kafka")) as running:
        yield running


@pytest.fixture
def listening_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind((kafka.HOST, 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.fixture
def plan() -> TopicPlan:
    return load_topics(PLAN)


async def produce_and_consume(bootstrap: str, topic: str, values: list[bytes], settings: dict[str, str]) -> list[bytes]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, 1, 1, topic_configs=settings)])
    finally:
        await admin.close()
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, max_request_size=20_000_000) as producer:
        for value in values:
            await producer.send_and_wait(topic, value)
    group = {"group_id": f"{topic}.group", "auto_offset_reset": "earliest"}
    async with AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, **group) as consumer:
        return [(await asyncio.wait_for(consumer.getone(), 30)).value for _ in values]


@pytest.mark.broker
def test_what_is_produced_can_be_consumed(broker: kafka.Broker) -> None:
    got = asyncio.run(produce_and_consume(broker.bootstrap, "test.round-trip", [b"one", b"two"], {}))

    assert got == [b"one", b"two"]


@pytest.mark.broker
def test_a_record_of_ten_megabytes_fits_where_the_topic_allows_it(broker: kafka.Broker) -> None:
    record = os.urandom(10_000_000)

    got = asyncio.run(produce_and_consume(broker.bootstrap, "test.big", [record], {"max.message.bytes": "10485760"}))

    assert got == [record]


@pytest.mark.broker
def test_it_listens_on_loopback_and_nowhere_else(broker: kafka.Broker) -> None:
    settings = (broker.data_dir / "server.properties").read_text()
    listeners = next(line for line in settings.splitlines() if line.startswith("listeners="))

    assert listeners.count("://") == listeners.count("://127.0.0.1:") == 2


@pytest.mark.broker
def test_a_running_broker_says_so(broker: kafka.Broker) -> None:
    status = kafka.status(broker.data_dir)

    assert (status.running, status.answers) == (True, True)
    assert (status.bootstrap, status.pid) == (broker.bootstrap, broker.pid)


@pytest.mark.broker
def test_a_second_broker_on_the_same_port_is_refused_with_what_to_do(broker: kafka.Broker, tmp_path: Path) -> None:
    port = int(broker.bootstrap.rpartition(":")[2])

    with pytest.raises(Unavailable, match=rf"port {port} .* already in use .* --port"):
        kafka.start(tmp_path, port)
    assert kafka.status(broker.data_dir).answers


@pytest.mark.broker
def test_a_second_broker_on_the_same_folder_is_refused_with_what_to_do(broker: kafka.Broker) -> None:
    with pytest.raises(Unavailable, match=r"already running .* kafka stop --data"):
        kafka.start(broker.data_dir, None)


@pytest.mark.broker
def test_stopping_leaves_no_process_and_keeps_the_records(tmp_path: Path, plan: TopicPlan) -> None:
    first = kafka.start(tmp_path, None)
    asyncio.run(create_topics(first.bootstrap, plan))

    stopped = kafka.stop(tmp_path)

    assert stopped
    assert process.start_mark(first.pid) is None
    assert not kafka.status(tmp_path).running
    with kafka.running(tmp_path) as second:
        assert asyncio.run(missing_topics(second.bootstrap, plan.names)) == []


@pytest.mark.broker
def test_a_broker_that_does_not_become_ready_is_ended_and_its_log_shown(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"not ready within .* s\. The end of .*broker\.log"):
        kafka.start(tmp_path, None, deadline_s=0.05)

    assert not (tmp_path / "broker.json").exists()
    assert not kafka.status(tmp_path).running


@pytest.mark.broker
def test_a_broker_that_ends_while_starting_shows_why(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    (tmp_path / "log/meta.properties").write_text("version=1\nnode.id=7\ncluster.id=another\n")

    with pytest.raises(Unavailable, match=r"ended while starting(.|\n)*node"):
        kafka.start(tmp_path, None)
    assert not kafka.status(tmp_path).running


@pytest.mark.broker
def test_every_topic_of_the_plan_is_made_once(broker: kafka.Broker, plan: TopicPlan) -> None:
    first = asyncio.run(create_topics(broker.bootstrap, plan))
    second = asyncio.run(create_topics(broker.bootstrap, plan))

    assert first.created == plan.names
    assert second.created == ()
    assert second.unchanged == plan.names
    assert second.agrees


@pytest.mark.broker
def test_an_existing_topic_that_differs_is_reported_and_left_as_it_is(broker: kafka.Broker, plan: TopicPlan) -> None:
    topic = plan.topics[0].model_copy(update={"name": "test.differs.v1"})
    changed = topic.model_copy(update={"partitions": 3, "max_message_bytes": 4096})
    asyncio.run(create_topics(broker.bootstrap, TopicPlan(topics=(topic,), groups=())))

    wanted = TopicPlan(topics=(changed,), groups=())
    reports = [asyncio.run(create_topics(broker.bootstrap, wanted)), asyncio.run(compare_topics(broker.bootstrap, wanted))]

    for report in reports:
        assert {(found.setting, found.wanted, found.found) for found in report.differences} == {
            ("partitions", "3", "32"),
            ("max.message.bytes", "4096", "8388608"),
        }


@pytest.mark.broker
def test_asking_for_a_missing_topic_does_not_make_it(broker: kafka.Broker) -> None:
    names = ["test.never-made", "ecda.local.probe"]

    asked_twice = [asyncio.run(missing_topics(broker.bootstrap, names)) for _ in range(2)]

    assert asked_twice == [["test.never-made"], ["test.never-made"]]


@pytest.mark.broker
def test_the_commands_start_show_and_stop_a_broker(tmp_path: Path) -> None:
    runner = CliRunner()
    data = ["--data", str(tmp_path)]

    started = runner.invoke(app, ["start", "--port", "0", "--json", *data])
    shown = runner.invoke(app, ["status", "--json", *data])
    stopped = runner.invoke(app, ["stop", *data])
    shown_after = runner.invoke(app, ["status", *data])

    assert [result.exit_code for result in (started, shown, stopped, shown_after)] == [0, 0, 0, 5]
    assert json.loads(started.stdout)["bootstrap"] == json.loads(shown.stdout)["bootstrap"]
    assert (stopped.stdout, shown_after.stdout) == ("stopped\n", "not running\n")


def test_a_port_in_use_is_an_unreachable_dependency_to_the_command(listening_port: int, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["start", "--port", str(listening_port), "--data", str(tmp_path)])

    assert result.exit_code == 5
    assert f"port {listening_port} on 127.0.0.1 is already in use" in result.stderr


def test_stopping_where_nothing_runs_does_nothing(tmp_path: Path) -> None:
    assert kafka.stop(tmp_path) is False


def test_a_process_that_only_inherited_the_number_is_not_ours_to_stop(tmp_path: Path) -> None:
    stranger = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    record = {"pid": stranger.pid, "mark": "another start time", "bootstrap": "127.0.0.1:1"}
    (tmp_path / "broker.json").write_text(json.dumps(record))

    stopped = kafka.stop(tmp_path)

    assert stopped is False
    assert stranger.poll() is None
    stranger.communicate(b"\n")


def test_a_process_that_ignores_the_request_is_forced(tmp_path: Path) -> None:
    ignoring = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('set', flush=True); time.sleep(60)"
    pid = process.spawn([sys.executable, "-c", ignoring], tmp_path / "log")
    mark = process.start_mark(pid)
    while "set" not in (tmp_path / "log").read_text():
        pass

    assert mark is not None
    assert process.end(pid, mark, deadline_s=0.2) is False
    assert process.start_mark(pid) is None


def test_the_detached_process_hears_no_interrupt_of_the_terminal(tmp_path: Path) -> None:
    pid = process.spawn([sys.executable, "-c", "import time; time.sleep(60)"], tmp_path / "log")
    mark = process.start_mark(pid)

    assert mark is not None
    assert os.getsid(pid) == pid != os.getsid(0)
    assert process.end(pid, mark, deadline_s=5)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, signal.SIG_DFL)
