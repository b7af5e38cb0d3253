"""A worker starts only where it can do its work, and ends in order."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ecda_stream.commands.secrets import create_secrets
from ecda_stream.errors import BadDefinition
from ecda_stream.local.kafka import running
from ecda_stream.worker.settings import load_settings
from tests.worker.system import LONGEST_SECONDS, a_closure, an_event, running_system, structured


def run_worker(what: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ecda_stream", "run", what],
        env={**os.environ, "ECDA_METRICS_PORT": "0", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.broker
@pytest.mark.parametrize("what", ["admit", "re_referral"])
def test_a_worker_refuses_to_start_without_its_topics_and_says_how_to_make_them(tmp_path: Path, what: str) -> None:
    with running(tmp_path) as broker:
        ended = run_worker(what, ECDA_BOOTSTRAP=broker.bootstrap)

    assert ended.returncode == 5
    assert "ecda.event_log.v1" in ended.stderr
    assert "ecda-stream topics create" in ended.stderr


def test_a_worker_says_that_nobody_answers_where_no_broker_is() -> None:
    ended = run_worker("re_referral", ECDA_BOOTSTRAP="127.0.0.1:1")

    assert ended.returncode == 5


def test_mode_demo_runs_on_a_loopback_broker_only() -> None:
    ended = run_worker("re_referral", ECDA_BOOTSTRAP="192.0.2.1:9092")

    assert ended.returncode == 1
    assert "mode demo runs on a loopback broker only" in ended.stderr


@pytest.mark.parametrize(
    ("bootstrap", "on_loopback"),
    [
        ("127.0.0.1:9092", True),
        ("localhost:9092,[::1]:9093", True),
        ("127.0.0.1:9092,broker:9092", False),
        ("127.evil.example:9092", False),
        ("10.0.0.7:9092", False),
    ],
)
def test_only_a_loopback_address_counts_as_one(bootstrap: str, on_loopback: bool) -> None:
    assert load_settings(bootstrap=bootstrap).on_loopback is on_loopback


def test_sasl_without_tls_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECDA_SECURITY_PROTOCOL", "SASL_PLAINTEXT")

    with pytest.raises(BadDefinition, match="SASL without TLS"):
        load_settings()


def test_a_setting_that_is_wrong_is_named_without_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECDA_PARTITIONS", "hunter2")

    with pytest.raises(BadDefinition) as raised:
        load_settings()

    assert "ECDA_PARTITIONS" in str(raised.value)
    assert "hunter2" not in str(raised.value)


def test_a_secret_that_is_too_short_is_refused_without_showing_it(tmp_path: Path) -> None:
    create_secrets(tmp_path / "secrets", "k1")
    short = tmp_path / "short"
    short.write_text("k1 abcdef0123", encoding="ascii")

    with pytest.raises(BadDefinition) as raised:
        load_settings(secret_file=short).read_secret()

    assert "32 are needed" in str(raised.value)
    assert "abcdef0123" not in str(raised.value)


@pytest.mark.broker
def test_sigterm_ends_both_workers_in_order_and_a_restart_handles_nothing_twice(tmp_path: Path) -> None:
    with running_system(tmp_path) as system:
        system.publish_raw([structured(an_event(f"c{n}", "closure.recorded.v1", a_closure(n))) for n in range(50)])
        system.wait_until_through(LONGEST_SECONDS)
        for name in ("admit", "re_referral"):
            started = time.monotonic()
            ended = system.end(name, signal.SIGTERM)

            assert ended == 0
            assert time.monotonic() - started < 20
        system.start_worker("admit", "admit")
        system.start_worker("re_referral", "re_referral")
        system.publish_raw([structured(an_event("last", "closure.recorded.v1", a_closure(999)))])
        system.wait_until_through(LONGEST_SECONDS)

        text = system.metrics("admit")

        assert 'ecda_entries_total{outcome="admitted",topic="ecda.source.social_care.v1"} 1.0' in text


@pytest.mark.broker
def test_a_flood_of_refusals_stops_the_worker_and_its_offsets_stay(tmp_path: Path) -> None:
    with running_system(tmp_path) as system:
        system.publish_raw([structured({"specversion": "1.0", "nonsense": n}) for n in range(1200)])

        code = system.wait_for_end("admit", 60)

        assert code == 1
        assert len(system.all(*system.dead_letter_topics)) < 600
        assert "were refused" in system.logs()


@pytest.mark.broker
def test_a_worker_that_cannot_drain_in_time_ends_all_the_same_and_its_work_is_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ECDA_DRAIN_DEADLINE_SECONDS", "0.000001")
    with running_system(tmp_path) as system:
        system.publish_raw([structured(an_event("one", "closure.recorded.v1", a_closure(1)))])
        system.wait_until_through(LONGEST_SECONDS)

        code = system.end("admit", signal.SIGTERM)

        assert code == 1
        monkeypatch.delenv("ECDA_DRAIN_DEADLINE_SECONDS")
        system.publish_raw([structured(an_event("two", "closure.recorded.v1", a_closure(2)))])
        system.start_worker("admit", "admit")
        system.wait_until_through(LONGEST_SECONDS)
        assert len({found.key for found in system.all("ecda.re_referral.scores.v1")}) == 2


@pytest.mark.broker
def test_an_import_goes_straight_to_kafka_with_publish_and_a_file_of_events_with_the_publish_command(tmp_path: Path) -> None:
    sample = Path("streams/re_referral/examples/demo/cin_census_881.xml")
    events = tmp_path / "events.jsonl"
    events.write_bytes(b'{"specversion":"1.0","not":"an event"}\n{"broken\n')
    with running_system(tmp_path) as system:
        command = [sys.executable, "-m", "ecda_stream"]
        imported = subprocess.run(
            [*command, "import", "cin-census", str(sample), "--authority", "881", "--publish", "--bootstrap", system.bootstrap],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        published = subprocess.run(
            [*command, "publish", str(events), "--bootstrap", system.bootstrap], capture_output=True, text=True, timeout=60, check=False
        )
        system.wait_until_through(LONGEST_SECONDS)

        codes = [dict(letter.headers)["dlq-reason-code"] for letter in system.all(*system.dead_letter_topics)]

        assert (imported.returncode, published.returncode) == (0, 0)
        assert "2 events published" in published.stderr
        assert len(system.all("ecda.event_log.v1")) > 200
        assert codes.count(b"not-json") == 1
        assert b"missing-field" in codes
