"""The values of a stream's features at one moment, each with the dated entries behind it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import timedelta

from ecda_stream.definition import StreamDefinition
from ecda_stream.feature_spec import FeatureSpec
from ecda_stream.features.context import Context
from ecda_stream.features.measures import MEASURES, Measured
from ecda_stream.features.narrative import NARRATIVE_MEASURES
from ecda_stream.features.together import hold_together
from ecda_stream.features.value import FeatureValue
from ecda_stream.history.fact import Fact


def build(definition: StreamDefinition, context: Context) -> Mapping[str, FeatureValue]:
    """Return every declared feature, in the order of stream.yaml."""
    alone = {spec.name: _measure(spec, context, definition) for spec in definition.features if not spec.together}
    return {spec.name: hold_together(spec, alone) if spec.together else alone[spec.name] for spec in definition.features}


def _measure(spec: FeatureSpec, context: Context, definition: StreamDefinition) -> FeatureValue:
    if spec.scope == "family" and context.relatives == 0:
        return FeatureValue(math.nan, ())
    since = context.moment.closing_day - timedelta(days=spec.window_days)
    grouped = context.by_type[spec.scope]
    measured: Measured
    if spec.measure in NARRATIVE_MEASURES:
        documents = [fact for fact in grouped.get("document.recorded.v1", ()) if fact.day >= since]
        measured = NARRATIVE_MEASURES[spec.measure](spec, documents, definition.texts.lexicons)
    else:
        kinds = {*spec.of, *spec.to} or (definition.level_of.keys() if spec.measure == "level" else set())
        present = [grouped[kind] for kind in kinds if kind in grouped]
        facts = [fact for found in present for fact in found if fact.day >= since and (not spec.where or _matches(fact, spec))]
        if len(present) > 1:
            facts.sort(key=lambda fact: (fact.day, fact.offset))
        measured = MEASURES[spec.measure](spec, facts, context, definition)
    value, evidence = measured
    low, high = spec.range
    return FeatureValue(value if math.isnan(value) else min(max(value, low), high), tuple(evidence))


def _matches(fact: Fact, spec: FeatureSpec) -> bool:
    """Return whether each named field holds one of its codes; a list field, whether it holds any of them."""
    for name, codes in spec.where.items():
        value = fact.facts.get(name)
        held = value if isinstance(value, list) else [str(value).lower() if isinstance(value, bool) else str(value)]
        if not set(codes) & set(held):
            return False
    return True
