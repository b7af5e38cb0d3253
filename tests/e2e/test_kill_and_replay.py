"""Eight authorities, two score workers, kill -9 in the middle: nothing is lost, repetitions are equal, files give the same bytes."""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from ecda_stream.commands.samples import import_samples, read_events
from ecda_stream.contract.entry import LogRecord
from ecda_stream.files.stream import load_stream
from ecda_stream.identity.partition import partition_of
from ecda_stream.replay import output_line, replay
from ecda_stream.worker.publishing import publish_events
from ecda_stream.worker.reading import Found
from tests.worker.system import ALERTS, LOG, LONGEST_SECONDS, SCORES, System, running_system

pytestmark = pytest.mark.broker

AUTHORITIES = ("881", "882", "883", "330", "816", "925", "873", "886")
SAMPLES = Path("streams/re_referral/examples/demo")


class Scenario:
    """The samples in four parts: two score workers, one, two again, and then everything killed while the last part is under way.

    Partitions go from one worker to the other and back, so each holds old state of what the other has gone on with.
    """

    def __init__(self, system: System, data: Path) -> None:
        self.system = system
        system.supervised = True
        system.start_worker("second", "re_referral")
        system.wait_until_answers("second")
        self.events = list(read_events(import_samples(SAMPLES, data / "events.jsonl", lambda _: None)))
        self.shares = wait_for_both(system)
        self.publish(0)
        system.wait_until_through(LONGEST_SECONDS)
        self.scored_in_first_part = {found.partition for found in system.all(SCORES)}
        system.kill("second")
        self.publish(1)
        system.wait_until_through(LONGEST_SECONDS)
        system.start_worker("second", "re_referral")
        system.wait_until_answers("second")
        wait_for_both(system)
        self.publish(2)
        system.wait_until_through(LONGEST_SECONDS)
        system.kill("second")
        before = len(system.all(SCORES))
        self.publish(3)
        system.kill("admit")
        system.start_worker("admit", "admit")
        wait_until_more(system, SCORES, than=before)
        system.kill("re_referral")
        system.start_worker("re_referral", "re_referral")
        system.start_worker("second", "re_referral")
        system.wait_until_through(LONGEST_SECONDS)
        self.log = system.all(LOG)
        self.scores = system.all(SCORES)
        self.alerts = system.all(ALERTS)
        self.replayed = data / "replayed"
        write_log(self.log, data / "log.jsonl")
        replay(data / "log.jsonl", self.replayed, load_stream("re_referral", Path("streams"), Path("models")))

    def publish(self, part: int) -> None:
        quarter = -(-len(self.events) // 4)
        events = islice(self.events, part * quarter, (part + 1) * quarter)
        publish_events(events, bootstrap=self.system.bootstrap, on_progress=lambda _: None)


def wait_for_both(system: System) -> dict[str, set[int]]:
    """Wait until two score workers share the log; return the partitions of each, as their own metrics tell."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        shares = {name: partitions_of_worker(system, name) for name in ("re_referral", "second")}
        if all(shares.values()) and sum(map(len, shares.values())) == 32:
            return shares
        time.sleep(0.5)
    raise AssertionError(f"the workers do not share the partitions: {shares}")


def partitions_of_worker(system: System, name: str) -> set[int]:
    text = system.metrics(name)
    held = re.search(rf'ecda_assigned_partitions{{topic="{LOG}"}} (\d+)', text)
    found = {int(number) for number in re.findall(rf'ecda_consumer_lag{{partition="(\d+)",topic="{LOG}"}}', text)}
    return found if held and int(held[1]) == len(found) else set()


def wait_until_more(system: System, topic: str, than: int) -> None:
    deadline = time.monotonic() + 60
    while len(system.all(topic)) <= than and time.monotonic() < deadline:
        time.sleep(0.1)


def write_log(log: list[Found], path: Path) -> None:
    lines = [
        json.dumps(
            {"partition": f.partition, "offset": f.offset, "key": (f.key or b"").decode(), "value": json.loads(f.value or b"null")}
        )
        for f in log
    ]
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scenario]:
    data = tmp_path_factory.mktemp("kill")
    with running_system(data) as system:
        yield Scenario(system, data)


def test_each_worker_scored_closures_of_at_least_two_authorities(scenario: Scenario) -> None:
    partitions = {partition_of(authority, 32) for authority in AUTHORITIES} & scenario.scored_in_first_part

    assert all(len(share & partitions) >= 2 for share in scenario.shares.values()), scenario.shares


def test_every_closure_of_the_log_has_its_score(scenario: Scenario) -> None:
    entries = [
        LogRecord(partition=f.partition, offset=f.offset, key=(f.key or b"").decode(), value=json.loads(f.value or b"null"))
        for f in scenario.log
    ]
    closures = {
        (record.partition, record.value.event_id) for record in entries if record.value and record.value.type == "closure.recorded.v1"
    }
    episodes = {
        (record.value.authority, record.value.people[0].identifiers[:1], record.value.referral_date)
        for record in entries
        if record.value and record.value.type == "closure.recorded.v1"
    }
    scored = {found.key for found in scenario.scores}

    assert len(closures) >= len(scored) >= len(episodes) > 200


def test_a_repeated_record_has_the_same_content(scenario: Scenario) -> None:
    for records in (scenario.scores, scenario.alerts):
        contents: dict[tuple[bytes, int], set[bytes]] = {}
        for found in records:
            value = found.value or b""
            contents.setdefault((found.key or b"", json.loads(value)["revision"]), set()).add(value)

        assert contents
        assert all(len(values) == 1 for values in contents.values())


@pytest.mark.parametrize("name", ["scores", "alerts"])
def test_the_exported_log_replayed_over_files_gives_the_same_keys_and_values(scenario: Scenario, name: str) -> None:
    live = {output_line(found.partition, (found.key or b"").decode(), found.value or b"") for found in getattr(scenario, name)}

    replayed = (scenario.replayed / f"{name}.jsonl").read_bytes().splitlines(keepends=True)

    assert Counter(replayed) == Counter(dict.fromkeys(live, 1))


def test_alerts_were_raised(scenario: Scenario) -> None:
    assert len({found.key for found in scenario.alerts}) > 5
