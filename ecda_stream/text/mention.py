"""What is found: a mention with its place in the note, and the findings that remain when the places are dropped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from ecda_stream.contract.finding import Certainty, Concept, Experiencer, Finding


@dataclass(frozen=True)
class Mention:
    """One concept at characters [start, end) of a note, its statuses, and the cues that decided them.

    A cue is named by its group and its phrase in the lexicon, never by the words of the note. Positions are for tests and
    for a viewer beside the source record; findings do not keep them.
    """

    concept: Concept
    start: int
    end: int
    negated: bool
    historical: bool
    hypothetical: bool
    certainty: Certainty
    experiencer: Experiencer | None
    section: str
    cues: tuple[str, ...]


def summarise(mentions: Iterable[Mention]) -> tuple[Finding, ...]:
    """Count the mentions that agree in everything but their place; sorted, so that equal notes give equal findings."""
    counts = Counter(
        (m.concept, m.section, m.experiencer or "", m.negated, m.historical, m.hypothetical, m.certainty) for m in mentions
    )
    return tuple(
        Finding(
            concept=concept,
            negated=negated,
            historical=historical,
            hypothetical=hypothetical,
            certainty=certainty,
            experiencer=experiencer or None,
            section=section,
            count=count,
        )
        for (concept, section, experiencer, negated, historical, hypothetical, certainty), count in sorted(counts.items())
    )


def count_words(text: str) -> int:
    """Return the number of words: runs of characters between white space."""
    return len(text.split())
