"""What one entry changes in what is known: who is meant, what is new, corrected, repeated or retracted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ecda_stream.contract.entry import Entry
from ecda_stream.feature_spec import data_type_of
from ecda_stream.history import timeline
from ecda_stream.history.fact import Fact, content_of
from ecda_stream.history.ledger import (
    Version,
    classify,
    first_of,
    identify,
    known_under,
    last_version,
    own_id,
    referral_date_of,
    write_version,
)
from ecda_stream.identity.families import relate
from ecda_stream.identity.people import Linked, link, members_of
from ecda_stream.state import Draft

News = Literal["new", "correction", "duplicate", "stale", "retraction", "control"]

RETRACTIONS = frozenset({"record.retracted.v1", "closure.retracted.v1"})


@dataclass(frozen=True)
class Learnt:
    """What an entry was: its news, the event it concerns, the children it is about, its fact about the first of them.

    A retraction can concern several events, one for each type that came under the id it names.
    """

    news: News
    event_ids: tuple[str, ...]
    persons: tuple[str, ...]
    fact: Fact | None
    notes: tuple[str, ...] = ()


def learn(draft: Draft, entry: Entry, offset: int) -> Learnt:
    """Link the entry's people, write its relations and its facts; a repetition writes nothing."""
    own = own_id(draft, entry, offset)
    if _is_control(entry):
        return _note(draft, entry, own, offset)
    linked = link(draft, entry, offset)
    relate(draft, entry, linked, offset)
    persons = _children(entry, linked)
    if entry.type in RETRACTIONS or not persons:
        noted = _note(draft, entry, own, offset)
        return _retract(draft, entry, persons, offset) if noted.news == "control" and entry.type in RETRACTIONS else noted
    referral_date = referral_date_of(draft, entry, offset)
    event_id = identify(draft, entry, own, _names(draft, persons, offset), referral_date, offset)
    last = last_version(draft, event_id, offset)
    news = classify(entry, last)
    names = tuple(person for person, _ in persons)
    facts = [Fact.of(entry, event_id, offset, referral_date, age_months) for _, age_months in persons]
    if news in ("new", "correction"):
        _end(draft, event_id, last, offset)
        for person, fact in zip(names, facts, strict=True):
            timeline.add(draft, person, fact)
        pages = tuple((person, timeline.month_of(entry.happened_at)) for person in names)
        write_version(draft, event_id, Version(offset, content_of(entry), entry.revision, pages, entry.type))
        before = tuple(person for person, _ in last.pages if person not in names) if last else ()
        return Learnt(news, (event_id,), (*names, *before), facts[0], linked.notes)
    return Learnt(news, (event_id,), names, facts[0], linked.notes)


def _is_control(entry: Entry) -> bool:
    """Return whether the entry's type is about no people; a child that it names all the same makes it no news about the child."""
    data_type = data_type_of(entry.type)
    return data_type is not None and not data_type.about_people and entry.type not in RETRACTIONS


def _note(draft: Draft, entry: Entry, own: str, offset: int) -> Learnt:
    """Write that an entry without facts was seen, so that its repetition is one."""
    if classify(entry, last_version(draft, own, offset)) in ("duplicate", "stale"):
        return Learnt("duplicate", (own,), (), None)
    write_version(draft, own, Version(offset, content_of(entry), entry.revision, (), entry.type))
    return Learnt("control", (own,), (), None)


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
    event_ids: tuple[str, ...] = ()
    if entry.type == "record.retracted.v1":
        event_ids = known_under(draft, str(entry.facts.get("event_id")), offset)
    elif referral_date := referral_date_of(draft, entry, offset):
        closure = first_of(draft, _names(draft, persons, offset), "closure.recorded.v1", referral_date, offset)
        event_ids = (closure,) if closure else ()
    retracted: dict[str, Version] = {}
    for event_id in event_ids:
        last = last_version(draft, event_id, offset)
        if last is not None and last.content is not None and last.type not in RETRACTIONS:
            _end(draft, event_id, last, offset)
            write_version(draft, event_id, Version(offset, None, None, (), last.type))
            retracted[event_id] = last
    if not retracted:
        return Learnt("duplicate", event_ids, (), None)
    persons_named = dict.fromkeys(person for last in retracted.values() for person, _ in last.pages)
    return Learnt("retraction", tuple(retracted), tuple(persons_named), None)


def _end(draft: Draft, event_id: str, last: Version | None, offset: int) -> None:
    for person, month in last.pages if last else ():
        timeline.end(draft, person, month, event_id, offset)
