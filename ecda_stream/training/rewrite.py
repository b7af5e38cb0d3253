"""The log as it would be if linking or reading had made no mistake: each entry rewritten with what the simulator planted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast, get_args

from ecda_stream.contract.canonical import hash_of
from ecda_stream.contract.entry import Entry, EntryIdentifier, EntryPerson
from ecda_stream.contract.finding import Concept, Experiencer, Finding
from ecda_stream.training.truth import Mention, Status, Truth

STATUSES: Mapping[Status, tuple[bool, bool, bool]] = {
    "current": (False, False, False),
    "denied": (True, False, False),
    "past": (False, True, False),
    "possible": (False, False, True),
}
"""Negated, historical, hypothetical."""

CONCEPTS = frozenset(get_args(Concept))
EXPERIENCERS = frozenset(get_args(Experiencer))


@dataclass(frozen=True)
class TrueLinks:
    """Gives every person one identifier, and every family one id; the relations that sources stated are left out."""

    truth: Truth

    def __call__(self, entry: Entry) -> Entry:
        """Rewrite one entry; a person whom the truth does not know keeps what the log says."""
        known = [self._who(person) for person in entry.people]
        families = {family for _, family in filter(None, known)}
        people = tuple(
            person.model_copy(update={"identifiers": _identifiers(entry, who[0])}) if who else person
            for person, who in zip(entry.people, known, strict=True)
        )
        # An entry about two families must not make them one.
        family = _token(entry, f"family/{families.pop()}") if len(families) == 1 else None
        return entry.model_copy(update={"people": people, "family": family, "relations": ()})

    def _who(self, person: EntryPerson) -> tuple[str, str] | None:
        found = Counter(self.truth.people[one.token] for one in person.identifiers if one.token in self.truth.people)
        return min(found, key=lambda who: (-found[who], who), default=None)


@dataclass(frozen=True)
class TrueFacts:
    """Gives every text the findings that it was made to hold."""

    truth: Truth

    def __call__(self, entry: Entry) -> Entry:
        """Rewrite one entry; a text that the truth does not know keeps what was read."""
        mentions = self.truth.mentions.get(entry.event_id)
        if entry.document is None or mentions is None:
            return entry
        return entry.model_copy(update={"document": entry.document.model_copy(update={"findings": findings_of(mentions)})})


@dataclass(frozen=True)
class Both:
    """Rewrites links and facts."""

    links: TrueLinks
    facts: TrueFacts

    def __call__(self, entry: Entry) -> Entry:
        """Rewrite one entry."""
        return self.facts(self.links(entry))


def _identifiers(entry: Entry, person: str) -> tuple[EntryIdentifier, ...]:
    return (EntryIdentifier(kind="truth:person", token=_token(entry, person)),)


def findings_of(mentions: tuple[Mention, ...]) -> tuple[Finding, ...]:
    """Return mentions as a perfect reader would report them; a concept that no reader looks for is left out."""
    counted = Counter(mention for mention in mentions if mention.concept in CONCEPTS)
    return tuple(_finding(mention, count) for mention, count in counted.items())


def _finding(mention: Mention, count: int) -> Finding:
    negated, historical, hypothetical = STATUSES[mention.status]
    return Finding(
        concept=cast(Concept, mention.concept),
        negated=negated,
        historical=historical,
        hypothetical=hypothetical,
        certainty="certain",
        experiencer=cast(Experiencer, mention.whose) if mention.whose in EXPERIENCERS else None,
        section="truth",
        count=count,
    )


def _token(entry: Entry, name: str) -> str:
    return f"truth_{hash_of(entry.authority, name)}"
