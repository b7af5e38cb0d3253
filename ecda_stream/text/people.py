"""Whom a mention is about: the victim of harm, the holder of a condition, the provider of support.

A lone "he" or "she" is the child; with an adult named before it in the sentence it is that adult. Nobody named: None.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, cast, get_args

from ecda_stream.contract.finding import Concept, Experiencer
from ecda_stream.text.sentence import Sentence, Span

HARM = frozenset(
    (
        "domestic_abuse",
        "neglect",
        "emotional_abuse",
        "physical_abuse",
        "sexual_abuse",
        "cse",
        "cce",
        "trafficking",
        "fgm",
        "faith_abuse",
    )
)
_ADULTS = frozenset(("mother", "father", "parent", "partner", "grandparent"))
_SHE = frozenset(("mother", "partner", "grandparent", "sibling", "other", "child"))
_HE = frozenset(("father", "partner", "grandparent", "sibling", "other", "child"))
_BE = frozenset(("was", "were", "been", "being", "is", "are", "be", "got", "had", "having"))
_TOWARDS = frozenset(("of", "to", "towards", "toward", "against", "on", "for"))
_OF = frozenset(("of", "in", "by", "for", "from", "("))
_OBJECT = frozenset(("for", "to", "with", "of", "about", "from", "by", "on", "at", "towards", "against", "told", "between"))
_OWNING = frozenset(("'s", "'", "who", "with", "has", "is", "had", "was"))
_DETERMINERS = frozenset(("the", "her", "his", "their", "a", "an", "both", "all", "older", "younger", "step"))


class Person(NamedTuple):
    """Somebody named at tokens [start, end), with the pronouns already resolved."""

    start: int
    end: int
    kind: Experiencer


class Reading(NamedTuple):
    """The concept, which for a verb of violence depends on who was struck, and whom it is about."""

    concept: Concept
    experiencer: Experiencer | None


def whose(sentence: Sentence, mention: Span) -> Reading:
    """Return the concept of a mention and whom it is about."""
    within = [span for span in sentence.inner if span.end <= mention.start or mention.end <= span.start]
    people = _resolved(sorted([*sentence.people, *within]))
    if mention.kind == "act":
        return _act(sentence, mention, people)
    concept = cast(Concept, mention.name)
    if concept in HARM:
        return Reading(concept, _victim(sentence, mention, people))
    return Reading(concept, _holder(sentence, mention, people))


def told_by_another(sentence: Sentence, mention: Span, experiencer: Experiencer | None) -> str | None:
    """Return the reporting cue if one of the family says it of somebody else.

    Professionals and self-reports are taken as they stand.
    """
    people = _resolved(sentence.people)
    for cue in sentence.cues["hearsay"]:
        if cue.end > mention.start or sentence.parted(cue.end, mention.start):
            continue
        teller = next((p for p in reversed(people) if p.end <= cue.start and cue.start - p.end <= 3), None)
        if teller and experiencer and teller.kind != experiencer:
            return cue.cue
    return None


def _resolved(spans: Iterable[Span]) -> tuple[Person, ...]:
    people: list[Person] = []
    named = list(spans)
    # In "her father" the pronoun names nobody: it only says whose father.
    possessive = {one.end for one in named if one.name in ("she", "he")} & {one.start for one in named}
    for span in named:
        if span.name == "professional" or span.end in possessive:
            continue
        kind = span.name
        if kind in ("she", "he"):
            last = people[-1].kind if people else "child"
            fits = _SHE if kind == "she" else _HE
            earlier = next((p.kind for p in reversed(people) if p.kind in fits), "child")
            kind = last if last in fits else earlier
        if kind in get_args(Experiencer):
            people.append(Person(span.start, span.end, cast(Experiencer, kind)))
    return tuple(people)


def _act(sentence: Sentence, mention: Span, people: tuple[Person, ...]) -> Reading:
    words = sentence.words
    before = [p for p in people if p.end <= mention.start]
    after = [p for p in people if mention.end <= p.start <= mention.end + 4 and not sentence.parted(mention.end, p.start)]
    passive = bool(_BE & set(words[max(0, mention.start - 3) : mention.start])) and (
        not after or "by" in words[mention.end : after[0].start]
    )
    victims, agents = (before[::-1], after) if passive else (after, before[::-1])
    victim = victims[0].kind if victims else None
    agent = agents[0].kind if agents else None
    if victim and victim == agent and not passive:
        victim, agent = "child", None
    staff = any(p.name == "professional" and 0 <= p.start - mention.end <= 2 for p in sentence.people)
    if agent == "child" and (staff or victim is not None):
        return Reading("unacceptable_behaviour", "child")
    if victim in ("mother", "father", "parent", "partner"):
        return Reading("domestic_abuse", victim)
    return Reading("physical_abuse", victim)


def _victim(sentence: Sentence, mention: Span, people: tuple[Person, ...]) -> Experiencer | None:
    words = sentence.words
    follows = words[mention.end] if mention.end < len(words) else ""
    if follows in _TOWARDS or (follows == "by" and words[mention.end - 1] in ("experienced", "suffered")):
        target = next((p for p in people if mention.end < p.start <= mention.end + 3), None)
        if target:
            return target.kind
    for person in reversed([p for p in people if p.end <= mention.start]):
        back = [word for word in words[max(0, person.start - 2) : person.start] if word not in _DETERMINERS]
        if back and back[-1] in ("by", "from", "between"):
            continue
        if person.kind not in _ADULTS:
            return person.kind
        if any(person.end <= cue.start < mention.start for cue in sentence.cues["perpetrates"]):
            continue
        if _suffers(sentence, mention, person):
            return person.kind
    inner = [span for span in sentence.inner if mention.start <= span.start < mention.end]
    return next((p.kind for p in _resolved(inner)), None)


def _suffers(sentence: Sentence, mention: Span, person: Person) -> bool:
    """Whether an adult before the mention is its victim; adults are as often its cause, so a word must say so."""
    words = sentence.words
    for cue in sentence.cues["victim"]:
        if person.end <= cue.start < mention.start and (cue.phrase not in _BE or mention.start - cue.end <= 1):
            passive = cue.phrase not in _BE or words[mention.end - 1].endswith("ed")
            if passive or mention.name == "domestic_abuse":
                return True
    childhood = any(mention.end <= cue.start for cue in sentence.cues["history_after"] if "child" in cue.phrase)
    history = "history" in words[person.end : mention.start] and person.kind == "mother" and mention.name == "domestic_abuse"
    return childhood or history


def _holder(sentence: Sentence, mention: Span, people: tuple[Person, ...]) -> Experiencer | None:
    words, concept = sentence.words, mention.name
    follows = words[mention.end] if mention.end < len(words) else ""
    if follows in _OF:
        named = next((p for p in people if mention.end < p.start <= mention.end + 2), None)
        if named:
            return named.kind
    before = [p for p in people if p.end <= mention.start]
    if not before:
        if concept == "young_carer":
            return None
        inner = [span for span in sentence.inner if mention.start <= span.start < mention.end and span.name != "family"]
        return next((p.kind for p in _resolved(inner)), None)
    nearest = before[-1]
    owner = nearest.end < len(words) and words[nearest.end] in _OWNING and mention.start - nearest.end <= 4
    subjects = before if owner else ([p for p in before if not _object(sentence, p)] or before)
    last = nearest if owner else subjects[-1]
    return _together(sentence, before, last)


def _object(sentence: Sentence, person: Person) -> bool:
    back = [word for word in sentence.words[max(0, person.start - 3) : person.start] if word not in _DETERMINERS]
    return bool(back) and back[-1] in _OBJECT


def _together(sentence: Sentence, before: list[Person], last: Person) -> Experiencer:
    """Return parent for "mother and father", else the kind of the last person."""
    at = before.index(last)
    joined = at > 0 and list(sentence.words[before[at - 1].end : last.start]) in (["and"], ["&"], ["and", "the"])
    return "parent" if joined and {before[at - 1].kind, last.kind} == {"mother", "father"} else last.kind
