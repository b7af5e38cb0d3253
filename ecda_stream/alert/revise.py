"""Which triggers an entry makes us score, for the first time or again, and what comes of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from ecda_stream.alert.book import Book
from ecda_stream.alert.days import london_day
from ecda_stream.alert.decide import NOT_SCORED, Circumstances, Decided, decide_again, decide_first, is_drawn, published
from ecda_stream.alert.group import ABOVE, COUNTED, Group, Part, group_of, register
from ecda_stream.alert.guardrail import Counts
from ecda_stream.alert.words import describe_child
from ecda_stream.contract.entry import Entry
from ecda_stream.definition import StreamDefinition
from ecda_stream.identity.families import family_of
from ecda_stream.identity.people import members_of, root_of
from ecda_stream.known import Learnt
from ecda_stream.score.model import Model
from ecda_stream.score.record import Scoring, content_of_score, score_trigger, write_record
from ecda_stream.score.stream import Stream
from ecda_stream.score.triggers import Scored, Trigger, read_trigger, recent_triggers, write_trigger
from ecda_stream.state import Draft


def triggers_to_score(draft: Draft, entry: Entry, learnt: Learnt, stream: Stream, offset: int) -> list[str]:
    """Return the event ids of the closures to score: the entry's own, and earlier ones that it may change."""
    if learnt.news in ("duplicate", "stale", "control"):
        return []
    own = _own_trigger(draft, entry, learnt, stream.definition, offset)
    since = entry.happened_at if learnt.news == "new" else date.min
    persons = _read_together(draft, learnt.persons, offset, since)
    days = stream.definition.revision_days
    others = recent_triggers(draft, persons, since, entry.arrived_at, offset, days)
    return [*own, *(event_id for event_id in others if event_id not in own)]


def score_and_decide(book: Book, event_id: str) -> None:
    """Score a trigger and decide about it; nothing happens if it would say what it said last.

    The first decision asks for a review or does not. What is computed again later follows from that one.
    """
    draft, stream, offset, authority = book.draft, book.stream, book.at.offset, book.entry.authority
    trigger = read_trigger(draft, event_id, offset)
    assert trigger is not None
    model = stream.model_in_force(draft, authority, offset)
    last = book.last_scored(event_id)
    first = last is None and trigger.offset == offset
    scoring = score_trigger(draft, trigger, stream.definition, model, first=first, offset=offset)
    content = content_of_score(scoring, model)
    if last is not None and last.content == content:
        return
    group = None
    if scoring.score is not None or (last is not None and last.outcome == "scored"):
        name = group_of(draft, scoring.family, event_id, trigger.fact.day, offset)
        register(draft, scoring.person, trigger.fact.day, name, event_id, offset)
        group = book.group(name, authority)
    decided, counted = _decide(book, scoring, model, last, group)
    record = write_record(
        scoring,
        stream.definition,
        model,
        book.mode(authority),
        authority=authority,
        partition=book.at.partition,
        offset=offset,
        revision=0 if last is None else last.revision + 1,
        decision=published(decided),
    )
    book.keep(event_id, record, content, decided)
    if group is not None:
        shown = decided.standing != "none"
        part = Part(decided.standing, describe_child(scoring, record, stream.definition, model)) if shown else None
        book.join(group, event_id, part, record, counted)


def _decide(book: Book, scoring: Scoring, model: Model, last: Scored | None, group: Group | None) -> tuple[Decided, int]:
    """Return the decision, and what the guardrail counts with it, as bits."""
    if scoring.score is None or group is None:
        return NOT_SCORED, 0
    above = scoring.score >= model.threshold
    event_id = scoring.trigger.event_id
    before = book.last_decided(event_id)
    if last is not None and last.outcome == "scored" and before is not None:
        return decide_again(above, before), 0
    too_late = (london_day(book.entry.arrived_at) - scoring.trigger.fact.day).days > book.policy.latest_arrival_days
    now = Circumstances(
        mode=book.mode(group.authority),
        stopped=book.stop(group.authority) is not None,
        too_late=too_late,
        drawn=is_drawn(book.stream.definition.stream, event_id, book.policy.audit_share),
        group=group.standing,
        free_place=book.has_place(group),
    )
    decided = decide_first(above, now)
    if decided.standing == "raised" and group.standing != "raised":
        book.take_place(group)
    return decided, 0 if too_late else _count(book, scoring, group, above)


def _count(book: Book, scoring: Scoring, group: Group, above: bool) -> int:
    """Count a first decision for the guardrail: its family and day with the first trigger, and with the first one above as an alert."""
    assert scoring.backing is not None
    bits = COUNTED | (ABOVE if above else 0)
    new = bits & ~group.bits
    group.bits |= bits
    alert = int(bool(new & ABOVE))
    if new & COUNTED:
        backing = scoring.backing
        book.count(group.authority, Counts(1, alert, int(backing.episode), int(backing.history), int(backing.text)))
    elif alert:
        book.count(group.authority, Counts(0, 1))
    return bits


def _own_trigger(draft: Draft, entry: Entry, learnt: Learnt, definition: StreamDefinition, offset: int) -> list[str]:
    """Write the closure that the entry records or corrects, or those that it retracts; return their event ids."""
    if learnt.news == "retraction":
        retracted = [known for event_id in learnt.event_ids if (known := read_trigger(draft, event_id, offset - 1))]
        for known in retracted:
            write_trigger(draft, replace(known, retracted=True), offset)
        return [known.event_id for known in retracted]
    if entry.type != definition.trigger.type or learnt.fact is None:
        return []
    [event_id] = learnt.event_ids
    first = read_trigger(draft, event_id, offset - 1)
    fact = replace(learnt.fact, notes=(*learnt.fact.notes, *learnt.notes))
    arrived_at, first_offset = (first.arrived_at, first.offset) if first else (entry.arrived_at, offset)
    sealed = entry.sealed_reference
    write_trigger(draft, Trigger(event_id, learnt.persons[0], fact, False, arrived_at, first_offset, sealed), offset)
    return [event_id]


def _read_together(draft: Draft, persons: tuple[str, ...], offset: int, on: date) -> tuple[str, ...]:
    """Return the persons and their relatives, under every name."""
    names: dict[str, None] = {}
    for person in persons:
        for relative in family_of(draft, root_of(draft, person, offset), offset, on).members:
            names.update(dict.fromkeys(members_of(draft, relative, offset)))
    return tuple(names)
