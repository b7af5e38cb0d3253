"""The measures over dated entries. Each takes facts in order of happening, already in scope, window and type; days are whole days."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import timedelta

from ecda_stream.definition import StreamDefinition
from ecda_stream.feature_spec import FeatureSpec, Measure
from ecda_stream.features.context import Context
from ecda_stream.history.fact import Fact

Measured = tuple[float, list[Fact]]
"""The value (NaN: there is none) and the entries behind it."""

DaysMeasure = Callable[[FeatureSpec, list[Fact], Context, StreamDefinition], Measured]


def count(spec: FeatureSpec, facts: list[Fact], context: Context, definition: StreamDefinition) -> Measured:
    """How many entries; 0 is a count and not a missing value."""
    return float(len(facts)), facts


def days(spec: FeatureSpec, facts: list[Fact], context: Context, definition: StreamDefinition) -> Measured:
    """On how many days there was such an entry: three children referred together were referred once. One entry stands for each day."""
    of_day = {fact.day: fact for fact in facts}
    return float(len(of_day)), list(of_day.values())


def latest(spec: FeatureSpec, facts: list[Fact], context: Context, definition: StreamDefinition) -> Measured:
    """1 if the latest entry of the types holds the codes, 0 if another one does, NaN if there is none."""
    return (float(matches(facts[-1], spec)) if facts else math.nan), facts[-1:]


def distinct(spec: FeatureSpec, facts: list[Fact], context: Context, definition: StreamDefinition) -> Measured:
    """How many different values of a field; the items of a list field count each. NaN if no entry has the field."""
    assert spec.field is not None
    holding = [fact for fact in facts if spec.field in fact.facts]
    values = {
        item for fact in holding for value in [fact.facts[spec.field]] for item in (value if isinstance(value, list) else [str(value)])
    }
    return (float(len(values)) if holding else math.nan), holding


def since_last(spec: FeatureSpec, facts: list[Fact], context: Context, definition: StreamDefinition) -> Measured:
    """Days from the last entry to the closing day; NaN if there is none."""
    return _days_to_closing(facts[-1:], context)


def since_first(spec: FeatureSpec, facts: list[Fact], context: Context, definition: StreamDefinition) -> Measured:
    """Days from the first entry to the closing day; NaN if there is none."""
    return _days_to_closing(facts[:1], context)


def between(spec: FeatureSpec, facts: list[Fact], context: Context, definition: StreamDefinition) -> Measured:
    """Days from the first entry of the types `of` to the first later (or same-day) entry of the types `to`; NaN if one is missing."""
    starts = [fact for fact in facts if fact.type in spec.of][:1]
    ends = [fact for fact in facts if fact.type in spec.to and starts and fact.day >= starts[0].day][:1]
    if not ends:
        return math.nan, []
    return float((ends[0].day - starts[0].day).days), [*starts, *ends]


def level(spec: FeatureSpec, facts: list[Fact], context: Context, definition: StreamDefinition) -> Measured:
    """The highest rung of the stream's ladder that an entry shows, 1 for the lowest; NaN if there is no such entry."""
    if not facts:
        return math.nan, []
    highest = max(definition.level_of.get(fact.type, 0) for fact in facts)
    return float(highest), [fact for fact in facts if definition.level_of.get(fact.type, 0) == highest]


def age(spec: FeatureSpec, facts: list[Fact], context: Context, definition: StreamDefinition) -> Measured:
    """The child's age in completed years on the closing day; NaN if no birth date was known. Before birth it is negative."""
    months = context.moment.age_months
    return (math.nan if months is None else float(months // 12)), []


def trend(spec: FeatureSpec, facts: list[Fact], context: Context, definition: StreamDefinition) -> Measured:
    """Entries in the later half of the window minus entries in the earlier half."""
    middle = context.moment.closing_day - timedelta(days=spec.window_days // 2)
    later = [fact for fact in facts if fact.day >= middle]
    return float(2 * len(later) - len(facts)), later


def missing(spec: FeatureSpec, facts: list[Fact], context: Context, definition: StreamDefinition) -> Measured:
    """1 if there is no such entry, else 0."""
    return (0.0 if facts else 1.0), facts


def matches(fact: Fact, spec: FeatureSpec) -> bool:
    """Return whether each named field holds one of its codes; a list field, whether it holds any of them."""
    for name, codes in spec.where.items():
        value = fact.facts.get(name)
        held = value if isinstance(value, list) else [str(value).lower() if isinstance(value, bool) else str(value)]
        if not set(codes) & set(held):
            return False
    return True


def _days_to_closing(facts: list[Fact], context: Context) -> Measured:
    if not facts:
        return math.nan, []
    return float((context.moment.closing_day - facts[0].day).days), facts


MEASURES: Mapping[Measure, DaysMeasure] = {
    "count": count,
    "days": days,
    "latest": latest,
    "distinct": distinct,
    "since_last": since_last,
    "since_first": since_first,
    "between": between,
    "level": level,
    "age": age,
    "trend": trend,
    "missing": missing,
}
