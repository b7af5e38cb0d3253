"""An additive model as one lookup table per feature: nothing executable is loaded, and every contribution is exact.

A table has ascending `edges` and one value more than edges: `values[i]` holds from edge i-1 (included) up to edge i (not included);
`missing` is the value where the feature has none. The score is the intercept plus one value of every table. A points table and a
trained model have the same form; only a calibrated one has a probability.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from ecda_stream.contract.base import Published
from ecda_stream.contract.canonical import digest
from ecda_stream.definition import StreamDefinition
from ecda_stream.errors import BadDefinition


class Shape(Published):
    """The lookup table of one feature."""

    feature: str
    edges: tuple[float, ...]
    values: Annotated[tuple[float, ...], Field(min_length=1)]
    missing: float

    def value_at(self, x: float) -> float:
        """Return what the feature adds to the score at a value; NaN adds `missing`."""
        return self.missing if math.isnan(x) else self.values[bisect_right(self.edges, x)]


class Model(Published):
    """model.json."""

    format: Literal[1]
    stream: str
    version: str
    scale: Literal["points", "log_odds"]
    trained_on: Literal["nothing", "simulated", "real"]
    intercept: float
    shapes: Annotated[tuple[Shape, ...], Field(min_length=1)]
    calibrated: Literal[False]
    """No calibrated model exists yet: a probability needs a calibration, and its table comes with the first trained model."""

    @cached_property
    def digest(self) -> str:
        """Return the digest that score records carry."""
        return digest(self)

    def contributions(self, vector: Mapping[str, float]) -> dict[str, float]:
        """Return what each feature adds to the score."""
        return {shape.feature: shape.value_at(vector[shape.feature]) for shape in self.shapes}

    def score(self, vector: Mapping[str, float]) -> float:
        """Return the score: points of a points table, log-odds of a trained model."""
        return math.fsum([self.intercept, *self.contributions(vector).values()])


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
    if model.stream != definition.stream:
        faults.append("stream: the model is of another stream")
    if definition.mode == "live" and (model.trained_on != "real" or not model.calibrated):
        faults.append("trained_on: mode live needs a calibrated model trained on real cases")
    if faults:
        raise BadDefinition("model.json", faults)
    return model
