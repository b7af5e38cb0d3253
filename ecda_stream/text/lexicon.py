"""The words the reader knows, as one frozen value; they live in streams/lexicon/, so that a practitioner can add one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from ecda_stream.contract.canonical import digest
from ecda_stream.contract.finding import Concept, Experiencer
from ecda_stream.errors import BadDefinition

FILES = ("concepts", "cues", "people", "blockers")
"""The stems of the four files."""

CONCEPTS: tuple[Concept, ...] = get_args(Concept)
PRONOUNS = ("she", "he")
PEOPLE: tuple[str, ...] = (*get_args(Experiencer), *PRONOUNS, "professional")
STATUSES = ("none", "negated", "historical", "hypothetical")
SECTIONS = (
    "body",
    "presenting_issues",
    "factors",
    "factors_absent",
    "risks",
    "history",
    "background",
    "analysis",
    "plan",
    "contingency",
    "strengths",
    "child",
    "parenting",
    "health",
    "education",
    "environment",
    "outcome",
)
"""Every section a finding can carry; a heading of a note is mapped to one of these or counts as body."""

SCOPED = (
    "negation_before",
    "negation_short",
    "negation_verb",
    "negation_after",
    "negation_label",
    "denial_before",
    "denial_after",
    "contradiction",
    "pseudo",
    "terminator",
    "cessation_before",
    "cessation_after",
    "history_before",
    "history_after",
    "current",
    "hypothetical_before",
    "hypothetical_after",
    "hypothetical_pseudo",
    "uncertain_before",
    "uncertain_after",
    "settled",
)
"""Cue groups among which the longest phrase wins, so that "no reduction in" silences its own "no"."""

ROLES = ("hearsay", "victim", "perpetrates")
"""Cue groups that tell whom a finding is about; they may lie over other cues."""

WORDS = ("not_bridges", "no_stops")
"""Groups of single words that let a short negation pass or end it."""

BLOCKERS = ("phrases", "followed_by", "preceded_by")


class BadLexicon(BadDefinition, ValueError):
    """A lexicon with at least one fault; the message lists them all."""

    def __init__(self, faults: Iterable[str]) -> None:
        super().__init__("the lexicon", tuple(faults))


@dataclass(frozen=True)
class Heading:
    """What a heading says about its block: the section, and one of STATUSES."""

    section: str
    status: str


BODY = Heading("body", "none")


@dataclass(frozen=True)
class Lexicon:
    """Phrases by concept, cue group, kind of person and blocker; headings by title; answers by word.

    The digest is 16 hexadecimal digits over the content and changes with any phrase.
    """

    phrases: Mapping[str, tuple[str, ...]]
    topics: Mapping[str, tuple[str, ...]]
    acts: tuple[str, ...]
    cues: Mapping[str, tuple[str, ...]]
    headings: Mapping[str, Heading]
    answers: Mapping[str, bool]
    people: Mapping[str, tuple[str, ...]]
    blockers: Mapping[str, tuple[str, ...]]
    digest: str

    @classmethod
    def parse(cls, files: Mapping[str, object]) -> Lexicon:
        """Check the parsed YAML of the four files, by stem, and return their content.

        Raises BadLexicon once, with every fault found.
        """
        check = _Check()
        roots = {
            "concepts": check.keys("concepts", files.get("concepts"), ("version", "source", "concepts", "acts")),
            "cues": check.keys("cues", files.get("cues"), ("version", "source", "cues", "headings", "answers")),
            "people": check.keys("people", files.get("people"), ("version", "source", "people")),
            "blockers": check.keys("blockers", files.get("blockers"), ("version", "source", *BLOCKERS)),
        }
        check.faults += [f"{stem}: unknown file" for stem in files if stem not in FILES]
        for stem, root in roots.items():
            check.stamp(stem, root)
        phrases, topics = _concepts(check, roots["concepts"].get("concepts"))
        acts = check.texts("concepts.acts", roots["concepts"].get("acts"))
        check.unique("concepts", {**phrases, **{f"{name} (topic)": found for name, found in topics.items()}, "acts": acts})
        cues = check.groups("cues.cues", roots["cues"].get("cues"), (*SCOPED, *ROLES, *WORDS))
        headings = _headings(check, roots["cues"].get("headings"))
        answered = check.groups("cues.answers", roots["cues"].get("answers"), ("affirmed", "denied"))
        people = check.groups("people.people", roots["people"].get("people"), PEOPLE)
        check.unique("people", people)
        check.unique("answers", answered)
        blockers = {name: check.texts(f"blockers.{name}", roots["blockers"].get(name)) for name in BLOCKERS}
        if check.faults:
            raise BadLexicon(check.faults)
        answers = {word: name == "affirmed" for name, words in answered.items() for word in words}
        return cls(phrases, topics, acts, cues, headings, answers, people, blockers, digest(dict(files)))


class _Check:
    """Collects faults while it turns untyped YAML into typed values; a faulty part comes back empty."""

    def __init__(self) -> None:
        self.faults: list[str] = []

    def keys(self, where: str, found: object, allowed: Iterable[str]) -> dict[str, Any]:
        if not isinstance(found, Mapping):
            self.faults.append(f"{where}: missing, or not a mapping")
            return {}
        names = tuple(allowed)
        self.faults += [f"{where}: unknown key {key!r}" for key in found if key not in names]
        self.faults += [f"{where}: no {name!r}" for name in names if name not in found]
        return {name: found[name] for name in names if name in found}

    def stamp(self, stem: str, root: Mapping[str, Any]) -> None:
        version, source = root.get("version"), root.get("source")
        if "version" in root and (not isinstance(version, int) or isinstance(version, bool) or version < 1):
            self.faults.append(f"{stem}.version: not a whole number above 0")
        if "source" in root and (not isinstance(source, str) or not source.strip()):
            self.faults.append(f"{stem}.source: not a text")

    def texts(self, where: str, found: object) -> tuple[str, ...]:
        """Return the phrases in lower case; refuse an empty one, a repeated one and what YAML did not read as text."""
        if not isinstance(found, list) or not found:
            self.faults.append(f"{where}: missing, or not a list of phrases")
            return ()
        kept: dict[str, None] = {}
        for phrase in found:
            if not isinstance(phrase, str):
                self.faults.append(f"{where}: {phrase!r} is not a text; put it in quotes")
            elif not phrase.strip():
                self.faults.append(f"{where}: an empty phrase")
            elif same(phrase) in kept:
                self.faults.append(f"{where}: {phrase!r} stands twice")
            else:
                kept[same(phrase)] = None
        return tuple(kept)

    def groups(self, where: str, found: object, names: Iterable[str]) -> dict[str, tuple[str, ...]]:
        return {name: self.texts(f"{where}.{name}", group) for name, group in self.keys(where, found, names).items()}

    def unique(self, where: str, groups: Mapping[str, tuple[str, ...]]) -> None:
        """Refuse a phrase in two groups; a hyphen and a space count as the same, since the matcher takes both."""
        owner: dict[str, str] = {}
        for name, group in groups.items():
            for phrase in group:
                first = owner.setdefault(phrase.replace("-", " "), name)
                if first != name:
                    self.faults.append(f"{where}: {phrase!r} stands under {first} and {name}")


def same(phrase: str) -> str:
    """Return the phrase as it is compared: lower case, single spaces."""
    return " ".join(phrase.lower().split())


def _concepts(check: _Check, found: object) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    phrases: dict[str, tuple[str, ...]] = {}
    topics: dict[str, tuple[str, ...]] = {}
    for name, body in check.keys("concepts.concepts", found, CONCEPTS).items():
        where = f"concepts.concepts.{name}"
        optional = ("topics",) if isinstance(body, Mapping) and "topics" in body else ()
        parts = check.keys(where, body, ("phrases", *optional))
        phrases[name] = check.texts(f"{where}.phrases", parts.get("phrases"))
        if optional:
            topics[name] = check.texts(f"{where}.topics", parts["topics"])
    return phrases, topics


def _headings(check: _Check, found: object) -> dict[str, Heading]:
    sections = {}
    titles: dict[str, tuple[str, ...]] = {}
    for name, body in check.keys("cues.headings", found, SECTIONS[1:]).items():
        where = f"cues.headings.{name}"
        parts = check.keys(where, body, ("status", "titles"))
        if parts.get("status") not in STATUSES:
            check.faults.append(f"{where}.status: not one of {', '.join(STATUSES)}")
        sections[name] = Heading(name, str(parts.get("status")))
        titles[name] = check.texts(f"{where}.titles", parts.get("titles"))
    check.unique("cues.headings", titles)
    return {title: sections[name] for name, group in titles.items() for title in group}
