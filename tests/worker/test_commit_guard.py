"""No offset is committed past work that is not durable, whatever fails on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from faust.types import TP
from prometheus_client import CollectorRegistry

from ecda_stream.contract.source_event import SourceRecord
from ecda_stream.errors import InvalidEvent
from ecda_stream.worker.ceiling import Ceiling, TooManyRefusals
from ecda_stream.worker.continuity import Continuity
from ecda_stream.worker.dead_letters import dead_letter
from ecda_stream.worker.guard import guarded_transport
from ecda_stream.worker.metrics import Metrics
from ecda_stream.worker.outbox import Sending
from ecda_stream.worker.positions import Positions
from ecda_stream.worker.runs import LARGEST_RUN_BYTES, Overslept, Run, Runs, record_of

TP0 = TP("topic", 0)


class Post:
    """An outbox that fails when told to."""

    def __init__(self, *, fails: bool = False) -> None:
        self.fails = fails
        self.delivered: list[Sending] = []

    async def deliver(self, sendings: Sequence[Sending]) -> Sequence[int]:
        if self.fails:
            raise OSError("the broker went away")
        self.delivered.extend(sendings)
        return range(len(sendings))


class Written:
    """A draft that remembers whether it was written."""

    def __init__(self) -> None:
        self.offsets: list[int] | None = None

    def changelog(self) -> Sequence[Sending]:
        return [Sending("changelog", 0, b"k", b"changed")]

    def write(self, offsets: Sequence[int]) -> None:
        self.offsets = list(offsets)


def an_event(offset: int, value: bytes | None = b"{}") -> Any:
    message = SimpleNamespace(
        topic="topic", partition=0, offset=offset, key=b"k", value=value, headers=[("h", b"1")], timestamp=1_700_000_000.0
    )
    return SimpleNamespace(message=message)


def some_runs(post: Post, positions: Positions, *, in_a_row: int = 500, session_seconds: float = 30.0) -> Runs:
    async def nothing_committed() -> Mapping[TP, int]:
        return {}

    async def everything_is_there(tp: TP, first: int, after: int) -> int | None:
        return first

    async def rewind(tp: TP, offset: int) -> None:
        pass

    if not positions.assignment.partitions:
        positions.assign([TP0])
    continuity = Continuity(positions, nothing_committed, everything_is_there, rewind)
    metrics, ceiling = Metrics(CollectorRegistry()), Ceiling(in_a_row, 0.5)
    return Runs(post, positions, metrics, ceiling, continuity, most_records=10, within_seconds=0.01, session_seconds=session_seconds)


async def take(run: Run, *offsets: int) -> None:
    for offset in offsets:
        record, _ = record_of(an_event(offset))
        if await run.takes(record):
            run.send(Sending("out", 0, b"k", str(offset).encode()))


async def handle(runs: Runs, *offsets: int) -> None:
    async with runs.run() as run:
        await take(run, *offsets)


def test_a_run_counts_as_done_only_after_everything_it_sent_is_durable() -> None:
    post, positions = Post(), Positions()

    asyncio.run(handle(some_runs(post, positions), 0, 1, 2))

    assert [sending.value for sending in post.delivered] == [b"0", b"1", b"2"]
    assert positions.durable(TP0) == 3


def test_after_a_failed_send_nothing_is_committed_any_more() -> None:
    post, positions = Post(), Positions()
    runs = some_runs(post, positions)
    asyncio.run(handle(runs, 0, 1))
    post.fails = True

    with pytest.raises(OSError):
        asyncio.run(handle(runs, 2, 3))

    assert positions.failed
    assert positions.durable(TP0) == 2


def test_local_state_is_written_only_after_the_changelog_has_it() -> None:
    post, positions, draft = Post(fails=True), Positions(), Written()
    runs = some_runs(post, positions)

    async def keep() -> None:
        async with runs.run() as run:
            run.keep(draft)
            await take(run, 0)

    with pytest.raises(OSError):
        asyncio.run(keep())
    written_after_a_failure = draft.offsets
    post.fails, positions.failed = False, False
    asyncio.run(keep())

    assert written_after_a_failure is None
    assert draft.offsets == [1]
    assert [sending.topic for sending in post.delivered] == ["out", "changelog"]


def test_an_error_in_the_handling_stops_every_commit() -> None:
    positions = Positions()

    async def fail() -> None:
        async with some_runs(Post(), positions).run():
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        asyncio.run(fail())

    assert positions.failed


def test_a_repeated_record_does_not_move_the_position_back() -> None:
    positions = Positions()
    runs = some_runs(Post(), positions)

    asyncio.run(handle(runs, 0, 1, 2))
    asyncio.run(handle(runs, 1))

    assert positions.durable(TP0) == 3


def test_the_consumer_commits_durable_positions_and_never_what_was_only_acknowledged() -> None:
    positions = Positions()
    consumer_type: Any = guarded_transport(positions).Consumer
    consumer = consumer_type.__new__(consumer_type)
    consumer._acked, consumer._acked_index = {TP0: [4, 5, 6, 7]}, {TP0: {4, 5, 6, 7}}
    positions.advance(TP0, 4)

    before = consumer._new_offset(TP0)
    positions.fail()
    after = consumer._new_offset(TP0)

    assert before == 5
    assert after is None


def test_an_idle_partition_is_no_error_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """Faust says of every partition without records, every few seconds, that its stream has not started processing."""
    consumer_type: Any = guarded_transport(Positions()).Consumer
    consumer = consumer_type.__new__(consumer_type)

    consumer.verify_event_path(1e9, TP0)

    assert caplog.records == []


def test_a_new_assignment_forgets_the_old_positions() -> None:
    positions = Positions()
    positions.advance(TP0, 9)

    positions.assign([TP0])

    assert positions.durable(TP0) is None


def test_a_run_that_a_rebalance_overtook_is_never_delivered() -> None:
    post, positions = Post(), Positions()
    runs, draft = some_runs(post, positions), Written()

    async def rebalance_in_the_middle() -> None:
        async with runs.run() as run:
            run.keep(draft)
            await take(run, 0)
            await positions.revoke()
            positions.assign([TP0])

    asyncio.run(rebalance_in_the_middle())

    assert post.delivered == []
    assert draft.offsets is None
    assert positions.durable(TP0) is None
    assert not positions.failed


def test_a_partition_is_let_go_of_only_when_what_is_under_way_to_it_is_durable() -> None:
    """Whoever holds the partition next would else read its changelog before the last of it is written."""
    positions, arrived, happened = Positions(), asyncio.Event(), list[str]()

    class Slow(Post):
        async def deliver(self, sendings: Sequence[Sending]) -> Sequence[int]:
            arrived.set()
            for _ in range(10):
                await asyncio.sleep(0)
            happened.append("delivered")
            return await super().deliver(sendings)

    async def revoke() -> dict[TP, int]:
        run = asyncio.create_task(handle(some_runs(Slow(), positions), 0, 1))
        await arrived.wait()
        durable = await positions.revoke()
        happened.append("let go")
        await run
        return durable

    assert asyncio.run(revoke()) == {TP0: 2}
    assert happened == ["delivered", "let go"]


def test_before_a_partition_is_let_go_of_what_is_durable_is_committed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever holds it next would else do it again."""
    positions, other, happened = Positions(), TP("topic", 1), list[object]()
    consumer_type: Any = guarded_transport(positions).Consumer
    consumer = consumer_type.__new__(consumer_type)
    library: Any = consumer_type.__mro__[1]

    async def commit(self: Any, offsets: Mapping[TP, int]) -> bool:
        happened.append(dict(offsets))
        return True

    async def let_go(self: Any, revoked: set[TP]) -> None:
        happened.append("let go")

    monkeypatch.setattr(library, "_commit", commit)
    monkeypatch.setattr(library, "on_partitions_revoked", let_go)
    positions.assign([TP0, other])
    positions.advance(TP0, 4)

    asyncio.run(consumer.on_partitions_revoked({TP0, other}))

    assert happened == [{TP0: 5}, "let go"]
    assert positions.assignment.partitions == frozenset()


def test_after_a_failure_nothing_is_offered_for_the_last_commit() -> None:
    positions = Positions()
    positions.advance(TP0, 4)
    positions.fail()

    assert asyncio.run(positions.revoke()) == {}


def test_a_worker_that_slept_through_its_session_delivers_nothing_and_ends() -> None:
    post, positions = Post(), Positions()

    with pytest.raises(Overslept):
        asyncio.run(handle(some_runs(post, positions, session_seconds=0.0), 0))

    assert post.delivered == []
    assert positions.failed


def test_refusals_beyond_the_ceiling_stop_the_worker_before_they_are_sent() -> None:
    post, positions = Post(), Positions()
    runs = some_runs(post, positions, in_a_row=3)

    async def refuse_all() -> None:
        async with runs.run() as run:
            for offset in range(5):
                record, headers = record_of(an_event(offset))
                await run.takes(record)
                error = InvalidEvent("not-json")
                run.refuse(dead_letter(record, headers, "admit", error, "group", run.now), record, "admit", error)

    with pytest.raises(TooManyRefusals):
        asyncio.run(refuse_all())

    assert post.delivered == []
    assert positions.failed


def count_many(ceiling: Ceiling, number: int) -> None:
    for place in range(number):
        ceiling.count(refused=place % 3 != 0)


def test_a_share_of_refusals_means_nothing_before_enough_records_were_seen() -> None:
    ceiling = Ceiling(most_in_a_row=500, greatest_share=0.5)

    count_many(ceiling, 150)

    with pytest.raises(TooManyRefusals):
        count_many(ceiling, 150)


def test_a_record_with_neither_key_nor_value_can_still_be_dead_lettered() -> None:
    record, headers = record_of(an_event(0, value=None))
    empty = SourceRecord(record.topic, record.partition, record.offset, None, None, dict(headers), record.arrived_at)

    letter = dead_letter(empty, headers, "admit", InvalidEvent("tombstone"), "group", record.arrived_at)

    assert letter.value == b""
    assert dict(letter.headers)["dlq-reason-code"] == b"tombstone"


def test_a_cancelled_run_counts_for_nothing() -> None:
    post, positions = Post(), Positions()
    runs = some_runs(post, positions)

    async def cancelled() -> None:
        async with runs.run() as run:
            await take(run, 1)
            raise asyncio.CancelledError

    asyncio.run(handle(runs, 0))
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(cancelled())
    asyncio.run(handle(runs, 2))

    assert not positions.failed
    assert positions.durable(TP0) == 1
    assert [sending.value for sending in post.delivered] == [b"0"]


def test_a_run_with_much_in_it_is_made_durable_early() -> None:
    post, positions = Post(), Positions()

    async def send_large_documents() -> list[int | None]:
        seen = []
        async with some_runs(post, positions).run() as run:
            for offset in range(3):
                record, _ = record_of(an_event(offset))
                await run.takes(record)
                run.send(Sending("out", 0, b"k", b"x" * (LARGEST_RUN_BYTES // 2 + 1)))
                await run.end_early_if_large()
                seen.append(positions.durable(TP0))
        return seen

    seen = asyncio.run(send_large_documents())

    assert seen == [None, 2, 2]
    assert positions.durable(TP0) == 3
    assert len(post.delivered) == 3
