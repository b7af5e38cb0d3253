"""What one entry changes in what is known: who is meant, what is new, corrected, repeated or retracted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ecda_stream.contract.entry import Entry
from ecda_stream.history import timeline
from ecda_stream.history.fact import Fact, content_of
from ecda_stream.history.ledger import (
    Version,
    classify,
    first_of,
    identify,
    last_version,
    referral_date_of,
    resolve,
    write_version,
)
from ecda_stream.identity.families import relate
from ecda_stream.identity.people import Linked, link, members_of
from ecda_stream.state import Draft

News = Literal["new", "correction", "duplicate", "stale", "retraction", "control"]

RETRACTIONS = frozenset({"record.retracted.v1", "closure.retracted.v1"})


@dataclass(frozen=True)
class Learnt:
    """What an entry was: its news, the event it concerns, the children it is about, its fact about the first of them."""

    news: News
    event_id: str
    persons: tuple[str, ...]
    fact: Fact | None
    notes: tuple[str, ...] = ()


def learn(draft: Draft, entry: Entry, offset: int) -> Learnt:
    """Link the entry's people, write its relations and its facts; a repetition writes nothing."""
    linked = link(draft, entry, offset)
    relate(draft, entry, linked, offset)
    persons = _children(entry, linked)
    if entry.type in RETRACTIONS or not persons:
        if classify(entry, last_version(draft, entry.event_id, offset)) in ("duplicate", "stale"):
            return Learnt("duplicate", entry.event_id, (), None)
        write_version(draft, entry.event_id, Version(offset, content_of(entry), entry.revision, ()))
        retracts = entry.type in RETRACTIONS
        return _retract(draft, entry, persons, offset) if retracts else Learnt("control", entry.event_id, (), None)
    referral_date = referral_date_of(draft, entry, offset)
    event_id = identify(draft, entry, _names(draft, persons, offset), referral_date, offset)
    last = last_version(draft, event_id, offset)
    news = classify(entry, last)
    names = tuple(person for person, _ in persons)
    facts = [Fact.of(entry, event_id, offset, referral_date, age_months) for _, age_months in persons]
    if news in ("new", "correction"):
        _end(draft, event_id, last, offset)
        for person, fact in zip(names, facts, strict=True):
            timeline.add(draft, person, fact)
        pages = tuple((person, entry.happened_at.year) for person in names)
        write_version(draft, event_id, Version(offset, content_of(entry), entry.revision, pages))
        before = tuple(person for person, _ in last.pages if person not in names) if last else ()
        return Learnt(news, event_id, (*names, *before), facts[0], linked.notes)
    return Learnt(news, event_id, names, facts[0], linked.notes)


def _children(entry: Entry, linked: Linked) -> list[tuple[str, int | None]]:
    """Return the persons whom the entry is about, each once, with the age on that day."""
    children: dict[str, int | None] = {}
    for person, name in zip(entry.people, linked.persons, strict=True):
        if person.role == "child" and name:
            children.setdefault(name, person.age_months)
    return list(children.items())


def _names(draft: Draft, persons: list[tuple[str, int | None]], offset: int) -> tuple[str, ...]:
    """Return every name of the one child of an entry; an event about several children is nobody's own."""
    return members_of(draft, persons[0][0], offset) if len(persons) == 1 else ()


def _retract(draft: Draft, entry: Entry, persons: list[tuple[str, int | None]], offset: int) -> Learnt:
    event_id: str | None = None
    if entry.type == "record.retracted.v1":
        event_id = resolve(draft, str(entry.facts["event_id"]), offset)
    elif referral_date := referral_date_of(draft, entry, offset):
        event_id = first_of(draft, _names(draft, persons, offset), "closure.recorded.v1", referral_date, offset)
    last = last_version(draft, event_id, offset) if event_id else None
    if event_id is None or last is None or last.content is None:
        return Learnt("duplicate", event_id or entry.event_id, (), None)
    _end(draft, event_id, last, offset)
    write_version(draft, event_id, Version(offset, None, None, ()))
    return Learnt("retraction", event_id, tuple(person for person, _ in last.pages), None)


def _end(draft: Draft, event_id: str, last: Version | None, offset: int) -> None:
    for person, year in last.pages if last else ():
        timeline.end(draft, person, year, event_id, offset)
