"""Two score workers work through a backlog while one of them after the other is ended and comes back: every partition changes hands
again and again, and what comes of it is what comes of the files.

ECDA_TEST_CHILDREN sets the size of the world.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from ecda_stream.worker.reading import Found, count_behind
from ecda_stream.worker.settings import load_settings
from tests.commands.conftest import run_command
from tests.worker.replaying import export_and_replay, lines_of, replayed_lines
from tests.worker.system import AUTHORITIES, LOG, SCORES, System, running_system

CHILDREN = int(os.environ.get("ECDA_TEST_CHILDREN", "300"))
LONGEST_SECONDS = 180.0 + CHILDREN * 0.1
HAND_OVERS = 6

pytestmark = [pytest.mark.broker, pytest.mark.timeout(600 + CHILDREN // 2)]


def backlog(system: System) -> int:
    return count_behind(load_settings(bootstrap=system.bootstrap), "ecda.re_referral", LOG)


def hand_over(system: System) -> int:
    """End the workers in turn, kindly and not, each time a further part of the backlog is done; return how often."""
    whole, times = backlog(system), 0
    deadline = time.monotonic() + LONGEST_SECONDS
    while (behind := backlog(system)) and time.monotonic() < deadline:
        system.check_workers()
        if times < HAND_OVERS and behind < whole * (1 - times / HAND_OVERS):
            name = ("re_referral", "second")[times % 2]
            if times % 3 == 2:
                system.kill(name)
            else:
                system.end(name, signal.SIGTERM)
            system.start_worker(name, "re_referral")
            times += 1
        time.sleep(0.2)
    return times


@pytest.fixture(scope="module")
def hand_overs(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, list[Found], Path]:
    data = tmp_path_factory.mktemp("hand_overs")
    with running_system(data, arrive="recorded") as system:
        system.end("re_referral", signal.SIGTERM)
        simulated = run_command(
            *("simulate", "--authorities", ",".join(AUTHORITIES), "--children", str(CHILDREN), "--years", "10", "--seed", "5"),
            *("--out", data / "world"),
        )
        assert simulated.exit_code == 0, simulated.output
        with (data / "world" / "events.jsonl").open("rb") as events:
            system.publish(events)
        while count_behind(load_settings(bootstrap=system.bootstrap), "ecda.admit", *system.source_topics):
            system.check_workers()
            time.sleep(0.3)
        for name in ("re_referral", "second"):
            system.start_worker(name, "re_referral")
        times = hand_over(system)
        export_and_replay(system, data)
        return times, system.all(SCORES), data


def test_every_hand_over_happened_while_there_was_work(hand_overs: tuple[int, list[Found], Path]) -> None:
    times, _, _ = hand_overs

    assert times == HAND_OVERS


def test_the_scores_are_those_of_the_files(hand_overs: tuple[int, list[Found], Path]) -> None:
    _, scores, folder = hand_overs
    live = lines_of(scores)

    assert len(live) > CHILDREN
    assert live == replayed_lines(folder, "scores")
