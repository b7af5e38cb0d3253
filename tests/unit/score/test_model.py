"""The lookup tables: edges, missing values, and every fault at once."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from ecda_stream.errors import BadDefinition
from ecda_stream.score.model import Shape, parse_model
from tests.builders import ROOT, a_stream

DEFINITION = a_stream().definition
RAW = json.loads((ROOT / "models/re_referral/baseline-1/model.json").read_bytes())
SHAPE = Shape(feature="x", edges=(1, 3), values=(-1, 0, 5), missing=2)


@pytest.mark.parametrize(
    ("value", "points"),
    [(-9.0, -1), (0.999, -1), (1.0, 0), (2.999, 0), (3.0, 5), (1e9, 5), (math.inf, 5), (-math.inf, -1), (math.nan, 2)],
)
def test_an_edge_belongs_to_the_value_above_it(value: float, points: float) -> None:
    assert SHAPE.value_at(value) == points


def test_the_score_is_the_intercept_and_one_value_of_every_table() -> None:
    """Nothing known: -1 each for referrals, closures in two years, closures in five years and protection plans, of the baseline."""
    model = parse_model({**RAW, "intercept": 0.5}, DEFINITION)
    vector = {spec.name: 0.0 for spec in DEFINITION.features}

    assert model.total(model.contributions(vector)) == 0.5 - 4
    assert model.contributions(vector)["plans_cp"] == -1


def test_the_sum_does_not_depend_on_the_order_of_the_tables() -> None:
    """Added one by one, 0.1, 0.2, 0.3 and -0.6 give what depends on their order."""
    shapes = [
        {"feature": name, "edges": [], "values": [points], "missing": 0}
        for name, points in zip(["referrals_1y", "referrals_2y", "referrals_5y", "closures_1y"], [0.1, 0.2, 0.3, 1e16], strict=True)
    ]
    vector = {spec.name: 1.0 for spec in DEFINITION.features}
    one = parse_model({**RAW, "shapes": shapes, "intercept": -1e16}, DEFINITION)
    other = parse_model({**RAW, "shapes": shapes[::-1], "intercept": -1e16}, DEFINITION)

    assert one.total(one.contributions(vector)) == other.total(other.contributions(vector)) == pytest.approx(0.6)


def test_every_fault_of_a_model_is_reported_at_once() -> None:
    shapes = [
        {"feature": "no_such_feature", "edges": [], "values": [0], "missing": 0},
        {"feature": "plans_cp", "edges": [2, 1], "values": [0, 1, 2], "missing": 0},
        {"feature": "plans_cp", "edges": [1, 1], "values": [0], "missing": 0},
    ]

    with pytest.raises(BadDefinition) as refused:
        parse_model({**RAW, "stream": "another", "shapes": shapes}, DEFINITION)

    assert len(refused.value.faults) == 6  # unknown feature, twice the same, edges twice, number of values, another stream


@pytest.mark.parametrize(
    "wrong",
    [
        {"format": 1},
        {"threshold": None},
        {"calibration": {"slope": -1, "intercept": 0, "points": []}},
        {"shapes": []},
        {"code": "print()"},
        {"intercept": math.nan},
        {"scale": "probability"},
        {"intercept": None},
    ],
    ids=str,
)
def test_a_model_file_of_another_form_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadDefinition):
        parse_model({**RAW, **wrong}, DEFINITION)


def test_mode_live_needs_a_model_trained_on_real_cases() -> None:
    live = DEFINITION.model_copy(update={"mode": "live"})

    with pytest.raises(BadDefinition, match="mode live"):
        parse_model(RAW, live)
