"""An additive model as one lookup table per feature: nothing executable is loaded, and every contribution is exact.

A table has ascending `edges` and one value more than edges: `values[i]` holds from edge i-1 (included) up to edge i (not included);
`missing` is the value where the feature has none. The score is the intercept plus one value of every table. A points table and a
trained model have the same form; only a calibrated one has a probability.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from ecda_stream.contract.base import Published
from ecda_stream.contract.canonical import digest
from ecda_stream.definition import StreamDefinition
from ecda_stream.errors import BadDefinition

Share = Annotated[float, Field(ge=0, le=1)]


class Shape(Published):
    """The lookup table of one feature."""

    feature: str
    edges: tuple[float, ...]
    values: Annotated[tuple[float, ...], Field(min_length=1)]
    missing: float

    def value_at(self, x: float) -> float:
        """Return what the feature adds to the score at a value; NaN adds `missing`."""
        return self.missing if math.isnan(x) else self.values[bisect_right(self.edges, x)]


class RangePoint(Published):
    """At one score: the 90 % interval of the rate, from bootstraps by family, and how many triggers lie nearest to this point."""

    score: float
    low: Share
    high: Share
    triggers: Annotated[int, Field(ge=0)]


class Calibration(Published):
    """From score to probability, fitted on later triggers than the shapes: 1 / (1 + exp(-(slope * score + intercept)))."""

    slope: Annotated[float, Field(gt=0)]
    intercept: float
    points: Annotated[tuple[RangePoint, ...], Field(min_length=2)]
    """Ascending; between two points the interval is read off the straight line."""

    def probability(self, score: float) -> float:
        """Return the calibrated probability of a score."""
        return 1.0 / (1.0 + math.exp(-(self.slope * score + self.intercept)))

    def range_at(self, score: float) -> tuple[float, float]:
        """Return the interval at a score; beyond the first and last point it stays theirs."""
        scores = [point.score for point in self.points]
        place = min(max(bisect_right(scores, score), 1), len(scores) - 1)
        left, right = self.points[place - 1], self.points[place]
        share = min(max((score - left.score) / (right.score - left.score), 0.0), 1.0)
        return (left.low + share * (right.low - left.low), left.high + share * (right.high - left.high))

    def triggers_near(self, score: float) -> int:
        """Return how many triggers of the calibration lie nearer to the same point of the table than to any other."""
        return min(self.points, key=lambda point: (abs(point.score - score), point.score)).triggers


class Training(Published):
    """What the model was made of."""

    first_day: date
    last_day: date
    """Of the triggers that the shapes were fitted to."""
    triggers: int
    positives: int
    calibration_first_day: date
    calibration_last_day: date
    calibration_triggers: int
    calibration_positives: int
    known_by: date
    """The day from which on every outcome that it learnt from was known: nothing before it is out of time."""
    definition: str
    lexicons: tuple[str, ...]
    libraries: Mapping[str, str]


class Model(Published):
    """model.json."""

    format: Literal[2]
    stream: str
    version: str
    scale: Literal["points", "log_odds"]
    trained_on: Literal["nothing", "simulated", "real"]
    threshold: float
    """Points or log-odds from which on a review is asked for."""
    alert_rate: Share | None = None
    """Share of families and days that had an alert where the threshold was set, before capacity; the guardrail compares with it."""
    intercept: float
    shapes: Annotated[tuple[Shape, ...], Field(min_length=1)]
    calibration: Calibration | None = None
    training: Training | None = None

    @cached_property
    def digest(self) -> str:
        """Return the digest that score records carry."""
        return digest(self)

    def contributions(self, vector: Mapping[str, float]) -> dict[str, float]:
        """Return what each feature adds to the score."""
        return {shape.feature: shape.value_at(vector[shape.feature]) for shape in self.shapes}

    def total(self, contributions: Mapping[str, float]) -> float:
        """Return the score that contributions add up to: points of a points table, log-odds of a trained model."""
        return math.fsum([self.intercept, *contributions.values()])


def parse_model(raw: object, definition: StreamDefinition) -> Model:
    """Return the model of a stream.

    Raises BadDefinition with every fault.
    """
    try:
        model = Model.model_validate(raw)
    except ValidationError as error:
        problems = error.errors(include_input=False, include_context=False, include_url=False)
        raise BadDefinition("model.json", [f"{'.'.join(map(str, p['loc']))}: {p['msg']}" for p in problems]) from None
    declared = {spec.name for spec in definition.features}
    faults = [
        f"shapes: {shape.feature} is no feature of {definition.stream}" for shape in model.shapes if shape.feature not in declared
    ]
    names = [shape.feature for shape in model.shapes]
    faults += [f"shapes: {name} has more than one" for name in sorted({name for name in names if names.count(name) > 1})]
    for shape in model.shapes:
        if list(shape.edges) != sorted(set(shape.edges)):
            faults.append(f"shapes.{shape.feature}: edges are not ascending")
        if len(shape.values) != len(shape.edges) + 1:
            faults.append(f"shapes.{shape.feature}: {len(shape.edges)} edges need {len(shape.edges) + 1} values")
    if model.calibration is not None:
        scores = [point.score for point in model.calibration.points]
        if scores != sorted(set(scores)):
            faults.append("calibration.points: scores are not ascending")
        if any(point.low > point.high for point in model.calibration.points):
            faults.append("calibration.points: an interval ends before it begins")
    if model.scale == "points" and model.calibration is not None:
        faults.append("calibration: points have none")
    if model.stream != definition.stream:
        faults.append("stream: the model is of another stream")
    if definition.mode == "live" and (model.trained_on != "real" or model.calibration is None):
        faults.append("trained_on: mode live needs a calibrated model trained on real cases")
    if faults:
        raise BadDefinition("model.json", faults)
    return model
