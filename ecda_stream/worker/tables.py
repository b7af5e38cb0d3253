"""The fold's state in Faust tables: read from the local store, written to it only after the changelog has it.

Keys carry their partition, because one local store holds the keys of all partitions of a worker.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import faust

from ecda_stream.contract.canonical import to_canonical_json
from ecda_stream.state import TABLES, Key, Read, Table
from ecda_stream.worker.outbox import Sending


class TableState:
    """The tables of one stream."""

    def __init__(self, app: faust.App, partitions: int) -> None:
        self.tables: Mapping[Table, Any] = {
            name: app.Table(
                name,
                partitions=partitions,
                key_type=bytes,
                value_type=bytes,
                help="State of the fold; see ecda_stream/state.py.",
            )
            for name in TABLES
        }

    def draft(self) -> TableDraft:
        """Return an empty draft for one run."""
        return TableDraft(self)

    def sizes(self) -> dict[str, int]:
        """Return the keys held by each table."""
        return {name: len(table.data) for name, table in self.tables.items()}


class TableDraft:
    """The state as one run of entries leaves it, before any of it is durable."""

    def __init__(self, state: TableState) -> None:
        self._state = state
        self._changes: dict[tuple[int, Key], Any] = {}

    def reader(self, partition: int) -> Read:
        """Return how `step` reads the state of a partition."""

        def read(table: Table, key: str) -> Any:
            changed = self._changes.get((partition, (table, key)))
            if changed is not None:
                return changed
            stored = self._state.tables[table].data.get(_key(partition, key))
            return None if stored is None else json.loads(stored)

        return read

    def apply(self, partition: int, changes: Mapping[Key, Any]) -> None:
        """Put the changes of one entry on top."""
        for key, value in changes.items():
            self._changes[(partition, key)] = value

    def changelog(self) -> list[Sending]:
        """Return one changelog record for each key that the run touched."""
        return [
            Sending(self._state.tables[table].changelog_topic_name, partition, _key(partition, key), to_canonical_json(value))
            for (partition, (table, key)), value in self._changes.items()
        ]

    def write(self) -> None:
        """Write the changes to the local store; only after the changelog has them."""
        for (partition, (table, key)), value in self._changes.items():
            self._state.tables[table].data[_key(partition, key)] = to_canonical_json(value)


def _key(partition: int, key: str) -> bytes:
    return f"{partition}/{key}".encode()
