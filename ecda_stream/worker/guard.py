"""The commit guard: no offset is committed past work that is not durable, and what a rebalance cut short is not delivered after it.

Stock Faust commits over an event in flight, acknowledges events whose agent raised, and commits while it shuts down after a crash.
Here the agent itself says up to which offset of a partition its work is durable, and nothing else is ever committed. It relies on, in
faust-streaming 0.15.3: `App._new_transport`, `Transport.Consumer`, `Consumer._new_offset`, `_commit`, `_acked`, `_acked_index`,
`on_partitions_assigned` and `on_partitions_revoked`, which the group waits for; the gauges look at `_committed_offset`.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import ClassVar

from faust.transport.drivers.aiokafka import Consumer, Transport
from faust.types import TP
from faust.types.transports import ConsumerT

from ecda_stream.worker.positions import Positions

LIBRARY_LOG = logging.getLogger("faust.worker")
"""For what Faust logs about our subclasses: it would name the log after our module, and its messages are not ours."""


def guarded_transport(positions: Positions) -> type[Transport]:
    """Return Faust's aiokafka transport with a consumer that commits durable positions and nothing else."""

    class GuardedConsumer(Consumer):
        logger = LIBRARY_LOG

        async def on_partitions_revoked(self, revoked: set[TP]) -> None:
            """Let nobody hold a partition before what this worker does to it is done, and committed."""
            durable = await positions.revoke()
            if done := {tp: offset for tp, offset in durable.items() if tp in revoked}:
                await self._commit(done)
            await super().on_partitions_revoked(revoked)

        async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
            positions.assign(assigned)
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

        def verify_event_path(self, now: float, tp: TP) -> None:
            """Say nothing of an idle partition: Faust calls it an error every few seconds. Lag and age of commits are metrics."""

    class GuardedTransport(Transport):
        logger = LIBRARY_LOG
        Consumer: ClassVar[type[ConsumerT]] = GuardedConsumer

    return GuardedTransport
