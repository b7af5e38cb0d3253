"""What the system does, on two pages: `admit` turns a source record into an entry, `step` folds an entry into what is known.

Both are pure. The order of the log is the truth, so `step` never looks at a clock; everything that an authority needs is in one
partition, so no step asks another partition.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ecda_stream.alert.book import Book
from ecda_stream.alert.control import obey
from ecda_stream.alert.day import begin_days
from ecda_stream.alert.revise import score_and_decide, triggers_to_score
from ecda_stream.contract.alert import Alert, Notice
from ecda_stream.contract.canonical import to_canonical_json
from ecda_stream.contract.entry import Document, Entry
from ecda_stream.contract.events import PREFIX
from ecda_stream.contract.events.social_care import ClosureRecorded, DocumentRecorded
from ecda_stream.contract.rules import check
from ecda_stream.contract.score import Position, ScoreRecord
from ecda_stream.contract.source_event import SourceEvent, SourceRecord, decode
from ecda_stream.errors import InvalidEvent
from ecda_stream.identity.facts import facts_of, relations_of, seal, token_of
from ecda_stream.identity.pseudonymise import pseudonymise
from ecda_stream.identity.sealed import Sealer
from ecda_stream.identity.tokens import Secret
from ecda_stream.known import News, learn
from ecda_stream.score.stream import Stream
from ecda_stream.state import Draft, Key, Read
from ecda_stream.text.mention import count_words, summarise
from ecda_stream.text.reader import Reader

LARGEST_ENTRY_BYTES = 60 * 1024


@dataclass(frozen=True)
class Desk:
    """What admit works with: the lexicon's reader, the secret of the tokens, the review team's seal."""

    reader: Reader
    secret: Secret
    sealer: Sealer


@dataclass(frozen=True)
class Admitted:
    """One entry, and how many fields of its record the contract does not know."""

    entry: Entry
    unknown_fields: int


Arrival = Callable[[SourceEvent], SourceEvent]
"""Says when an event has arrived, if not when its record did."""


def admit(record: SourceRecord, desk: Desk, arrives: Arrival | None = None) -> Admitted:
    """Turn one source record into its entry of the event log; no name, identifier or sentence survives.

    Raises InvalidEvent with the reason code if the record breaks its contract.
    """
    event = decode(record) if arrives is None else arrives(decode(record))
    notes = check(event)
    envelope, data = event.envelope, event.data
    people = pseudonymise(data.people, data.happened_at, envelope.authority, desk.secret)
    if data.about_people and not people.anyone_usable:
        raise InvalidEvent("no-usable-identifier", "nobody in the record can be linked")
    document = read_document(data, desk.reader) if isinstance(data, DocumentRecorded) else None
    entry = Entry(
        event_id=token_of(desk.secret, envelope, "event_id", envelope.id),
        type=envelope.type.removeprefix(PREFIX),
        authority=envelope.authority,
        system=envelope.system,
        happened_at=data.happened_at,
        recorded_at=envelope.recordedtime,
        arrived_at=event.arrived_at,
        revision=envelope.revision,
        people=people.people,
        relations=relations_of(data),
        family=data.family_id and token_of(desk.secret, envelope, "family_id", data.family_id),
        episode=data.episode_id and token_of(desk.secret, envelope, "episode_id", data.episode_id),
        referral_date=data.referral_date,
        facts=facts_of(data, envelope, desk.secret),
        document=document,
        sealed_reference=seal(event, desk.sealer) if isinstance(data, ClosureRecorded) else None,
        set_aside=people.set_aside,
        notes=notes,
        lexicon=desk.reader.digest if document else None,
    )
    if len(to_canonical_json(entry)) > LARGEST_ENTRY_BYTES:
        raise InvalidEvent("entry-too-large", f"more than {LARGEST_ENTRY_BYTES} bytes")
    return Admitted(entry, event.unknown_fields)


def read_document(data: DocumentRecorded, reader: Reader) -> Document:
    """Reduce a narrative to its findings and its length."""
    return Document(kind=data.kind, words=count_words(data.text), findings=summarise(reader.read(data.text)))


LARGEST_VALUE_BYTES = 1_500_000
"""Of one value of the state; a record of its changelog holds at most 2 MB."""
FEWEST_WEIGHED = 24
"""Fewer items are never too large: each is about as large as its entry, at most."""


@dataclass(frozen=True)
class Outcome:
    """What one entry caused: changes of state, score records, alerts and notices; nothing of it has happened yet."""

    news: News
    changes: Mapping[Key, Any]
    scores: tuple[ScoreRecord, ...] = ()
    alerts: tuple[Alert | Notice, ...] = ()
    ignored: str | None = None
    """Why a decision was not followed, as a code."""


def step(entry: Entry, at: Position, known: Read, stream: Stream) -> Outcome:
    """Fold one entry into what is known; score it if it triggers the stream, revise earlier scores if it changes them.

    The first entry of a day does the day's work before it: what is held or out too long, the guardrail, a new week's places. A trigger
    sees what stood before it in the log and happened before it. The same entry a second time, over a state that has gone on, gives the
    same outcome.

    Raises InvalidEvent `state-too-large` if what is known under one key would outgrow a record of its changelog.
    """
    draft = Draft(known)
    book = Book(draft, entry, at, stream)
    begin_days(book)
    learnt = learn(draft, entry, at.offset)
    ignored = obey(book) if learnt.news == "control" else None
    for event_id in triggers_to_score(draft, entry, learnt, stream, at.offset):
        score_and_decide(book, event_id)
    alerts = book.close()
    _refuse_what_outgrows(draft.changes)
    return Outcome(learnt.news, draft.changes, tuple(book.scores), tuple(alerts), ignored)


def _refuse_what_outgrows(changes: Mapping[Key, Any]) -> None:
    for value in changes.values():
        if isinstance(value, list) and len(value) >= FEWEST_WEIGHED and len(to_canonical_json(value)) > LARGEST_VALUE_BYTES:
            raise InvalidEvent("state-too-large", f"more than {LARGEST_VALUE_BYTES} bytes")
