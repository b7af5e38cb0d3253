"""Sentences with their truth inside, one case each."""

from __future__ import annotations

import pytest

from ecda_stream.text.lexicon import CONCEPTS
from ecda_stream.text.mention import count_words, summarise
from ecda_stream.text.reader import Reader

from .marked import parse
from .sentences import SENTENCES, TRAPS


def _name(rule: str, marked: str) -> str:
    return f"{rule}: {parse(marked)[0]}".replace("\n", " / ").encode("ascii", "replace").decode()


CASES = [pytest.param(marked, id=_name(rule, marked)) for rule, group in SENTENCES.items() for marked in group]


@pytest.mark.parametrize("marked", CASES)
def test_a_marked_sentence_is_read_as_marked(reader: Reader, marked: str) -> None:
    text, truths = parse(marked)

    found = reader.read(text)

    assert {m.concept for m in found} == {truth.concept for truth in truths}
    for truth in truths:
        mention = next(m for m in found if m.concept == truth.concept and m.start < truth.end and truth.start < m.end)
        wanted = truth.wanted()
        assert {name: getattr(mention, name) for name in wanted} == wanted, mention.cues


@pytest.mark.parametrize("text", TRAPS)
def test_no_concept_is_found(reader: Reader, text: str) -> None:
    assert reader.read(text) == ()


def test_every_concept_is_found_active_in_some_sentence() -> None:
    truths = [truth for group in SENTENCES.values() for marked in group for truth in parse(marked)[1]]
    active = {t.concept for t in truths if not {"negated", "historical", "hypothetical"} & t.stated.keys()}

    assert active == set(CONCEPTS)


@pytest.mark.parametrize(
    "wrong", ["No neglect.", "<neglect>neglect", "<neglect>a</cse>", "<rain>rain</rain>", "<cse sure=true>CSE</cse>"]
)
def test_an_example_that_would_assert_nothing_is_rejected(wrong: str) -> None:
    with pytest.raises(ValueError):
        parse(wrong)


def test_a_cue_is_named_by_the_lexicon_not_by_the_note(reader: Reader) -> None:
    [mention] = reader.read("No evidence of neglect by Zorblax.")

    assert mention.cues == ("negation_before/no evidence of",)


def test_equal_mentions_are_counted_and_sorted(reader: Reader) -> None:
    findings = summarise(reader.read("Neglect. No neglect. Neglect. DV."))

    assert [(f.concept, f.negated, f.count) for f in findings] == [
        ("domestic_abuse", False, 1),
        ("neglect", False, 2),
        ("neglect", True, 1),
    ]


def test_words_are_runs_between_white_space() -> None:
    assert count_words("  Mother's  partner\nleft. ") == 3
    assert count_words("") == 0
