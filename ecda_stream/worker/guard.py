"""The commit guard: no offset is ever committed past work that is not durable.

Stock Faust commits over an event in flight, acknowledges events whose agent raised, and commits while it shuts down after a crash.
Here the agent itself says up to which offset of a partition its work is durable, and nothing else is ever committed. It relies on, in
faust-streaming 0.15.3: `App._new_transport`, `Transport.Consumer`, `Consumer._new_offset`, `_commit`, `_acked`, `_acked_index`,
`_committed_offset`.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import ClassVar

from faust.transport.drivers.aiokafka import Consumer, Transport
from faust.types import TP
from faust.types.transports import ConsumerT

from ecda_stream.errors import EcdaStreamError


class RecordsSkipped(EcdaStreamError):
    """Records between the last one handled and this one were never delivered; the worker stops and starts from its commit."""


LIBRARY_LOG = logging.getLogger("faust.worker")
"""For what Faust logs about our subclasses: it would name the log after our module, and its messages are not ours."""

AnythingBetween = Callable[[TP, int, int], Awaitable[bool]]
"""Whether a partition still holds a record from one offset up to, not including, another; compacted topics have gaps."""


class Positions:
    """Up to where the work on each partition is durable; once failed, nothing is committed any more."""

    def __init__(self) -> None:
        self.failed = False
        self._durable: dict[TP, int] = {}
        self._on_commit: list[Callable[[bool], None]] = []

    def forget(self) -> None:
        """Forget every position: partitions were assigned anew and start from what was committed."""
        self._durable.clear()

    def durable(self, tp: TP) -> int | None:
        """Return the offset after the last durable record, or None if nothing was done since the assignment."""
        return self._durable.get(tp)

    def advance(self, tp: TP, offset: int) -> None:
        """Say that all work up to and including an offset is durable."""
        self._durable[tp] = max(offset + 1, self._durable.get(tp, 0))

    def fail(self) -> None:
        """Refuse every commit from here on: something that a committed offset would claim may not be there."""
        self.failed = True

    def on_commit(self, listener: Callable[[bool], None]) -> None:
        """Call the listener after every commit with whether it was accepted."""
        self._on_commit.append(listener)

    def tell(self, accepted: bool) -> None:
        """Tell the listeners."""
        for listener in self._on_commit:
            listener(accepted)


class Continuity:
    """Sees to it that every record of a partition is handled: what arrives follows what is done, or repeats it."""

    def __init__(self, positions: Positions, committed: Callable[[TP], int | None], anything_between: AnythingBetween) -> None:
        self._positions = positions
        self._committed = committed
        self._anything_between = anything_between

    async def check(self, tp: TP, last: int | None, offset: int) -> None:
        """Check the next record of a partition; `last` is the one before it in the same run, if there is one.

        Raises RecordsSkipped if records in between exist and were not delivered.
        """
        expected = last + 1 if last is not None else self._positions.durable(tp)
        if expected is None:
            expected = self._committed(tp)
        if expected is not None and offset > expected and await self._anything_between(tp, expected, offset):
            raise RecordsSkipped(f"{tp.topic}[{tp.partition}]: expected offset {expected}, got {offset}")


def guarded_transport(positions: Positions) -> type[Transport]:
    """Return Faust's aiokafka transport with a consumer that commits durable positions and nothing else."""

    class GuardedConsumer(Consumer):
        logger = LIBRARY_LOG

        async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
            positions.forget()
            await super().on_partitions_assigned(assigned, generation_id)

        def _new_offset(self, tp: TP) -> int | None:
            self._acked[tp].clear()
            self._acked_index[tp].clear()
            return None if positions.failed else positions.durable(tp)

        async def _commit(self, offsets: Mapping[TP, int]) -> bool:
            if positions.failed:
                return False
            accepted: bool = await super()._commit(offsets)
            positions.tell(accepted)
            return accepted

    class GuardedTransport(Transport):
        logger = LIBRARY_LOG
        Consumer: ClassVar[type[ConsumerT]] = GuardedConsumer

    return GuardedTransport
