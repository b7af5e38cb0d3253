"""The values of a stream's features at one moment, each with the dated entries behind it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import timedelta

from ecda_stream.definition import StreamDefinition
from ecda_stream.feature_spec import FeatureSpec, Scope
from ecda_stream.features.context import Context
from ecda_stream.features.measures import MEASURES, Measured, matches
from ecda_stream.features.narrative import NARRATIVE_MEASURES
from ecda_stream.features.together import hold_together
from ecda_stream.features.value import FeatureValue
from ecda_stream.history.fact import Fact

DOCUMENTS = frozenset({"document.recorded.v1"})


def build(definition: StreamDefinition, context: Context) -> Mapping[str, FeatureValue]:
    """Return every declared feature, in the order of stream.yaml."""
    windows = Windows(context)
    alone = {spec.name: _measure(spec, windows, definition) for spec in definition.features if not spec.together}
    return {spec.name: hold_together(spec, alone) if spec.together else alone[spec.name] for spec in definition.features}


class Windows:
    """The facts that features read, by scope, types and window: many features read the same ones."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self._read: dict[tuple[Scope, frozenset[str], int], list[Fact]] = {}

    def facts(self, scope: Scope, types: frozenset[str], days: int) -> list[Fact]:
        """Return the facts of the types that happened within so many days before the trigger, in order of happening."""
        key = (scope, types, days)
        if key not in self._read:
            since = self.context.moment.closing_day - timedelta(days=days)
            grouped = self.context.by_type[scope]
            present = [grouped[kind] for kind in types if kind in grouped]
            facts = [fact for found in present for fact in found if fact.day >= since]
            if len(present) > 1:
                facts.sort(key=lambda fact: (fact.day, fact.offset))
            self._read[key] = facts
        return self._read[key]


def _measure(spec: FeatureSpec, windows: Windows, definition: StreamDefinition) -> FeatureValue:
    context = windows.context
    if spec.scope == "family" and context.relatives == 0:
        return FeatureValue(math.nan, ())
    measured: Measured
    if spec.measure in NARRATIVE_MEASURES:
        documents = windows.facts(spec.scope, DOCUMENTS, spec.window_days)
        measured = NARRATIVE_MEASURES[spec.measure](spec, documents, definition.texts.lexicons)
    else:
        types = frozenset(definition.level_of) if spec.measure == "level" and not spec.types else spec.types
        facts = windows.facts(spec.scope, types, spec.window_days)
        if spec.where and spec.measure != "latest":
            facts = [fact for fact in facts if matches(fact, spec)]
        measured = MEASURES[spec.measure](spec, facts, context, definition)
    value, evidence = measured
    low, high = spec.range
    return FeatureValue(value if math.isnan(value) else min(max(value, low), high), tuple(evidence))
