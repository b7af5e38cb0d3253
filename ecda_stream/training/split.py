"""Splits that follow time, and folds by family: what a model learns from lies before what it is tested on, and with other families."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from ecda_stream.contract.canonical import hash_of
from ecda_stream.errors import BadDefinition
from ecda_stream.training.table import Flags, Ints, Rows

FOLDS = 5
SHORTEST_DAYS = 12
"""Of training and test window together: below it a calibration slice would be empty."""


@dataclass(frozen=True)
class Window:
    """Days, first and last included."""

    first: date
    last: date

    def holds(self, rows: Rows) -> Flags:
        """Return which rows lie in it."""
        inside: Flags = (rows.day >= np.datetime64(self.first)) & (rows.day <= np.datetime64(self.last))
        return inside


@dataclass(frozen=True)
class Split:
    """Where shapes are fitted, where they are calibrated, from when on all of that was known, and where it is tested."""

    fit: Window
    calibration: Window
    known_by: date
    test: Window

    @property
    def windows(self) -> Mapping[str, Window]:
        """Return the windows in order of time."""
        return {"fit": self.fit, "calibration": self.calibration, "test": self.test}


def divide(first: date, last: date, embargo_days: int) -> Split:
    """Divide the days first to last: two thirds of what the embargo leaves for training, then the embargo, then the test.

    The last quarter of the training window is the calibration slice. `known_by`, the first day of the test window, comes `embargo_days`
    after its last day: by then every outcome learnt from had happened and was recorded. Raises BadDefinition if the days are too few.
    """
    usable = (last - first).days + 1 - embargo_days
    if usable < SHORTEST_DAYS:
        needed = f"{first} to {last}, and the embargo alone takes {embargo_days}"
        raise BadDefinition("the log: too short to train and to test on", [needed])
    training = 2 * usable // 3
    calibration = training // 4
    ends = first + timedelta(days=training - 1)
    begins = ends - timedelta(days=calibration - 1)
    known_by = ends + timedelta(days=embargo_days)
    return Split(
        fit=Window(first, begins - timedelta(days=1)),
        calibration=Window(begins, ends),
        known_by=known_by,
        test=Window(known_by, last),
    )


def folds_of(rows: Rows, seed: int) -> Ints:
    """Return the fold of each row: the same for everybody of a family, whatever else is in the log."""
    folds = {name: int(hash_of("fold", str(seed), name)[:8], 16) % FOLDS for name in dict.fromkeys(rows.family)}
    return np.array([folds[name] for name in rows.family], dtype=np.int64)
