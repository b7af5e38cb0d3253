"""Which closures an entry makes us score, for the first time or again, and what comes of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import get_args

from ecda_stream.alert.decide import decide
from ecda_stream.alert.group import group_of, join
from ecda_stream.alert.words import describe_child
from ecda_stream.contract.entry import Entry
from ecda_stream.contract.score import Position, ScoreRecord
from ecda_stream.definition import Mode, StreamDefinition
from ecda_stream.identity.families import family_of
from ecda_stream.identity.people import members_of, root_of
from ecda_stream.known import Learnt
from ecda_stream.score.record import content_of_score, score_trigger, write_record
from ecda_stream.score.stream import Stream
from ecda_stream.score.triggers import Scored, Trigger, last_score, read_trigger, recent_triggers, write_score, write_trigger
from ecda_stream.state import Draft

MODEL_NOT_INSTALLED = "model-not-installed"
NO_SUCH_MODE = "no-such-mode"


def obey(draft: Draft, entry: Entry, stream: Stream, offset: int) -> str | None:
    """Write what an operator decided about this stream: its model, its mode.

    A decision that cannot be followed is ignored, and what held goes on; the reason code is returned, without the value.
    """
    if entry.facts.get("stream") != stream.definition.stream:
        return None
    if entry.type == "model.activated.v1":
        version = entry.facts.get("version")
        if not isinstance(version, str) or version not in stream.models:
            return MODEL_NOT_INSTALLED
        stream.decide(draft, "model", entry.authority, version, offset)
    elif entry.type == "mode.changed.v1":
        mode = entry.facts.get("mode")
        if not isinstance(mode, str) or mode not in get_args(Mode):
            return NO_SUCH_MODE
        stream.decide(draft, "mode", entry.authority, mode, offset)
    return None


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


def score_and_decide(draft: Draft, event_id: str, entry: Entry, at: Position, stream: Stream) -> tuple[ScoreRecord, str | None] | None:
    """Score a closure and decide; return its score record, or None if nothing about it has changed.

    With it the group of its alert, unless it neither was nor is part of one.
    """
    definition, offset = stream.definition, at.offset
    trigger = read_trigger(draft, event_id, offset)
    assert trigger is not None
    model, mode = stream.model_in_force(draft, entry.authority, offset), stream.mode_in_force(draft, entry.authority, offset)
    last = last_score(draft, event_id, offset)
    scoring = score_trigger(draft, trigger, definition, model, first=last is None and trigger.offset == offset, offset=offset)
    content = content_of_score(scoring, model)
    if last is not None and last.content == content:
        return None
    decision = decide(scoring, last, definition.policy, mode)
    revision = 0 if last is None else last.revision + 1
    record = write_record(
        scoring,
        definition,
        model,
        mode,
        authority=entry.authority,
        partition=at.partition,
        offset=offset,
        revision=revision,
        decision=decision,
    )
    write_score(draft, event_id, Scored(revision, content, record.outcome, record.reason, decision.alert), offset)
    if record.outcome == "not_scored" and (last is None or last.outcome == "not_scored"):
        return record, None
    group = group_of(draft, scoring.family, event_id, trigger.fact.day, offset)
    part = describe_child(scoring, record, definition) if decision.alert else None
    join(draft, scoring.person, trigger.fact.day, group, (event_id, part), offset)
    return record, group if decision.alert or (last is not None and last.raised) else None


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
