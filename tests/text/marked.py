"""Marked sentences: the truth written into the text it is about.

    No evidence of <neglect negated=true>neglect</neglect>.

A status that is not stated is false, certainty is certain (uncertain where hypothetical), and experiencer and section are
compared only where stated.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ecda_stream.text.lexicon import CONCEPTS

_MARK = re.compile(r"<(\w+)((?: \w+=\w+)*)>([^<>]+)</(\w+)>")
_NAMES = {"negated", "historical", "hypothetical", "certainty", "experiencer", "section"}


@dataclass(frozen=True)
class Truth:
    """What is expected of one marked span."""

    concept: str
    start: int
    end: int
    stated: dict[str, str]

    def wanted(self) -> dict[str, object]:
        """Return the attributes to compare, with the defaults filled in."""
        flags = {name: self.stated.get(name) == "true" for name in ("negated", "historical", "hypothetical")}
        certainty = self.stated.get("certainty", "uncertain" if flags["hypothetical"] else "certain")
        others = {name: self.stated[name] for name in ("experiencer", "section") if name in self.stated}
        named: dict[str, object] = {name: None if value == "none" else value for name, value in others.items()}
        return {**flags, "certainty": certainty, **named}


def parse(marked: str) -> tuple[str, list[Truth]]:
    """Return the bare sentence and its truths; raise ValueError for an example that would assert nothing."""
    text, truths, last = "", [], 0
    for found in _MARK.finditer(marked):
        concept, attributes, words, closing = found.groups()
        text += marked[last : found.start()]
        stated = dict(pair.split("=", 1) for pair in attributes.split())
        if concept != closing or concept not in CONCEPTS or stated.keys() - _NAMES:
            raise ValueError(f"not a concept, not closed, or an unknown attribute: {found[0]}")
        truths.append(Truth(concept, len(text), len(text) + len(words), stated))
        text, last = text + words, found.end()
    text += marked[last:]
    if not truths or "<" in text or ">" in text:
        raise ValueError(f"no marked span, or a tag left open: {marked}")
    return text, truths
