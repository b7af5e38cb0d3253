"""An additive model over many rows at once: the same tables as `Model`, column by column."""

from __future__ import annotations

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
