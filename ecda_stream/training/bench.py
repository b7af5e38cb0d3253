"""The labelled rows with their windows and folds: what every fit and every figure of one training run starts from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from ecda_stream.training.fit import Scorer
from ecda_stream.training.split import Split, folds_of
from ecda_stream.training.table import Flags, Floats, Ints, Rows

Fit = Callable[[Floats, Flags], Scorer]
"""From values and outcomes to what scores other values."""


@dataclass(frozen=True)
class Bench:
    """Rows, which window each lies in, which fold its family has."""

    rows: Rows
    windows: Mapping[str, Flags]
    folds: Ints

    @classmethod
    def of(cls, rows: Rows, split: Split, seed: int) -> Bench:
        """Return the bench of a split."""
        return cls(rows, {name: window.holds(rows) for name, window in split.windows.items()}, folds_of(rows, seed))

    def cross(self, fit: Fit) -> Floats:
        """Return scores of the rows after the fit window by models that saw nobody of their families; NaN for all others.

        For each fold one model is fitted to the other folds' families in the fit window, and scores those of its own in the windows
        after it.
        """
        fitted, later = self.windows["fit"], self.windows["calibration"] | self.windows["test"]
        scores = np.full(len(self.rows), np.nan)
        for fold in np.unique(self.folds[later]):
            others, own = fitted & (self.folds != fold), later & (self.folds == fold)
            scores[own] = fit(self.rows.values[others], self.rows.escalated[others])(self.rows.values[own])
        return scores
