"""What several features mean together: 1 where all of it holds, 0 where some of it does not, no value where a part is not known.

Each part is a group of alternatives: it holds if one of them does, and is not known if none of them has a value. A part that is not
known leaves the whole without a value even where another part does not hold: to have none says no more than that a part is missing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from ecda_stream.feature_spec import Condition, FeatureSpec
from ecda_stream.features.value import FeatureValue
from ecda_stream.history.fact import Fact


def hold_together(spec: FeatureSpec, values: Mapping[str, FeatureValue]) -> FeatureValue:
    """Return the value of a joint feature, with the entries behind every condition that holds."""
    if any(all(math.isnan(values[one.feature].value) for one in group) for group in spec.together):
        return FeatureValue(math.nan, ())
    held = [[one.feature for one in group if _holds(one, values[one.feature].value)] for group in spec.together]
    if not all(held):
        return FeatureValue(0.0, ())
    behind: dict[tuple[int, str], Fact] = {
        (fact.offset, fact.event_id): fact for names in held for name in names for fact in values[name].evidence
    }
    return FeatureValue(1.0, tuple(sorted(behind.values(), key=lambda fact: (fact.day, fact.offset))))


def _holds(condition: Condition, value: float) -> bool:
    """A comparison with NaN is false: an alternative without a value does not hold."""
    low = -math.inf if condition.at_least is None else condition.at_least
    high = math.inf if condition.below is None else condition.below
    return low <= value < high
