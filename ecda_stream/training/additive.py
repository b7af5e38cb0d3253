"""An additive model over many rows at once: the same tables as `Model`, column by column."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ecda_stream.score.model import Model, Shape
from ecda_stream.training.sigmoid import expit
from ecda_stream.training.table import Floats, Rows


@dataclass(frozen=True)
class Additive:
    """The shapes of the features that the trees use, and the intercept."""

    intercept: float
    shapes: tuple[Shape, ...]

    def score(self, features: Sequence[str], values: Floats) -> Floats:
        """Return the scores of many triggers."""
        scores = np.full(len(values), self.intercept)
        for shape in self.shapes:
            scores += shape_values(shape, values[:, features.index(shape.feature)])
        return scores

    @property
    def span(self) -> tuple[float, float]:
        """Return the lowest and the highest score that any trigger can have."""
        low = sum(min(*shape.values, shape.missing) for shape in self.shapes)
        high = sum(max(*shape.values, shape.missing) for shape in self.shapes)
        return self.intercept + low, self.intercept + high


def centre(shape: Shape, column: Floats) -> tuple[Shape, float]:
    """Return a shape that adds 0 to a column on average, and what was taken off it."""
    mean = float(np.mean(shape_values(shape, column)))
    values = tuple(value - mean for value in shape.values)
    return Shape(feature=shape.feature, edges=shape.edges, values=values, missing=shape.missing - mean), mean


def average(models: Sequence[Additive]) -> Additive:
    """Return the model whose score is the mean of the scores of others; a feature that one of them lacks adds 0 there."""
    by_feature: dict[str, list[Shape]] = {}
    for model in models:
        for shape in model.shapes:
            by_feature.setdefault(shape.feature, []).append(shape)
    shapes = tuple(_mean_shape(shapes, len(models)) for shapes in by_feature.values())
    return Additive(math.fsum(model.intercept for model in models) / len(models), shapes)


def _mean_shape(shapes: Sequence[Shape], number: int) -> Shape:
    edges = sorted({edge for shape in shapes for edge in shape.edges})
    starts = np.array([-math.inf, *edges])
    values = np.sum([shape_values(shape, starts) for shape in shapes], axis=0) / number
    missing = math.fsum(shape.missing for shape in shapes) / number
    return Shape(feature=shapes[0].feature, edges=tuple(edges), values=tuple(values.tolist()), missing=missing)


def additive_of(model: Model) -> Additive:
    """Return the shapes of a model."""
    return Additive(model.intercept, model.shapes)


def shape_values(shape: Shape, column: Floats) -> Floats:
    """Return what a shape adds at each value of a column, as `Shape.value_at` does for one."""
    values = np.asarray(shape.values)[np.searchsorted(np.asarray(shape.edges), column, side="right")]
    return np.where(np.isnan(column), shape.missing, values)


def score_rows(model: Model, rows: Rows) -> Floats:
    """Return the model's scores of rows."""
    return additive_of(model).score(rows.features, rows.values)


def probabilities_of(model: Model, scores: Floats) -> Floats | None:
    """Return the calibrated probabilities of scores; None for a model without."""
    return None if model.calibration is None else expit(model.calibration.slope * scores + model.calibration.intercept)
