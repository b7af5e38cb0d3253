"""What a running system gave, beside what the files give: its log exported and replayed by the commands that an auditor has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from ecda_stream.replay import output_line
from ecda_stream.worker.reading import Found
from tests.commands.conftest import run_command
from tests.worker.system import System


def export_and_replay(system: System, folder: Path) -> Path:
    """Write the log to `log.jsonl`, and to `replayed` what it gives; return the log."""
    log = folder / "log.jsonl"
    for arguments in (
        ("log", "export", "--bootstrap", system.bootstrap, "--out", log),
        ("replay", "re_referral", log, "--out", folder / "replayed"),
    ):
        done = run_command(*arguments)
        assert done.exit_code == 0, done.output
    return log


def lines_of(records: Iterable[Found]) -> Counter[bytes]:
    """Return what was published as lines of a replay's file, each once: at least once may mean twice."""
    return Counter({output_line(found.partition, (found.key or b"").decode(), found.value or b"") for found in records})


def replayed_lines(folder: Path, name: str) -> Counter[bytes]:
    """Return the lines of a replay's file."""
    return Counter((folder / "replayed" / f"{name}.jsonl").read_bytes().splitlines(keepends=True))
