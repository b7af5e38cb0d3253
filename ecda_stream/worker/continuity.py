"""Every record of a partition is handled once, in order: what comes too early waits until what is missing has been read again.

Around a rebalance Faust drops records that it has fetched already (it clears the queues of its agents after it has moved its read
positions, and records drained before a seek arrive after it). Going on would lose them; ending the worker would be the next rebalance.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from faust.types import TP

from ecda_stream.errors import EcdaStreamError
from ecda_stream.worker.positions import NOTHING, Positions

log = logging.getLogger(__name__)

INSIST_EVERY_SECONDS = 2.0
ASK_AGAIN_SECONDS = 3.0
MOST_ATTEMPTS = 10

Committed = Callable[[], Awaitable[Mapping[TP, int]]]
"""What the group has committed, by the broker."""

FirstBetween = Callable[[TP, int, int], Awaitable[int | None]]
"""The first offset that a partition still holds from one up to, not including, another; compacted topics have gaps."""

Rewind = Callable[[TP, int], Awaitable[None]]
"""Reads a partition from an offset on."""


class RecordsSkipped(EcdaStreamError):
    """Records between the last one handled and this one are not delivered, however often they are asked for; the worker stops."""


@dataclass
class _Missing:
    """What a partition waits for."""

    offset: int
    after: int
    """The offset that was expected when the gap was found."""
    attempts: int = 0
    asked_at: float = field(default_factory=time.monotonic)


class Continuity:
    """Tells of each record whether it is the next of its partition."""

    def __init__(self, positions: Positions, committed: Committed, first_between: FirstBetween, rewind: Rewind) -> None:
        self._positions = positions
        self._committed = committed
        self._first_between = first_between
        self._rewind = rewind
        self._began_with = NOTHING
        self._started_from: Mapping[TP, int] = {}
        self._missing: dict[TP, _Missing] = {}
        positions.on_revoked(self._missing.clear)

    async def is_next(self, tp: TP, last: int | None, offset: int) -> bool:
        """Return whether a record is the next of its partition; `last` is the one before it in the same run, if there is one.

        What was handled before is not, nor is what follows a gap: that is read again, from the first record that is missing.
        Raises RecordsSkipped if it does not come for all that.
        """
        if tp not in self._positions.assignment.partitions:
            return False
        expected = last + 1 if last is not None else self._positions.durable(tp)
        if expected is None:
            expected = await self._start_of(tp)
        if offset < expected:
            return False
        missing = self._missing.get(tp)
        if offset == expected or (missing is not None and missing.after == expected and offset == missing.offset):
            self._missing.pop(tp, None)
            return True
        if missing is None or missing.after != expected:
            first = await self._first_between(tp, expected, offset)
            if first is None:
                self._missing.pop(tp, None)
                return True
            log.warning("%s[%d]: expected offset %d, got %d; reading again from %d", tp.topic, tp.partition, expected, offset, first)
            self._missing[tp] = missing = _Missing(first, expected)
            await self._ask_for(tp, missing)
        return False

    async def insist(self) -> None:
        """Ask again for what has not come: a rewinding can be overtaken by what was fetched before it.

        Raises RecordsSkipped after many attempts.
        """
        for tp, missing in list(self._missing.items()):
            if time.monotonic() - missing.asked_at > ASK_AGAIN_SECONDS:
                await self._ask_for(tp, missing)

    async def _start_of(self, tp: TP) -> int:
        assignment = self._positions.assignment
        if self._began_with is not assignment:
            self._started_from, self._began_with = await self._committed(), assignment
        return self._started_from.get(tp, 0)

    async def _ask_for(self, tp: TP, missing: _Missing) -> None:
        if tp not in self._positions.assignment.partitions:  # given out anew while the partition was looked at
            self._missing.pop(tp, None)
            return
        missing.attempts += 1
        if missing.attempts > MOST_ATTEMPTS:
            raise RecordsSkipped(f"{tp.topic}[{tp.partition}]: expected offset {missing.after}, which does not come")
        missing.asked_at = time.monotonic()
        await self._rewind(tp, missing.offset)
