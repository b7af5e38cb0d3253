"""Logistic regression as lookup tables, so that it can be one half of an additive model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ecda_stream.score.model import Shape
from ecda_stream.training.additive import Additive, centre
from ecda_stream.training.baselines import Logistic, Term
from ecda_stream.training.table import Floats

STEPS = 32
"""At most, of a table: the topmost then holds 3 in 100 of the rows that have a value."""


def tabulate(logistic: Logistic, features: Sequence[str], rows: Floats) -> Additive:
    """Return the regression with each curve as steps: between two edges, what it adds on average to the rows that lie there.

    Exact for a feature with no more than 32 values. Each table is centred over `rows`, as those of trees are.
    """
    intercept = logistic.intercept
    shapes = []
    for term in logistic.terms:
        column = rows[:, features.index(term.feature)]
        shape, mean = centre(_steps(term, column), column)
        shapes.append(shape)
        intercept += mean
    return Additive(intercept, tuple(shapes))


def _steps(term: Term, column: Floats) -> Shape:
    known = np.sort(column[~np.isnan(column)])
    edges = _edges(known)
    step = np.searchsorted(edges, known, side="right")
    adds = term.adds(known)
    values = [float(np.mean(adds[step == place])) for place in range(len(edges) + 1)]
    return Shape(
        feature=term.feature, edges=tuple(edges.tolist()), values=tuple(values), missing=float(term.adds(np.array([np.nan]))[0])
    )


def _edges(known: Floats) -> Floats:
    """Return edges such that a value lies in each step: halfway between values if they are few, else at quantiles."""
    distinct = np.unique(known)
    if len(distinct) <= STEPS:
        return (distinct[:-1] + distinct[1:]) / 2
    return np.setdiff1d(np.quantile(known, np.arange(1, STEPS) / STEPS, method="higher"), distinct[:1])
