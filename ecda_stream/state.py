"""The state of the fold as keyed JSON values, and a draft of changes over it.

Everything kept carries the offset of the entry that put it there, nothing is overwritten before its time, and whoever reads says up to
which offset. So an entry that is folded again over a state which already knows later entries (a worker was killed between writing its
state and committing its position) sees what it saw the first time, and writes what it wrote.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

Table = Literal["identifiers", "people", "families", "ledger", "policy"]
TABLES: tuple[Table, ...] = ("identifiers", "people", "families", "ledger", "policy")

Key = tuple[Table, str]
Read = Callable[[Table, str], Any]
"""Returns the JSON value of a key, or None; the value is never changed in place."""


class Draft:
    """What is known, with the changes of one entry on top; the state below is untouched until the changes are applied."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self.changes: dict[Key, Any] = {}

    def get(self, table: Table, key: str) -> Any:
        """Return the value of a key as this entry has left it so far, or None."""
        changed = self.changes.get((table, key)) if self.changes else None
        return self._read(table, key) if changed is None else changed

    def put(self, table: Table, key: str, value: Any) -> None:
        """Set the value of a key; writing what is there already is no change."""
        if self.get(table, key) != value:
            self.changes[(table, key)] = value

    def append(self, table: Table, key: str, item: list[Any]) -> None:
        """Append an item `[offset, ...]` to a list of such items, unless it stands there already."""
        items = self.get(table, key) or []
        if item not in items:
            self.put(table, key, [*items, item])


def as_of(items: Any, offset: int) -> list[Any]:
    """Return the items `[offset, ...]` learnt at or before an offset; they stand in order of their offsets, and are only read."""
    if not items or items[-1][0] <= offset:
        return items or []
    return [item for item in items if item[0] <= offset]
