"""From scores to probabilities with their ranges, the threshold, and how often it fires: all on later triggers of other families."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np

from ecda_stream.errors import BadDefinition
from ecda_stream.score.model import Calibration, RangePoint
from ecda_stream.training.resample import family_weights
from ecda_stream.training.sigmoid import expit, fit_line
from ecda_stream.training.table import Days, Flags, Floats, Ints, Texts

BOOTSTRAPS = 200
INTERVAL = (5.0, 95.0)
"""Percentiles: a 90 % interval."""
QUANTILES = (*(place / 20 for place in range(19)), 0.94, 0.96, 0.98, 0.99, 0.995, 1.0)
"""Dense where alerts are."""
WIDEST_GAP = 0.35
"""Log-odds between two points: read off a straight line, an interval must still hold the curve between them."""


def calibrate(scores: Floats, outcomes: Flags, families: Texts, span: tuple[float, float], seed: int) -> Calibration:
    """Fit a sigmoid on the log-odds, and its 90 % interval over family bootstraps at quantiles of the score.

    `span` is the lowest and the highest score that the model can give; the table reaches that far. Raises BadDefinition if the outcome
    does not rise with the score.
    """
    slope, intercept = fit_line(scores, outcomes)
    if not slope > 0:
        raise BadDefinition("the model", ["on later triggers the outcome does not rise with its score: there is nothing to release"])
    grid = _grid(scores, span, WIDEST_GAP / slope)
    lines = [fit_line(scores, outcomes, weights, (slope, intercept)) for weights in family_weights(families, BOOTSTRAPS, seed)]
    curves = np.array([expit(line[0] * grid + line[1]) for line in lines if not math.isnan(line[0])])
    estimate = expit(slope * grid + intercept)
    low, high = np.percentile(curves, INTERVAL, axis=0) if len(curves) else (estimate, estimate)
    nearest = np.bincount(_nearest(grid, scores), minlength=len(grid))
    points = tuple(
        RangePoint(
            score=float(grid[place]),
            low=float(min(low[place], estimate[place])),
            high=float(max(high[place], estimate[place])),
            triggers=int(nearest[place]),
        )
        for place in range(len(grid))
    )
    return Calibration(slope=slope, intercept=intercept, points=points)


def threshold_at(scores: Floats, share: float) -> float:
    """Return the lowest score that at most this share of the scores lie at or above; the highest, if even that has more.

    >>> threshold_at(np.array([1.0, 2.0, 2.0, 3.0]), 0.5), threshold_at(np.array([1.0, 2.0, 2.0, 3.0]), 0.75)
    (3.0, 2.0)
    """
    found, counts = np.unique(scores, return_counts=True)
    at_or_above = np.cumsum(counts[::-1])[::-1]
    within = found[at_or_above <= share * len(scores) + 1e-9]
    return float(within[0] if len(within) else found[-1])


def share_of_groups(scores: Floats, families: Texts, days: Days, threshold: float) -> float:
    """Return the share of families and days that have a trigger at or above the threshold: alerts are raised by family and day."""
    highest: dict[tuple[str, str], float] = {}
    for score, family, day in zip(scores, families, days.astype(str), strict=True):
        highest[family, day] = max(score, highest.get((family, day), -math.inf))
    return sum(bool(score >= threshold) for score in highest.values()) / len(highest) if highest else 0.0


def _grid(scores: Floats, span: tuple[float, float], widest: float) -> Floats:
    points = np.unique([span[0], *np.quantile(scores, QUANTILES), span[1]])
    filled = [points[:1]]
    for left, right in pairwise(points):
        filled.append(np.linspace(left, right, max(1, math.ceil((right - left) / widest)) + 1)[1:])
    return np.unique(np.concatenate(filled))


def _nearest(grid: Floats, scores: Floats) -> Ints:
    """Return the place of the nearest point; of two equally near, the lower, as in `Calibration.triggers_near`."""
    right = np.clip(np.searchsorted(grid, scores), 1, len(grid) - 1)
    left = right - 1
    return np.where(scores - grid[left] <= grid[right] - scores, left, right).astype(np.int64)
