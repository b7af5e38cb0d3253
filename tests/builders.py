"""Valid events with readable defaults, so that a test states only what matters; everybody in them is invented."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from ecda_stream.contract.alert import Alert, Notice
from ecda_stream.contract.entry import Entry, LogRecord, record_key
from ecda_stream.contract.events import EVENT_TYPES, PREFIX
from ecda_stream.contract.score import Position, ScoreRecord
from ecda_stream.contract.source_event import SourceEvent, arrived_as_stated, decode
from ecda_stream.files.lexicon import load_lexicon
from ecda_stream.files.stream import load_stream
from ecda_stream.identity.partition import partitions_of
from ecda_stream.identity.sealed import Sealer
from ecda_stream.identity.tokens import Secret
from ecda_stream.pipeline import Desk, Outcome, admit, step
from ecda_stream.replay import record_of_line
from ecda_stream.score.stream import Stream
from ecda_stream.state import Draft, Table
from ecda_stream.text.reader import Reader

ROOT = Path(__file__).resolve().parents[1]
AUTHORITY = "881"
SOURCE = "/881/case_system"
REVIEW = "/881/review"
REVIEW_PRIVATE = bytes(range(32))
REVIEW_PUBLIC = X25519PrivateKey.from_private_bytes(REVIEW_PRIVATE).public_key().public_bytes_raw()

Event = dict[str, Any]
State = dict[tuple[Table, str], Any]
_ENVELOPE = {"id", "source", "authority", "time", "recordedtime", "arrivedtime", "revision", "subject", "specversion", "type"}


# Source events


def a_child(number: str = "C1", **changes: Any) -> dict[str, Any]:
    """Return a child as a source names it; `identifiers` replaces the number."""
    identifiers = [{"kind": "la_child_id", "value": number}]
    return {"role": "child", "identifiers": identifiers, "birth_date": "2015-03-27", **changes}


def an_event(type_name: str, child: str | None = "C1", **changes: Any) -> Event:
    """Return an event of any type; what belongs to the envelope goes there, everything else into its data (None: absent)."""
    data: dict[str, Any] = {"people": [a_child(child)]} if child else {}
    data |= {name: value for name, value in changes.items() if name not in _ENVELOPE}
    data = {name: value for name, value in data.items() if value is not None}
    dates = [value for name, value in data.items() if name.endswith("date") and name != "referral_date"]
    day = (dates or [data.get("referral_date")])[0]
    event: Event = {
        "specversion": "1.0",
        "id": f"{type_name}/{child}/{day}",
        "source": REVIEW if EVENT_TYPES[PREFIX + type_name].review_only else SOURCE,
        "type": f"uk.csc.{type_name}",
        "authority": AUTHORITY,
        "data": data,
    }
    event |= {name: value for name, value in changes.items() if name in _ENVELOPE}
    return {name: value for name, value in event.items() if value is not None}


def a_referral(child: str | None = "C1", day: str = "2026-01-05", **changes: Any) -> Event:
    """Return a referral by a school, for abuse or neglect."""
    defaults = {"referral_date": day, "referral_source": "2A", "primary_need_code": "N1"}
    return an_event("referral.received.v1", child, **{**defaults, **changes})


def a_closure(child: str | None = "C1", day: str = "2026-03-02", referral: str | None = "2026-01-05", **changes: Any) -> Event:
    """Return the closure of an episode; its id is of the episode, as importers make it."""
    defaults = {"id": f"closure/{child}/{referral}", "closure_date": day, "closure_reason": "RC7", "referral_date": referral}
    return an_event("closure.recorded.v1", child, **{**defaults, **changes})


def a_contact(child: str | None = "C1", day: str = "2026-01-02", **changes: Any) -> Event:
    """Return a contact from a school."""
    return an_event("contact.received.v1", child, **{"contact_date": day, "referral_source": "2A", **changes})


def an_assessment(child: str | None = "C1", day: str = "2026-01-12", referral: str | None = "2026-01-05", **changes: Any) -> Event:
    """Return the start of an assessment."""
    return an_event("assessment.started.v1", child, **{"start_date": day, "referral_date": referral, **changes})


def a_completed_assessment(
    child: str | None = "C1", day: str = "2026-02-09", referral: str | None = "2026-01-05", **changes: Any
) -> Event:
    """Return a completed assessment that found neglect."""
    defaults = {"authorisation_date": day, "referral_date": referral, "factors": ["16A"]}
    return an_event("assessment.completed.v1", child, **{**defaults, **changes})


def an_s47(child: str | None = "C1", day: str = "2026-01-20", referral: str | None = "2026-01-05", **changes: Any) -> Event:
    """Return the start of a section 47 enquiry."""
    return an_event("s47.started.v1", child, **{"start_date": day, "referral_date": referral, **changes})


def a_cp_plan(child: str | None = "C1", day: str = "2026-02-02", referral: str | None = "2026-01-05", **changes: Any) -> Event:
    """Return the start of a child protection plan."""
    return an_event("cp_plan.started.v1", child, **{"start_date": day, "referral_date": referral, **changes})


def a_cin_plan(child: str | None = "C1", day: str = "2026-02-02", referral: str | None = "2026-01-05", **changes: Any) -> Event:
    """Return the start of a child in need plan."""
    return an_event("cin_plan.started.v1", child, **{"start_date": day, "referral_date": referral, **changes})


def a_document(
    child: str | None = "C1",
    day: str = "2026-01-06",
    referral: str | None = "2026-01-05",
    text: str = "There is domestic abuse in the home.",
    **changes: Any,
) -> Event:
    """Return the text of a referral."""
    defaults = {"written_date": day, "referral_date": referral, "kind": "referral", "text": text}
    return an_event("document.recorded.v1", child, **{**defaults, **changes})


def a_retraction(event: Event | str, day: str = "2026-03-05", **changes: Any) -> Event:
    """Return the retraction of an event, by itself or by its id."""
    event_id = event if isinstance(event, str) else event["id"]
    defaults = {"id": f"retraction/{event_id}/{day}", "event_id": event_id, "retraction_date": day}
    return an_event("record.retracted.v1", None, **{**defaults, **changes})


def siblings(*children: str, day: str = "2015-06-01", **changes: Any) -> Event:
    """Return a contact that states that these children are siblings of the first."""
    relations = [{"kind": "sibling_of", "subject": 0, "object": place} for place in range(1, len(children))]
    people = [a_child(child) for child in children]
    defaults = {"id": f"siblings/{'+'.join(children)}/{day}", "contact_date": day, "referral_source": "1A"}
    return an_event("contact.received.v1", None, **{**defaults, "people": people, "relations": relations, **changes})


def a_troubled_history(child: str = "C1") -> list[Event]:
    """Return what gives the last closure of `child`, on 2026-03-02, 8 points of the baseline: the threshold, and no more.

    Four referrals and three earlier closures in two years: 3 + 1 (four in five years) + 4 + 1 (three in five years), no plan: -1.
    """
    dates = [("2024-06-03", "2024-07-01"), ("2024-10-07", "2024-11-04"), ("2025-04-07", "2025-05-06")]
    earlier = [event for start, end in dates for event in (a_referral(child, start), a_closure(child, end, start))]
    return [*earlier, a_referral(child), a_closure(child)]


def changed(event: Event, **changes: Any) -> Event:
    """Return the same event with other data or another envelope; None takes a field away."""
    copy = deepcopy(event)
    for name, value in changes.items():
        where = copy if name in _ENVELOPE else copy["data"]
        where.pop(name, None)
        if value is not None:
            where[name] = value
    return copy


def arriving(event: Event, day: str) -> Event:
    """Return the event as it arrives in the morning of another day than it happened on."""
    return changed(event, arrivedtime=f"{day}T09:00:00Z")


def a_day(day: str) -> Event:
    """Return the entry with which a day begins where nothing else arrives."""
    return an_event(
        "day.started.v1", None, id=f"day/{day}", date=day, authority="*", source="/*/review", arrivedtime=f"{day}T00:00:00Z"
    )


# Through admit


@cache
def the_reader() -> Reader:
    """Return the reader of the project's lexicon; building one takes a while."""
    return Reader(load_lexicon(ROOT / "streams" / "lexicon"))


@cache
def a_desk(key_id: str = "t1", key: bytes = b"only for tests, 32 bytes or more") -> Desk:
    """Return what admit works with: a fixed secret and the seal of a review team that exists in tests only."""
    secret = Secret(key_id, key)
    return Desk(the_reader(), secret, Sealer(secret, REVIEW_PUBLIC))


def as_bytes(event: Mapping[str, Any]) -> bytes:
    """Return an event as a line of EVENTS."""
    return json.dumps(event, ensure_ascii=False).encode()


def decoded(event: Mapping[str, Any]) -> SourceEvent:
    """Return a structured event as admit decodes it."""
    return arrived_as_stated(decode(record_of_line("events.jsonl", 0, as_bytes(event))))


def admitted(event: Mapping[str, Any], desk: Desk | None = None) -> Entry:
    """Return the entry of one event."""
    return admit(record_of_line("events.jsonl", 0, as_bytes(event)), desk or a_desk(), arrived_as_stated).entry


def admit_events(events: Iterable[Mapping[str, Any]], partitions: int = 1) -> list[LogRecord]:
    """Return the log of the events, in the order in which they stand."""
    log: list[LogRecord] = []
    offsets: dict[int, int] = {}
    for number, event in enumerate(events):
        entry = admitted(event)
        for partition in partitions_of(entry.authority, partitions):
            offset = offsets.get(partition, 0)
            offsets[partition] = offset + 1
            log.append(LogRecord(partition=partition, offset=offset, key=record_key("events.jsonl", 0, number), value=entry))
    return log


# Through the fold


BASELINE = "baseline-1"


@cache
def a_stream(threshold: float | None = None, capacity: int | None = None, audit_share: float = 0.0) -> Stream:
    """Return the project's stream with the points table that one can add up by hand, and with what a test wants otherwise.

    Nothing is drawn by lot unless a test asks for it.
    """
    stream = load_stream("re_referral", ROOT / "streams", ROOT / "models")
    model = stream.models[BASELINE]
    if threshold is not None:
        model = model.model_copy(update={"threshold": threshold})
    changes = {"audit_share": audit_share, **({} if capacity is None else {"capacity_per_week": capacity})}
    policy = stream.definition.policy.model_copy(update=changes)
    return Stream(stream.definition.model_copy(update={"policy": policy, "model": BASELINE}), {**stream.models, BASELINE: model})


def fold_one(record: LogRecord, state: State, stream: Stream | None = None) -> Outcome:
    """Fold one record of the log over a state, and apply what it changes."""
    assert record.value is not None
    at = Position(partition=record.partition, offset=record.offset)
    outcome = step(record.value, at, lambda table, key: state.get((table, key)), stream or a_stream())
    state.update(outcome.changes)
    return outcome


def fold_all(records: Sequence[LogRecord], stream: Stream | None = None, state: State | None = None) -> list[Outcome]:
    """Fold the records of one partition and return what each caused."""
    state = {} if state is None else state
    return [fold_one(record, state, stream) for record in records]


def fold_events(*events: Event, stream: Stream | None = None, state: State | None = None) -> list[Outcome]:
    """Admit and fold events of one authority."""
    return fold_all(admit_events(events), stream, state)


def a_draft(state: State | None = None) -> Draft:
    """Return a draft over a state."""
    held = state or {}
    return Draft(lambda table, key: held.get((table, key)))


def scores_in(outcomes: Iterable[Outcome]) -> list[ScoreRecord]:
    """Return the score records of outcomes."""
    return [score for outcome in outcomes for score in outcome.scores]


def alerts_in(outcomes: Iterable[Outcome]) -> list[Alert]:
    """Return the alerts of outcomes, every revision."""
    return [alert for outcome in outcomes for alert in outcome.alerts if isinstance(alert, Alert)]


def notices_in(outcomes: Iterable[Outcome]) -> list[Notice]:
    """Return the notices of outcomes."""
    return [notice for outcome in outcomes for notice in outcome.alerts if isinstance(notice, Notice)]


def last_score(*events: Event, stream: Stream | None = None) -> ScoreRecord:
    """Return the last score record that a world of events gives."""
    return [score for outcome in fold_events(*events, stream=stream) for score in outcome.scores][-1]


def feature(name: str, *events: Event) -> float | None:
    """Return one feature of the last closure of a world of events."""
    return last_score(*events).features[name]
