"""Rows in the order of a score, and what that order is worth: every measure with weights, so that a resample is a set of weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ecda_stream.contract.canonical import hash_of
from ecda_stream.training.table import Flags, Floats, Ints, Texts


@dataclass(frozen=True)
class Ranking:
    """Places of the rows, highest score first, and where a run of equal scores begins."""

    order: Ints
    runs: Ints
    outcomes: Floats
    """In the order of the ranking: 1 or 0, or the probability of 1."""


def lots_of(event_ids: Texts) -> Texts:
    """Return a fixed lot for each row, which decides between equal scores; an outcome never does."""
    lots = np.empty(len(event_ids), dtype=object)
    lots[:] = [hash_of("lot", event_id) for event_id in event_ids]
    return lots


def rank(scores: Floats, outcomes: Flags | Floats, lots: Texts) -> Ranking:
    """Rank rows by score; equal ones by their lot."""
    order = np.lexsort((lots.astype(str), -scores)).astype(np.int64)
    ordered = scores[order]
    runs = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    return Ranking(order, runs.astype(np.int64), outcomes[order].astype(np.float64))


def capture(ranking: Ranking, weights: Floats, shares: Sequence[float]) -> Floats:
    """Return which share of the positives lies among the top shares of the rows; a row that a share cuts counts in part."""
    ordered = weights[ranking.order]
    rows = np.concatenate([[0.0], np.cumsum(ordered)])
    positives = np.concatenate([[0.0], np.cumsum(ordered * ranking.outcomes)])
    if positives[-1] == 0:
        return np.full(len(shares), np.nan)
    captured: Floats = np.interp(np.asarray(shares) * rows[-1], rows, positives) / positives[-1]
    return captured


def area_under_curve(ranking: Ranking, weights: Floats) -> float:
    """Return the chance that a positive has the higher score than a negative; equal scores count half."""
    positives, negatives = _by_run(ranking, weights)
    pairs = positives.sum() * negatives.sum()
    below = negatives.sum() - np.cumsum(negatives)
    return float(positives @ (below + negatives / 2) / pairs) if pairs else np.nan


def average_precision(ranking: Ranking, weights: Floats) -> float:
    """Return the precision at each score, weighted by the share of positives that have it."""
    positives, negatives = _by_run(ranking, weights)
    found = np.cumsum(positives)
    if not len(found) or found[-1] == 0:
        return np.nan
    flagged = found + np.cumsum(negatives)
    precision = np.divide(found, flagged, out=np.zeros_like(found), where=flagged > 0)
    return float(positives @ precision / found[-1])


def _by_run(ranking: Ranking, weights: Floats) -> tuple[Floats, Floats]:
    """Return the weights of positives and negatives of each score, highest score first."""
    ordered = weights[ranking.order]
    if not len(ordered):
        return np.zeros(0), np.zeros(0)
    positives = np.add.reduceat(ordered * ranking.outcomes, ranking.runs)
    return positives, np.add.reduceat(ordered, ranking.runs) - positives
