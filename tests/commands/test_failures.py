"""What cannot be done ends with a message, the documented exit code and nothing half written."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands.cases import ROOT

NOBODY = "127.0.0.1:1"


def ecda_stream(*arguments: str | Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the command line as a process of its own, as a worker sets up logging for its whole process."""
    command = [sys.executable, "-m", "ecda_stream", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **env}, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    "command",
    [
        ("alerts", "list"),
        ("alerts", "show", "3f2a"),
        ("alerts", "export", "--out", "OUT"),
        ("scores", "list"),
        ("scores", "export", "--out", "OUT"),
        ("dlq", "list"),
        ("dlq", "replay", "--reason-for-replay", "a test"),
        ("log", "export", "--out", "OUT"),
        ("run", "re_referral"),
    ],
    ids=" ".join,
)
def test_a_broker_that_does_not_answer_is_exit_code_5_and_leaves_files_as_they_were(tmp_path: Path, command: tuple[str, ...]) -> None:
    out = tmp_path / "out.jsonl"
    out.write_text("from yesterday")

    done = ecda_stream(*(str(out) if word == "OUT" else word for word in command), "--bootstrap", NOBODY)

    assert (done.returncode, done.stdout) == (5, "")
    assert "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["out.jsonl"]
    assert out.read_text() == "from yesterday"


def test_a_wrong_setting_is_named_before_a_worker_starts() -> None:
    done = ecda_stream("run", "admit", ECDA_PARTITIONS="0")

    assert done.returncode == 1
    assert "ECDA_PARTITIONS" in done.stderr


def test_a_stream_that_does_not_exist_cannot_run() -> None:
    done = ecda_stream("run", "no_such_stream")

    assert done.returncode == 5
    assert "no stream here" in done.stderr
