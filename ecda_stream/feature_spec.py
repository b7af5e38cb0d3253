"""How a stream declares a feature: its measure, of what, over how long, in which words; every fault in it is found at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from ecda_stream.contract.base import Published
from ecda_stream.contract.events import EVENT_TYPES, PREFIX, EventData
from ecda_stream.contract.finding import Concept

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
Sentence = Annotated[str, StringConstraints(min_length=3, max_length=300)]
Measure = Literal[
    "count",
    "days",
    "latest",
    "distinct",
    "since_last",
    "since_first",
    "between",
    "level",
    "age",
    "trend",
    "findings",
    "concepts",
    "words",
    "missing",
    "together",
]
Scope = Literal["person", "family", "household", "episode"]

LONGEST_WINDOW_DAYS = 7305
"""Twenty years: a childhood, and what came before a birth."""

EVALUATION_ONLY = frozenset({"sex", "ethnicity", "disabilities", "disability"})
"""Kept for evaluation, and refused as features."""


class Wording(Published):
    """How a reviewer reads a value: of none, of one, of many (`{value}`; a rung of the ladder: `{level}`), and of no value."""

    none: Sentence | None = None
    one: Sentence | None = None
    many: Sentence
    missing: Sentence | None = None


class Condition(Published):
    """What a joint feature asks of another feature: a value of at least this, or below that."""

    feature: Name
    at_least: float | None = None
    below: float | None = None


class FeatureSpec(Published):
    """One feature: a measure of the entries of a scope in a window before the closure.

    Scopes: the child (`person`), the closing `episode`, the other people of the family (`family`, no value if none is known), and the
    child and those people together (`household`, where an entry about several of them counts once).

    `range` is what its values lie in; values beyond are cut. `missing` says when there is no value: no value is NaN, never a stand-in.
    """

    name: Name
    measure: Measure
    scope: Scope
    of: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    where: Mapping[str, tuple[str, ...]] = {}
    field: Name | None = None
    window_days: Annotated[int, Field(gt=0, le=LONGEST_WINDOW_DAYS)] = LONGEST_WINDOW_DAYS
    document: Literal["referral", "assessment", "closure"] | None = None
    concepts: tuple[Concept, ...] = ()
    together: tuple[Annotated[tuple[Condition, ...], Field(min_length=1)], ...] = ()
    """Of a joint feature: of each group one condition at least must hold."""
    status: Literal["active", "negated", "historical", "hypothetical", "uncertain", "any"] = "active"
    experiencer: Literal["child", "carer", "other", "any"] = "any"
    theme: Name | None = None
    """Features of one theme are one fact to a reviewer: their contributions are added, the strongest gives the words."""
    unit: Sentence
    range: tuple[float, float]
    missing: Sentence
    wording: Wording

    @cached_property
    def types(self) -> frozenset[str]:
        """Return the event types that it reads."""
        return frozenset({*self.of, *self.to})


def data_type_of(type_name: str) -> type[EventData] | None:
    """Return the model of a type named without prefix (`closure.recorded.v1`)."""
    return EVENT_TYPES.get(PREFIX + type_name)


def feature_faults(specs: Sequence[FeatureSpec]) -> list[str]:
    """Return every fault of meaning in the features of a stream."""
    faults = []
    names = [spec.name for spec in specs]
    faults += [f"features.{name}: declared more than once" for name in sorted({n for n in names if names.count(n) > 1})]
    for spec in specs:
        place = f"features.{spec.name}"
        if EVALUATION_ONLY & ({spec.field, spec.name} | spec.where.keys()):
            faults.append(f"{place}: sex, ethnicity and disability serve evaluation only and are refused as features")
        if spec.range[0] >= spec.range[1]:
            faults.append(f"{place}: its range is empty")
        if _NEEDS[spec.measure] - {name for name in ("of", "to", "field", "where", "concepts", "together") if getattr(spec, name)}:
            faults.append(f"{place}: {spec.measure} needs {', '.join(sorted(_NEEDS[spec.measure]))}")
        for name in (*spec.where, *([spec.field] if spec.field else [])):
            missing = [kind for kind in spec.of if (data := data_type_of(kind)) and name not in data.model_fields]
            faults += [f"{place}: {kind} has no field {name}" for kind in missing]
        faults += [f"{place}: {fault}" for fault in _together_faults(spec, specs)]
    return faults


def _together_faults(spec: FeatureSpec, specs: Sequence[FeatureSpec]) -> list[str]:
    if spec.together and spec.measure != "together":
        return [f"{spec.measure} knows no conditions"]
    alone = {one.name for one in specs if one.measure != "together"}
    faults = []
    for condition in (condition for group in spec.together for condition in group):
        if condition.feature not in alone:
            faults.append(f"together: {condition.feature} is no feature that stands alone")
        if condition.at_least is None and condition.below is None:
            faults.append(f"together: {condition.feature} needs at_least or below")
        if condition.at_least is not None and condition.below is not None and condition.at_least >= condition.below:
            faults.append(f"together: nothing lies between the bounds of {condition.feature}")
    return faults


_NEEDS: Mapping[Measure, frozenset[str]] = {
    "count": frozenset({"of"}),
    "days": frozenset({"of"}),
    "latest": frozenset({"of", "where"}),
    "distinct": frozenset({"of", "field"}),
    "since_last": frozenset({"of"}),
    "since_first": frozenset({"of"}),
    "between": frozenset({"of", "to"}),
    "level": frozenset(),
    "age": frozenset(),
    "trend": frozenset({"of"}),
    "findings": frozenset({"concepts"}),
    "concepts": frozenset(),
    "words": frozenset(),
    "missing": frozenset({"of"}),
    "together": frozenset({"together"}),
}
