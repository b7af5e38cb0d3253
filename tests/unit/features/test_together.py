"""Joint features: what several facts mean together, and no value where a part is not known."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecda_stream.feature_spec import FeatureSpec, Wording
from ecda_stream.features.together import hold_together
from ecda_stream.features.value import FeatureValue
from ecda_stream.history.fact import Fact
from tests.builders import a_stream

UNKNOWN = math.nan


def _joint(*groups: list[dict[str, Any]]) -> FeatureSpec:
    raw = {"name": "x", "measure": "together", "scope": "person", "unit": "yes or no", "range": (0, 1), "missing": "not known"}
    return FeatureSpec.model_validate({**raw, "together": groups, "wording": Wording(many="both")})


def _entry(offset: int, day: date) -> Fact:
    return Fact(offset, f"e{offset}", "missing.started.v1", day, None, {}, None, None, (), None)


def _values(**values: float) -> dict[str, FeatureValue]:
    return {name: FeatureValue(value, ()) for name, value in values.items()}


TEENAGER = _joint([{"feature": "missing", "at_least": 1}], [{"feature": "age", "at_least": 13}])
INFANT = _joint([{"feature": "abuse", "at_least": 1}], [{"feature": "age", "below": 1}])
AFTER_PLAN = _joint(
    [{"feature": "refused", "at_least": 1}], [{"feature": "own", "at_least": 1}, {"feature": "siblings", "at_least": 1}]
)


@pytest.mark.parametrize(
    ("missing", "age", "expected"),
    [(1, 13, 1.0), (4, 17, 1.0), (0, 17, 0.0), (1, 12, 0.0)],
    ids=["just", "well beyond", "not missing", "a year too young"],
)
def test_it_holds_where_every_part_holds(missing: float, age: float, expected: float) -> None:
    assert hold_together(TEENAGER, _values(missing=missing, age=age)).value == expected


@pytest.mark.parametrize("missing", [0, 2])
def test_without_an_age_it_has_no_value_whatever_the_other_part_says(missing: float) -> None:
    """So that no value says nothing about missing episodes."""
    assert math.isnan(hold_together(TEENAGER, _values(missing=missing, age=UNKNOWN)).value)


@pytest.mark.parametrize(("age", "expected"), [(-1, 1.0), (0, 1.0), (1, 0.0)], ids=["unborn", "in the first year", "one year old"])
def test_below_leaves_its_bound_out(age: float, expected: float) -> None:
    assert hold_together(INFANT, _values(abuse=1, age=age)).value == expected


@pytest.mark.parametrize(
    ("own", "siblings", "expected"),
    [(1, 0, 1.0), (0, 2, 1.0), (1, UNKNOWN, 1.0), (0, 0, 0.0)],
    ids=["own plan", "a sibling's plan", "own plan and no known sibling", "no plan"],
)
def test_of_alternatives_one_is_enough(own: float, siblings: float, expected: float) -> None:
    assert hold_together(AFTER_PLAN, _values(refused=1, own=own, siblings=siblings)).value == expected


def test_an_alternative_without_a_value_does_not_hold_and_hides_nothing() -> None:
    assert hold_together(AFTER_PLAN, _values(refused=1, own=0, siblings=UNKNOWN)).value == 0.0
    assert math.isnan(hold_together(AFTER_PLAN, _values(refused=1, own=UNKNOWN, siblings=UNKNOWN)).value)


def test_the_entries_behind_it_are_those_of_what_holds_each_once_and_in_order() -> None:
    early, late, shared, other = (_entry(n, date(2025, month, 1)) for n, month in ((7, 1), (8, 6), (9, 3), (10, 2)))
    values = {
        "refused": FeatureValue(2, (shared, late)),
        "own": FeatureValue(1, (early, shared)),
        "siblings": FeatureValue(0, (other,)),
    }

    assert hold_together(AFTER_PLAN, values).evidence == (early, shared, late)
    assert hold_together(AFTER_PLAN, values | {"refused": FeatureValue(0, (shared,))}).evidence == ()


parts = st.sampled_from([0.0, 1.0, UNKNOWN])


@given(refused=parts, own=parts, siblings=parts)
def test_it_is_the_logic_of_its_parts_wherever_each_part_is_known(refused: float, own: float, siblings: float) -> None:
    found = hold_together(AFTER_PLAN, _values(refused=refused, own=own, siblings=siblings)).value

    if math.isnan(refused) or (math.isnan(own) and math.isnan(siblings)):
        assert math.isnan(found)
    else:
        assert found == float(refused == 1 and 1 in (own, siblings))


def test_the_streams_joint_features_name_themes_of_their_parts() -> None:
    """So a reviewer reads what is said together once, and not beside each of its parts."""
    specs = {spec.name: spec for spec in a_stream().definition.features}
    joint = [spec for spec in specs.values() if spec.measure == "together"]

    assert joint
    for spec in joint:
        assert spec.theme in {specs[one.feature].theme for group in spec.together for one in group}
