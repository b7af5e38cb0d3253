"""A ceiling on refusals: after a bad release a worker stops instead of dead-lettering a whole topic."""

from __future__ import annotations

from collections import deque

from ecda_stream.errors import EcdaStreamError

WINDOW_RECORDS = 2000
FEWEST_RECORDS = 200
"""Below this many records a share says nothing."""


class TooManyRefusals(EcdaStreamError):
    """More was refused than bad input explains; look at the release and at the source before going on."""


class Ceiling:
    """Counts refusals of the last records, in share and in a row."""

    def __init__(self, most_in_a_row: int, greatest_share: float) -> None:
        self._most_in_a_row = most_in_a_row
        self._greatest_share = greatest_share
        self._in_a_row = 0
        self._recent: deque[bool] = deque(maxlen=WINDOW_RECORDS)

    def count(self, refused: bool) -> None:
        """Count one record.

        Raises TooManyRefusals when the ceiling is reached.
        """
        self._in_a_row = self._in_a_row + 1 if refused else 0
        self._recent.append(refused)
        if self._in_a_row >= self._most_in_a_row:
            raise TooManyRefusals(f"{self._in_a_row} records in a row were refused")
        share = sum(self._recent) / len(self._recent) if refused and len(self._recent) >= FEWEST_RECORDS else 0.0
        if share > self._greatest_share:
            raise TooManyRefusals(f"{share:.0%} of the last {len(self._recent)} records were refused")
