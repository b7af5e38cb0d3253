"""What a worker holds from one rebalance to the next, and up to where the work on each partition is durable."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from faust.types import TP


class Superseded(Exception):
    """The partitions were given out anew while a run was under way: whoever holds them now does its work."""


@dataclass(frozen=True, eq=False)
class Assignment:
    """The partitions that were given to this worker in one rebalance; equal to itself alone."""

    partitions: frozenset[TP]


NOTHING = Assignment(frozenset())
"""What a worker holds before its first assignment, and while the group is given out anew."""


class Positions:
    """Up to where the work on each partition is durable; once failed, nothing is committed any more."""

    def __init__(self) -> None:
        self.failed = False
        self.assignment = NOTHING
        self.delivering = asyncio.Lock()
        """Held while a run is made durable; a revocation waits for it, so that nobody writes to what another holds."""
        self._durable: dict[TP, int] = {}
        self._on_commit: list[Callable[[bool], None]] = []
        self._on_assigned: list[Callable[[frozenset[TP]], None]] = []
        self._on_revoked: list[Callable[[], None]] = []

    def assign(self, partitions: Iterable[TP]) -> None:
        """Begin anew with what was given to this worker: everything starts from what was committed."""
        self._durable.clear()
        self.assignment = Assignment(frozenset(partitions))
        for listener in self._on_assigned:
            listener(self.assignment.partitions)

    async def revoke(self) -> dict[TP, int]:
        """Give everything back; return, once no delivery is under way, what is durable and can be committed.

        A run that has not begun to deliver by now never will.
        """
        self.assignment = NOTHING
        for listener in self._on_revoked:
            listener()
        async with self.delivering:
            return {} if self.failed else dict(self._durable)

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

    def on_assigned(self, listener: Callable[[frozenset[TP]], None]) -> None:
        """Call the listener with the partitions of every assignment."""
        self._on_assigned.append(listener)

    def on_revoked(self, listener: Callable[[], None]) -> None:
        """Call the listener whenever everything is given back."""
        self._on_revoked.append(listener)

    def tell(self, accepted: bool) -> None:
        """Tell the listeners of commits."""
        for listener in self._on_commit:
            listener(accepted)
