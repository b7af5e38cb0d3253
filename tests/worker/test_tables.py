"""The fold's state is what its changelogs say, of the partitions that a worker holds, however they come and go."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from faust.types import TP

from ecda_stream.files.topics import load_topics
from ecda_stream.local.kafka import running
from ecda_stream.state import Table
from ecda_stream.worker.outbox import Outbox, Sending
from ecda_stream.worker.positions import Positions, Superseded
from ecda_stream.worker.settings import Settings, load_settings
from ecda_stream.worker.tables import ForeignWriter, TableState
from ecda_stream.worker.topics import create_topics

pytestmark = pytest.mark.broker

LOG = "ecda.event_log.v1"
GROUP = "ecda.re_referral"


@dataclass
class Worker:
    """A worker with nothing but its state."""

    positions: Positions
    tables: TableState
    outbox: Outbox

    async def hold(self, *partitions: int) -> None:
        await self.positions.revoke()
        self.positions.assign(TP(LOG, partition) for partition in partitions)

    async def put(self, partition: int, **values: Any) -> None:
        """Write values of the ledger as a run does."""
        draft = await self.tables.draft()
        draft.apply(partition, {("ledger", key): value for key, value in values.items()})
        draft.write(await self.outbox.deliver(draft.changelog()))

    async def get(self, partition: int, key: str) -> Any:
        return (await self.tables.draft()).reader(partition)("ledger", key)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with running(tmp_path_factory.mktemp("tables")) as broker:
        asyncio.run(create_topics(broker.bootstrap, load_topics(Path("deploy/kafka/topics.yaml"))))
        yield load_settings(bootstrap=broker.bootstrap)


def with_two_workers(settings: Settings, scenario: Callable[[Worker, Worker], Awaitable[None]]) -> None:
    async def run() -> None:
        workers = []
        for _ in range(2):
            positions = Positions()
            workers.append(Worker(positions, TableState(settings, GROUP, LOG, positions), Outbox(settings)))
            await workers[-1].outbox.start()
        try:
            await scenario(*workers)
        finally:
            for worker in workers:
                await worker.positions.revoke()
                await worker.outbox.stop()

    asyncio.run(run())


async def send(worker: Worker, partition: int, key: str, value: bytes | None, table: Table = "ledger") -> None:
    await worker.outbox.deliver([Sending(worker.tables.changelog(table), partition, key.encode(), value)])


def test_a_worker_knows_what_another_has_written_before_it(settings: Settings) -> None:
    async def scenario(first: Worker, second: Worker) -> None:
        await first.hold(1, 2)
        await first.put(1, a=[1], b=[2])
        await first.put(1, a=[1, 3])
        await first.put(2, a=["other"])
        await second.hold(1)

        assert [await second.get(1, key) for key in "abc"] == [[1, 3], [2], None]
        assert second.tables.sizes()["ledger"] == 2

    with_two_workers(settings, scenario)


def test_a_partition_that_comes_back_is_as_the_other_worker_left_it(settings: Settings) -> None:
    async def scenario(first: Worker, second: Worker) -> None:
        await first.hold(3, 4)
        await first.put(3, a=["first"])
        await first.put(4, a=["stays"])
        await first.hold(4)
        await second.hold(3)
        await second.put(3, a=["second"], b=["new"])
        await second.hold()
        await first.hold(3, 4)

        assert [await first.get(3, key) for key in "ab"] == [["second"], ["new"]]
        assert await first.get(4, "a") == ["stays"]

        await first.put(3, a=["third"])

        assert await first.get(3, "a") == ["third"]

    with_two_workers(settings, scenario)


def test_what_is_held_still_is_not_read_again_and_what_came_besides_is(settings: Settings) -> None:
    async def scenario(first: Worker, second: Worker) -> None:
        await first.hold(5)
        await first.put(5, a=["kept"], b=["old"])
        await first.tables.draft()
        before = first.tables.data_of(5)["ledger"]["a"]
        await send(second, 5, "b", b'["besides"]')
        await first.hold(5)
        await first.tables.draft()

        assert first.tables.data_of(5)["ledger"]["a"] is before
        assert await first.get(5, "b") == ["besides"]

    with_two_workers(settings, scenario)


def test_a_tombstone_takes_a_value_out_of_the_state(settings: Settings) -> None:
    async def scenario(first: Worker, second: Worker) -> None:
        await first.hold(6)
        await first.put(6, a=["erased"], b=["stays"])
        await send(first, 6, "a", None)
        await second.hold(6)

        assert [await second.get(6, key) for key in "ab"] == [None, ["stays"]]

    with_two_workers(settings, scenario)


def test_a_second_writer_to_a_changelog_is_found_at_the_next_change(settings: Settings) -> None:
    async def scenario(first: Worker, second: Worker) -> None:
        await first.hold(7)
        await first.put(7, a=[1])
        await send(second, 7, "a", b"[0]")

        with pytest.raises(ForeignWriter, match="somebody else"):
            await first.put(7, a=[1, 2])

    with_two_workers(settings, scenario)


def test_nobody_works_on_state_that_is_being_given_away(settings: Settings) -> None:
    async def scenario(first: Worker, second: Worker) -> None:
        with pytest.raises(Superseded):
            await first.tables.draft()
        await first.hold(8)
        waiting = asyncio.create_task(first.tables.draft())
        await asyncio.sleep(0)
        await first.positions.revoke()

        with pytest.raises(Superseded):
            await waiting
        assert first.tables.readers() == {}

        await first.hold(8)
        await first.tables.draft()

        assert set(first.tables.readers()) == {8}

    with_two_workers(settings, scenario)


def test_a_worker_that_is_told_to_stop_does_not_finish_reading(settings: Settings) -> None:
    async def scenario(first: Worker, second: Worker) -> None:
        await first.hold(11)
        waiting = asyncio.create_task(first.tables.draft())
        await asyncio.sleep(0)
        first.tables.give_up_reading()

        with pytest.raises(Superseded):
            await waiting

        await second.hold(11)
        await second.put(11, a=[1])
        second.tables.give_up_reading()  # nothing is under way: what is read stays

        assert await second.get(11, "a") == [1]

    with_two_workers(settings, scenario)


def test_changes_beyond_one_fetch_are_all_read(settings: Settings) -> None:
    async def scenario(first: Worker, second: Worker) -> None:
        await first.hold(9, 10)
        for partition in (9, 10):
            await first.put(partition, **{f"key{number}": "x" * 500 for number in range(6000)})
        await second.hold(9, 10)
        await second.tables.draft()

        assert second.tables.sizes()["ledger"] == 12_000

    with_two_workers(settings, scenario)
