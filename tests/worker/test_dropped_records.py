"""Records that the library fetched and dropped are read again, in order, before anything goes past them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.commands.conftest import run_command
from tests.worker.replaying import export_and_replay, lines_of, replayed_lines
from tests.worker.system import LONGEST_SECONDS, SCORES, System

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
        log = export_and_replay(system, tmp_path)
        live = lines_of(system.all(SCORES))
        refused = sum(map(system.count, system.dead_letter_topics))
        logs = {name: (tmp_path / f"{name}.log").read_text(encoding="utf-8") for name in ("admit", "re_referral")}

    assert all("reading again from" in text for text in logs.values())
    assert len(log.read_bytes().splitlines()) + refused == published
    assert live == replayed_lines(tmp_path, "scores")
    assert len(live) > 10
