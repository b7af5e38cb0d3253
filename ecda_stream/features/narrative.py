"""The measures over narratives: findings by concept, status and experiencer; NaN wherever no document of the kind was read."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from ecda_stream.contract.finding import Finding
from ecda_stream.feature_spec import FeatureSpec, Measure
from ecda_stream.history.fact import Fact

GROUPS: Mapping[str, frozenset[str]] = {
    "child": frozenset({"child"}),
    "carer": frozenset({"mother", "father", "parent"}),
    "other": frozenset({"partner", "sibling", "grandparent", "other", "family"}),
}
"""Experiencers by group; a finding that names nobody belongs to none of them and counts only under `any`."""

NarrativeMeasure = Callable[[FeatureSpec, Sequence[Fact], Sequence[str]], tuple[float, list[Fact]]]


def findings(spec: FeatureSpec, documents: Sequence[Fact], lexicons: Sequence[str]) -> tuple[float, list[Fact]]:
    """How often the concepts were said with this status of this group, over the documents of the kind."""
    read = _readable(spec, documents, lexicons)
    if not read:
        return math.nan, []
    said = [(fact, sum(finding.count for finding in _said(fact) if _counts(finding, spec))) for fact in read]
    return float(sum(number for _, number in said)), [fact for fact, number in said if number]


def concepts(spec: FeatureSpec, documents: Sequence[Fact], lexicons: Sequence[str]) -> tuple[float, list[Fact]]:
    """How many different concepts were said with this status of this group."""
    read = _readable(spec, documents, lexicons)
    if not read:
        return math.nan, []
    return float(len({finding.concept for fact in read for finding in _said(fact) if _counts(finding, spec)})), read


def words(spec: FeatureSpec, documents: Sequence[Fact], lexicons: Sequence[str]) -> tuple[float, list[Fact]]:
    """Words in the documents of the kind."""
    read = _readable(spec, documents, lexicons)
    return (float(sum(fact.document.words for fact in read if fact.document)) if read else math.nan), read


def _readable(spec: FeatureSpec, documents: Sequence[Fact], lexicons: Sequence[str]) -> list[Fact]:
    """Text read with a lexicon that the stream does not declare counts as missing."""
    return [
        fact
        for fact in documents
        if fact.document is not None
        and (spec.document is None or fact.document.kind == spec.document)
        and (not lexicons or fact.lexicon in lexicons)
    ]


def _said(fact: Fact) -> tuple[Finding, ...]:
    return fact.document.findings if fact.document else ()


def _counts(finding: Finding, spec: FeatureSpec) -> bool:
    if spec.concepts and finding.concept not in spec.concepts:
        return False
    if spec.experiencer != "any" and finding.experiencer not in GROUPS[spec.experiencer]:
        return False
    if spec.status == "any":
        return True
    if spec.status == "active":
        return finding.active
    if spec.status == "uncertain":
        return finding.certainty == "uncertain"
    return bool(getattr(finding, spec.status))


NARRATIVE_MEASURES: Mapping[Measure, NarrativeMeasure] = {"findings": findings, "concepts": concepts, "words": words}
