"""Records that the library fetched and dropped are read again, in order, before anything goes past them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ecda_stream.files.stream import load_stream
from ecda_stream.replay import output_line, replay
from tests.commands.conftest import run_command
from tests.e2e.test_kill_and_replay import write_log
from tests.worker.system import LOG, LONGEST_SECONDS, SCORES, System

pytestmark = pytest.mark.broker


class DroppingSystem(System):
    """Workers that never see some records the first time."""

    def command(self, what: str) -> list[str]:
        return [sys.executable, "-m", "tests.worker.dropping", what]


def test_dropped_records_are_read_again_and_nothing_else_changes(tmp_path: Path) -> None:
    simulated = run_command(
        *("simulate", "--authorities", "881,330", "--children", "25", "--years", "10", "--seed", "4", "--out", tmp_path / "world")
    )
    assert simulated.exit_code == 0, simulated.output
    with DroppingSystem(tmp_path, lambda _: None, keep=False, arrive="recorded") as system:
        system.start()
        with (tmp_path / "world" / "events.jsonl").open("rb") as events:
            published = system.publish(events)
        system.wait_until_through(LONGEST_SECONDS)
        write_log(system.read(LOG), tmp_path / "log.jsonl")
        live = {output_line(found.partition, (found.key or b"").decode(), found.value or b"") for found in system.all(SCORES)}
        refused = sum(map(system.count, system.dead_letter_topics))
        read_again = {name: (tmp_path / f"{name}.log").read_text(encoding="utf-8") for name in ("admit", "re_referral")}
    replay(tmp_path / "log.jsonl", tmp_path / "replayed", load_stream("re_referral", Path("streams"), Path("models")))
    lines = (tmp_path / "log.jsonl").read_bytes().splitlines()

    assert all("reading again from" in text for text in read_again.values())
    assert len(lines) + refused == published
    assert live == set((tmp_path / "replayed" / "scores.jsonl").read_bytes().splitlines(keepends=True))
    assert len(live) > 10
