"""A worker to which the library drops records, as Faust does around a rebalance: `python -m tests.worker.dropping admit|STREAM`.

Of every fifty records of a partition two in a row vanish when they are handed out for the first time, and the rest is handed out as if
nothing had been there.
"""

from __future__ import annotations

import sys
from typing import Any

from faust.types import TP

from ecda_stream.worker import app
from ecda_stream.worker.continuity import Continuity
from ecda_stream.worker.logs import configure_logging
from ecda_stream.worker.settings import load_settings

EVERY = 50


class Dropping(Continuity):
    """Continuity that never sees some records."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._dropped: set[tuple[TP, int]] = set()

    async def is_next(self, tp: TP, last: int | None, offset: int) -> bool:
        if offset % EVERY in (7, 8) and (tp, offset) not in self._dropped:
            self._dropped.add((tp, offset))
            return False
        return await super().is_next(tp, last, offset)


if __name__ == "__main__":
    configure_logging()
    vars(app)["Continuity"] = Dropping
    if sys.argv[1] == "admit":
        app.run_admit(load_settings())
    else:
        app.run_stream(sys.argv[1], load_settings())
