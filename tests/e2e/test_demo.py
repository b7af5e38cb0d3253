"""`make demo` from the outside: one command, the whole path, nothing left behind."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ecda_stream.local import kafka

pytestmark = [pytest.mark.broker, pytest.mark.timeout(400)]

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "data"


@pytest.fixture(scope="module")
def ended(data: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ecda_stream", "demo", "--json", "--children", "400", "--data", str(data)]
    scratch = data.parent / "scratch"
    scratch.mkdir()
    environment = {**os.environ, "TMPDIR": str(scratch)}
    return subprocess.run(command, capture_output=True, text=True, timeout=280, check=False, env=environment)


def test_it_ends_well_and_its_summary_adds_up(ended: subprocess.CompletedProcess[str]) -> None:
    summary = json.loads(ended.stdout.splitlines()[-1])

    assert ended.returncode == 0, ended.stderr[-2000:]
    assert summary["published"] == summary["entries"] + summary["refused"] > 10_000
    assert summary["closures"] == summary["scored"] + summary["not_scored"] > 400
    assert summary["refused"] == sum(summary["refused_by_code"].values()) > 0
    assert summary["not_scored"] == sum(summary["not_scored_by_reason"].values()) > 0
    assert summary["alerts"] == sum(summary["alerts_by_status"].values()) > 5
    printed = re.search(r"^ +([\d,]+) +held-for-capacity ", ended.stdout, re.MULTILINE)
    assert summary["held"] == (int(printed[1].replace(",", "")) if printed else 0)
    assert summary["audit_sample"] < summary["scored"] / 20
    assert summary["seconds"] > 0


def test_it_says_what_the_model_was_measured_to_be_worth(ended: subprocess.CompletedProcess[str]) -> None:
    summary = json.loads(ended.stdout.splitlines()[-1])
    measured = json.loads((ROOT / "models/re_referral" / summary["model"] / "metrics.json").read_bytes())

    assert summary["captured_share"] == measured["capture_at_6"]
    assert summary["chance"] < summary["captured_share"] < summary["ceiling"]
    assert f"{summary['captured_share']:.0%} of the closures that escalated" in ended.stdout


def test_the_last_four_weeks_come_day_by_day(ended: subprocess.CompletedProcess[str]) -> None:
    days = [line for line in ended.stderr.splitlines() if line.endswith("as if live")]

    assert 15 < len(days) <= 28
    assert "The last weeks" in ended.stdout


def test_it_prints_what_a_person_wants_to_know(ended: subprocess.CompletedProcess[str]) -> None:
    for words in (
        "What went in",
        "What was refused, and why",
        "Closures",
        "What the policy did",
        "in 100 closures",
        "Review by",
        "/metrics",
    ):
        assert words in ended.stdout


def test_it_leaves_nothing_in_the_folder_for_temporary_files(ended: subprocess.CompletedProcess[str], data: Path) -> None:
    assert ended.returncode == 0
    assert [path.name for path in (data.parent / "scratch").iterdir() if path.name.startswith("ecda-")] == []


def test_it_stops_everything_that_it_started(ended: subprocess.CompletedProcess[str], data: Path) -> None:
    assert ended.returncode == 0
    assert not kafka.status(data / "kafka").running
    for line in ended.stderr.splitlines():
        if "(process " in line:
            number = int(line.partition("(process ")[2].rstrip(")"))
            assert not Path(f"/proc/{number}").exists() or "ecda_stream" not in Path(f"/proc/{number}/cmdline").read_text()


def test_a_second_demo_does_not_take_the_ground_from_under_a_running_one(tmp_path: Path) -> None:
    with kafka.running(tmp_path / "kafka"):
        command = [sys.executable, "-m", "ecda_stream", "demo", "--data", str(tmp_path)]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

        assert ended.returncode == 5
        assert "still running" in ended.stderr
        assert kafka.status(tmp_path / "kafka").answers
