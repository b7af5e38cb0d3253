"""Ten simulated years of eight authorities, two score workers, kill -9 of each twice: nothing is lost, repetitions are equal, files
give the same bytes.

ECDA_TEST_CHILDREN sets the size of the world; `make acceptance` takes 20,000.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from ecda_stream.contract.entry import LogRecord
from ecda_stream.identity.partition import partition_of
from tests.commands.conftest import run_command
from tests.worker.replaying import export_and_replay, lines_of, replayed_lines
from tests.worker.system import ALERTS, AUTHORITIES, LOG, SCORES, System, running_system

CHILDREN = int(os.environ.get("ECDA_TEST_CHILDREN", "240"))
LONGEST_SECONDS = 120.0 + CHILDREN * 0.1
PARTS = 10

pytestmark = [pytest.mark.broker, pytest.mark.timeout(600 + CHILDREN // 2)]


class Scenario:
    """The years in ten parts, three of them at first; each score worker is killed twice in the middle of a part, and admit once.

    Partitions go from one worker to the other and back, so each holds old state of what the other has gone on with.
    """

    def __init__(self, system: System, data: Path) -> None:
        self.system = system
        system.start_worker("second", "re_referral")
        system.wait_until_answers("second")
        self.events = data / "world" / "events.jsonl"
        simulated = run_command(
            *("simulate", "--authorities", ",".join(AUTHORITIES), "--children", str(CHILDREN), "--years", "10", "--seed", "3"),
            *("--out", data / "world"),
        )
        assert simulated.exit_code == 0, simulated.output
        with self.events.open("rb") as lines:
            self.lines = sum(1 for _ in lines)
        self.shares = wait_for_both(system)
        for part in (0, 1, 2):
            self.publish(part)
        system.wait_until_through(LONGEST_SECONDS)
        self.scored_at_first = {found.partition for found in system.all(SCORES)}
        for part, killed in enumerate(("second", "re_referral", "second", "re_referral"), start=3):
            self.publish_and_kill(part, killed)
        self.publish_and_kill(7, "admit")
        self.publish(8)
        self.publish(9)
        system.wait_until_through(LONGEST_SECONDS)
        self.scores = system.all(SCORES)
        self.alerts = system.all(ALERTS)
        self.folder = data
        self.log = export_and_replay(system, data)

    def publish(self, part: int) -> None:
        share = -(-self.lines // PARTS)
        with self.events.open("rb") as lines:
            self.system.publish(islice(lines, part * share, (part + 1) * share))

    def publish_and_kill(self, part: int, name: str) -> None:
        """Publish a part, kill a worker while it is at it, and start it again."""
        what = "admit" if name == "admit" else "re_referral"
        topic = LOG if name == "admit" else SCORES
        before = self.system.count(topic)
        self.publish(part)
        wait_until_more(self.system, topic, than=before)
        self.system.kill(name)
        self.system.start_worker(name, what)
        self.system.wait_until_through(LONGEST_SECONDS)
        if name != "admit":
            self.system.wait_until_answers(name)
            wait_for_both(self.system)


def wait_for_both(system: System) -> dict[str, set[int]]:
    """Wait until two score workers share the log; return the partitions of each, as their own metrics tell."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        system.check_workers()
        shares = {name: partitions_of_worker(system, name) for name in ("re_referral", "second")}
        if all(shares.values()) and sum(map(len, shares.values())) == 32:
            return shares
        time.sleep(0.5)
    raise AssertionError(f"the workers do not share the partitions: {shares}")


def partitions_of_worker(system: System, name: str) -> set[int]:
    try:
        text = system.metrics(name)
    except OSError:  # it is being started again
        return set()
    held = re.search(rf'ecda_assigned_partitions{{topic="{LOG}"}} (\d+)', text)
    found = {int(number) for number in re.findall(rf'ecda_consumer_lag{{partition="(\d+)",topic="{LOG}"}}', text)}
    return found if held and int(held[1]) == len(found) else set()


def wait_until_more(system: System, topic: str, than: int) -> None:
    deadline = time.monotonic() + 60
    while system.count(topic) <= than and time.monotonic() < deadline:
        time.sleep(0.1)


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scenario]:
    data = tmp_path_factory.mktemp("kill")
    with running_system(data, arrive="recorded") as system:
        yield Scenario(system, data)


def test_each_worker_scored_closures_of_at_least_two_authorities(scenario: Scenario) -> None:
    partitions = {partition_of(authority, 32) for authority in AUTHORITIES} & scenario.scored_at_first

    assert all(len(share & partitions) >= 2 for share in scenario.shares.values()), scenario.shares


def test_every_closure_of_the_log_has_its_score(scenario: Scenario) -> None:
    closures: set[tuple[int, str]] = set()
    episodes: set[object] = set()
    with scenario.log.open(encoding="utf-8") as lines:
        for line in lines:
            if '"closure.recorded.v1"' not in line:
                continue
            record = LogRecord.model_validate_json(line)
            if record.value and record.value.type == "closure.recorded.v1":
                closures.add((record.partition, record.value.event_id))
                episodes.add((record.value.authority, record.value.people[0].identifiers[:1], record.value.referral_date))
    scored = {found.key for found in scenario.scores}

    assert len(closures) >= len(scored) >= len(episodes) * 0.9 > CHILDREN / 2


def test_no_two_records_of_the_log_share_a_key(scenario: Scenario) -> None:
    """Compaction would remove the first of them, and move its entry behind what was folded after it."""
    with scenario.log.open(encoding="utf-8") as lines:
        keys = Counter(json.loads(line)["key"] for line in lines)

    assert [key for key, number in keys.items() if number > 1] == []


def test_a_repeated_record_has_the_same_content(scenario: Scenario) -> None:
    for records in (scenario.scores, scenario.alerts):
        contents: dict[tuple[bytes, int], set[bytes]] = {}
        for found in records:
            value = found.value or b""
            contents.setdefault((found.key or b"", json.loads(value).get("revision", found.offset)), set()).add(value)

        assert contents
        assert all(len(values) == 1 for values in contents.values())


@pytest.mark.parametrize("name", ["scores", "alerts"])
def test_the_exported_log_replayed_over_files_gives_the_same_keys_and_values(scenario: Scenario, name: str) -> None:
    assert lines_of(getattr(scenario, name)) == replayed_lines(scenario.folder, name)


def test_alerts_were_raised(scenario: Scenario) -> None:
    assert len({found.key for found in scenario.alerts}) > CHILDREN / 50
