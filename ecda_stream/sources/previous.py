"""The previous extract, kept outside of memory while a new one is compared with it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any


class PreviousExtract:
    """The children of the previous extract by key, in a temporary database that only this user can read and that is deleted."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        database.execute("PRAGMA journal_mode = OFF")
        database.execute("PRAGMA synchronous = OFF")
        database.execute(
            "CREATE TABLE child (key TEXT PRIMARY KEY, content TEXT NOT NULL, met INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID"
        )

    def keep(self, key: str, child: dict[str, Any]) -> None:
        """Keep a child; of two with one key the later stays."""
        self._database.execute("INSERT OR REPLACE INTO child (key, content) VALUES (?, ?)", (key, json.dumps(child)))

    def meet(self, key: str) -> dict[str, Any] | None:
        """Return the child as it was and mark it as met in the new extract; None if it was not there."""
        row = self._database.execute("UPDATE child SET met = 1 WHERE key = ? RETURNING content", (key,)).fetchone()
        return None if row is None else dict(json.loads(row[0]))

    def not_met(self) -> Iterator[dict[str, Any]]:
        """Yield the children whom the new extract did not name, in the order of their keys."""
        for (content,) in self._database.execute("SELECT content FROM child WHERE met = 0 ORDER BY key"):
            yield json.loads(content)


@contextmanager
def previous_extract() -> Iterator[PreviousExtract]:
    """Open an empty index and delete it afterwards, whatever happens: it holds personal data."""
    with (
        TemporaryDirectory(prefix="ecda-previous-") as folder,
        closing(sqlite3.connect(Path(folder) / "previous.sqlite3", isolation_level=None)) as database,
    ):
        yield PreviousExtract(database)
