"""The measures over narratives, on documents whose findings are written by hand."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import pytest

from ecda_stream.contract.entry import Document
from ecda_stream.contract.finding import Finding
from ecda_stream.feature_spec import FeatureSpec, Wording
from ecda_stream.features.narrative import NARRATIVE_MEASURES
from ecda_stream.history.fact import Fact


def _finding(concept: str, count: int = 1, **changes: Any) -> Finding:
    plain = {"negated": False, "historical": False, "hypothetical": False, "certainty": "certain", "section": "body"}
    return Finding.model_validate({"concept": concept, "count": count, **plain, **changes})


def _text(kind: str, *findings: Finding, words: int = 10, lexicon: str = "lex1", offset: int = 0) -> Fact:
    document = Document.model_validate({"kind": kind, "words": words, "findings": findings})
    return Fact(offset, f"d{offset}", "document.recorded.v1", date(2026, 1, 6), None, {}, document, None, (), lexicon)


def _value(measure: str, documents: list[Fact], lexicons: tuple[str, ...] = (), **changes: Any) -> float:
    raw = {"name": "x", "measure": measure, "scope": "episode", "unit": "mentions", "range": (0, 50), "missing": "no text"}
    spec = FeatureSpec.model_validate({**raw, "wording": Wording(many="{value} mentions"), **changes})
    return NARRATIVE_MEASURES[spec.measure](spec, documents, lexicons)[0]


SAID = _text(
    "referral",
    _finding("neglect", 2, experiencer="child"),
    _finding("neglect", 1, negated=True),
    _finding("domestic_abuse", 3, historical=True, experiencer="mother"),
    _finding("alcohol_misuse", 1, certainty="uncertain", experiencer="father"),
    _finding("drug_misuse", 4, hypothetical=True, experiencer="partner"),
    words=120,
)


@pytest.mark.parametrize(
    ("status", "mentions"),
    [("active", 3.0), ("negated", 1.0), ("historical", 3.0), ("hypothetical", 4.0), ("uncertain", 1.0), ("any", 11.0)],
)
def test_mentions_are_counted_by_status(status: str, mentions: float) -> None:
    concepts = ["neglect", "domestic_abuse", "alcohol_misuse", "drug_misuse"]

    assert _value("findings", [SAID], concepts=concepts, status=status) == mentions


@pytest.mark.parametrize(("group", "mentions"), [("child", 2.0), ("carer", 4.0), ("other", 4.0), ("any", 11.0)])
def test_mentions_are_counted_by_of_whom_it_is_said(group: str, mentions: float) -> None:
    concepts = ["neglect", "domestic_abuse", "alcohol_misuse", "drug_misuse"]

    assert _value("findings", [SAID], concepts=concepts, status="any", experiencer=group) == mentions


def test_different_concepts_are_counted_once_each() -> None:
    again = _text("assessment", _finding("neglect"), _finding("housing"), offset=1)

    assert _value("concepts", [SAID, again]) == 3  # neglect, alcohol misuse, housing


def test_words_are_those_of_the_kind() -> None:
    assert _value("words", [SAID, _text("closure", words=7, offset=1)]) == 127
    assert _value("words", [SAID, _text("closure", words=7, offset=1)], document="closure") == 7


@pytest.mark.parametrize("measure", ["findings", "concepts", "words"])
def test_where_no_document_of_the_kind_was_read_there_is_no_value(measure: str) -> None:
    assert math.isnan(_value(measure, []))
    assert math.isnan(_value(measure, [SAID], document="assessment"))
    assert math.isnan(_value(measure, [SAID], lexicons=("another",)))
    assert not math.isnan(_value(measure, [SAID], lexicons=("another", "lex1")))


def test_a_text_that_speaks_of_nothing_counts_nought() -> None:
    assert _value("findings", [_text("referral")], concepts=["neglect"]) == 0
