"""Figures with their intervals, and what they are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ecda_stream.training.table import Floats

INTERVAL = (2.5, 97.5)
"""Percentiles: a 95 % interval."""
SHARES = (0.01, 0.03, 0.06, 0.10)
"""Of the rows, highest scores first, at which captures and precisions are reported."""


@dataclass(frozen=True)
class Figure:
    """A measure on the rows, and its 95 % interval over family bootstraps; None where it has no value."""

    value: float | None
    low: float | None
    high: float | None

    def to_json(self) -> list[float | None]:
        """Return value, low and high."""
        return [self.value, self.low, self.high]


Figures = Mapping[str, Figure]


def figure(value: float, resampled: Floats) -> Figure:
    """Return a measure with its interval; resamples without a value (no positive drawn) are left out."""
    found = resampled[~np.isnan(resampled)]
    if np.isnan(value) or not len(found):
        return Figure(None if np.isnan(value) else float(value), None, None)
    low, high = np.percentile(found, INTERVAL)
    return Figure(float(value), float(low), float(high))


def percent(share: float) -> str:
    """Return a share as a name has it.

    >>> percent(0.06)
    '6'
    """
    return f"{100 * share:g}"
