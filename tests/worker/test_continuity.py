"""Every record of a partition is handled once and in order, whatever is handed out: gaps are read again, repetitions left out."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest
from faust.types import TP
from hypothesis import given
from hypothesis import strategies as st

from ecda_stream.worker import continuity as module
from ecda_stream.worker.continuity import MOST_ATTEMPTS, Continuity, RecordsSkipped
from ecda_stream.worker.positions import Positions

TP0 = TP("topic", 0)


class Partition:
    """One partition, of which a faulty library hands out what a test says, and the worker that takes it."""

    def __init__(self, *held: int, committed: int | None = None) -> None:
        self.held = held
        self.committed = committed
        self.rewound_to: list[int] = []
        self.handled: list[int] = []
        self.positions = Positions()
        self.continuity = Continuity(self.positions, self._committed, self._first_between, self._rewind)
        self.positions.assign([TP0])

    async def _committed(self) -> Mapping[TP, int]:
        return {} if self.committed is None else {TP0: self.committed}

    async def _first_between(self, tp: TP, first: int, after: int) -> int | None:
        return next((offset for offset in self.held if first <= offset < after), None)

    async def _rewind(self, tp: TP, offset: int) -> None:
        self.rewound_to.append(offset)

    async def hand_out(self, *offsets: int) -> None:
        """Hand out records, each a run of its own."""
        for offset in offsets:
            if await self.continuity.is_next(TP0, None, offset):
                self.handled.append(offset)
                self.positions.advance(TP0, offset)


def hand_out(partition: Partition, *offsets: int) -> Partition:
    asyncio.run(partition.hand_out(*offsets))
    return partition


def test_after_a_gap_a_partition_is_read_again_from_what_is_missing() -> None:
    partition = hand_out(Partition(*range(6)), 0, 1, 3, 4, 5)

    assert partition.handled == [0, 1]
    assert partition.rewound_to == [2]

    hand_out(partition, 2, 3, 4, 5)

    assert partition.handled == [0, 1, 2, 3, 4, 5]


def test_the_first_record_follows_what_the_group_committed() -> None:
    partition = hand_out(Partition(*range(9), committed=5), 7, 5, 6, 7)

    assert partition.rewound_to == [5]
    assert partition.handled == [5, 6, 7]


def test_of_a_partition_without_a_commit_the_first_record_is_the_first_that_it_holds() -> None:
    partition = hand_out(Partition(4, 5, 6), 5, 4, 5)

    assert partition.rewound_to == [4]
    assert partition.handled == [4, 5]


def test_a_gap_that_compaction_left_is_no_loss() -> None:
    partition = hand_out(Partition(0, 7, 9), 0, 7, 9)

    assert partition.handled == [0, 7, 9]
    assert partition.rewound_to == []


def test_what_was_handled_is_not_handled_again() -> None:
    assert hand_out(Partition(*range(4)), 0, 1, 1, 0, 2, 2, 3).handled == [0, 1, 2, 3]


def test_a_partition_that_is_no_longer_held_is_not_handled() -> None:
    partition = hand_out(Partition(*range(4)), 0)
    asyncio.run(partition.positions.revoke())

    assert hand_out(partition, 1).handled == [0]


def test_after_a_rebalance_only_what_is_committed_counts() -> None:
    """Another worker may have gone on meanwhile."""
    partition = hand_out(Partition(*range(9)), 0, 1, 2)
    asyncio.run(partition.positions.revoke())
    partition.committed = 6
    partition.positions.assign([TP0])

    assert hand_out(partition, 3, 6, 7).handled == [0, 1, 2, 6, 7]


def test_within_a_run_a_record_follows_the_one_before_it() -> None:
    partition = Partition(*range(9))

    async def in_one_run() -> list[bool]:
        return [await partition.continuity.is_next(TP0, last, offset) for last, offset in ((None, 0), (0, 1), (1, 3), (1, 2))]

    assert asyncio.run(in_one_run()) == [True, True, False, True]


def test_what_does_not_come_is_asked_for_again_and_at_last_ends_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ASK_AGAIN_SECONDS", -1.0)
    partition = hand_out(Partition(*range(9)), 0, 2)

    async def insist() -> None:
        for _ in range(MOST_ATTEMPTS):
            await partition.continuity.insist()

    with pytest.raises(RecordsSkipped, match="expected offset 1, which does not come"):
        asyncio.run(insist())

    assert partition.rewound_to == [1] * MOST_ATTEMPTS


def test_nothing_is_asked_for_that_came_or_that_another_worker_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ASK_AGAIN_SECONDS", -1.0)
    came, revoked = hand_out(Partition(0, 1, 2), 0, 2, 1), hand_out(Partition(0, 1, 2), 0, 2)
    asyncio.run(revoked.positions.revoke())

    for partition in (came, revoked):
        asyncio.run(partition.continuity.insist())

        assert partition.rewound_to == [1]


@given(
    held=st.sets(st.integers(0, 30), min_size=1),
    deliveries=st.lists(st.integers(0, 30), max_size=60),
)
def test_law_what_is_handled_is_always_the_beginning_of_what_the_partition_holds(held: set[int], deliveries: list[int]) -> None:
    """Whatever is left out, repeated or reordered on the way."""
    offsets = sorted(held)
    partition = hand_out(Partition(*offsets), *(offset for offset in deliveries if offset in held))

    assert partition.handled == offsets[: len(partition.handled)]

    hand_out(partition, *offsets)

    assert partition.handled == offsets
