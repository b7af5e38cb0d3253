"""Tokens and phrase hits: the one place that knows spaCy."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import Any, NamedTuple

import spacy
from spacy.attrs import LOWER, NORM  # type: ignore[import-not-found]  # compiled, without stubs
from spacy.lang.en.stop_words import STOP_WORDS
from spacy.matcher import PhraseMatcher
from spacy.tokenizer import Tokenizer  # type: ignore[import-not-found]  # compiled, without stubs

from ecda_stream.text.lexicon import ROLES, SCOPED, Lexicon
from ecda_stream.text.spelling import slips

_PREFIX = re.compile(r"^[\W_]")
_SUFFIX = re.compile(r"(?:'s|[\W_])$", re.IGNORECASE)
_INFIX = re.compile(r"[^\w']|_")


class Role(NamedTuple):
    """What a phrase of the lexicon is: (concept | topic | act | cue | person | blocker, its name)."""

    kind: str
    name: str


class Hit(NamedTuple):
    """A phrase found at tokens [start, end)."""

    start: int
    end: int
    phrase: str
    roles: tuple[Role, ...]


@dataclass(frozen=True)
class Found:
    """The tokens of a text as (position, normalised word), and the hits among them in order."""

    positions: list[int]
    lengths: list[int]
    words: list[str]
    hits: list[Hit]


class Matcher:
    """One blank English tokenizer and one PhraseMatcher over every phrase of a lexicon.

    The tokenizer has simple affix rules and no special cases, since spaCy's own make it forget its cache on each line break.
    A text is read in a memory zone, which keeps the vocabulary from growing with names; the cache does not fill inside a zone,
    so the words of the lexicon and common words are read once before the first. What spaCy would note of each new word beyond the two
    attributes used here (shape, looks like a number, ...) is left out: it costs more than the match.
    """

    def __init__(self, lexicon: Lexicon) -> None:
        self._nlp = spacy.blank("en")
        vocab: Any = self._nlp.vocab  # its stub does not know what may be noted of a word
        vocab.lex_attr_getters = {name: vocab.lex_attr_getters[name] for name in (LOWER, NORM)}
        self._nlp.tokenizer = Tokenizer(
            self._nlp.vocab,
            rules={},
            prefix_search=_PREFIX.search,
            suffix_search=_SUFFIX.search,
            infix_finditer=_INFIX.finditer,
            max_cache_size=200_000,
        )
        roles = _roles(lexicon)
        words = {word for phrase in roles for word in re.findall(r"\w+", phrase)}
        for slip, word in slips(words, STOP_WORDS).items():
            self._nlp.vocab[slip].norm_ = word
            self._nlp.vocab[slip.capitalize()].norm_ = word
        self._matcher = PhraseMatcher(self._nlp.vocab, attr="NORM")
        self._known: dict[int, tuple[str, tuple[Role, ...]]] = {}
        for phrase, held in roles.items():
            self._matcher.add(phrase, [self._nlp.tokenizer(variant) for variant in _variants(phrase)])
            self._known[self._nlp.vocab.strings[phrase]] = (phrase, tuple(held))
        for word in sorted(words | STOP_WORDS):
            self._nlp.tokenizer(f"{word} {word.capitalize()} {word}. {word},")

    def find(self, text: str) -> Found:
        """Return the tokens and hits of a plain text; everything returned is free of spaCy's memory."""
        with self._nlp.memory_zone():
            doc = self._nlp.tokenizer(text)
            hits = [Hit(start, end, *self._known[key]) for key, start, end in self._matcher(doc)]
            # An array costs a fifth of asking each token.
            positions, lengths, norms = doc.to_array(["IDX", "LENGTH", "NORM"]).T.tolist() if len(doc) else ([], [], [])
            words = {norm: self._nlp.vocab.strings[norm] for norm in set(norms)}
        hits.sort(key=lambda hit: (hit.start, -hit.end, hit.phrase))
        return Found(positions, lengths, [words[norm] for norm in norms], hits)


def _roles(lexicon: Lexicon) -> dict[str, list[Role]]:
    roles: dict[str, list[Role]] = defaultdict(list)
    groups = [
        *(("concept", name, phrases) for name, phrases in lexicon.phrases.items()),
        *(("topic", name, phrases) for name, phrases in lexicon.topics.items()),
        ("act", "physical_abuse", lexicon.acts),
        *(("cue", name, lexicon.cues[name]) for name in (*SCOPED, *ROLES)),
        *(("person", name, phrases) for name, phrases in lexicon.people.items()),
        *(("blocker", name, phrases) for name, phrases in lexicon.blockers.items()),
    ]
    for kind, name, phrases in groups:
        for phrase in phrases:
            roles[phrase].append(Role(kind, name))
    return roles


def _variants(phrase: str) -> list[str]:
    """Return the spellings that mean the phrase: with its hyphens, with spaces, run together, and without apostrophes."""
    spellings = {phrase, phrase.replace("-", " "), phrase.replace("-", "")}
    return sorted(spellings | {spelling.replace("'", "") for spelling in spellings if len(spelling) > 1})
