"""An authority with 200 closures a day, as entries of the log: usual days, and days on which something is broken."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal

from ecda_stream.contract.canonical import hash_of
from ecda_stream.contract.entry import Document, Entry, EntryIdentifier, EntryPerson, LogRecord

Fault = Literal["none", "empty histories", "doubled alert rate", "lost texts"]

AUTHORITY = "881"
CLOSURES_A_DAY = 200
TROUBLED_SHARE, KNOWN_SHARE, TEXT_SHARE, REFERRAL_SHARE = 0.06, 0.55, 0.9, 0.99
EPISODE_DAYS = 20
TROUBLE_DAYS_BEFORE = ((600, 570), (450, 420), (300, 270))
"""Referral and closure of three earlier episodes, before the last closing day: with the last one 8 points of the baseline."""


def an_entry(kind: str, number: int, day: date, name: str, **changes: Any) -> Entry:
    """Return an entry about one invented person, arriving in the evening of the day on which it happened."""
    person = EntryPerson(
        role="child", identifiers=(EntryIdentifier(kind="la_child_id", token=a_token("person", number)),), age_months=90
    )
    return Entry(
        event_id=a_token(kind, f"{number}/{name}"),
        type=kind,
        authority=AUTHORITY,
        system="case_system",
        happened_at=day,
        arrived_at=datetime.combine(day, time(18), UTC),
        people=(person,),
        **changes,
    )


def a_token(*parts: object) -> str:
    """Return a token of the form that admit makes."""
    return f"t1_{hash_of(*map(str, parts))}"


def an_episode(
    number: int, referred: date, closed: date, name: str, *, with_referral: bool = True, with_text: bool = True
) -> Iterator[Entry]:
    """Yield referral, text and closure."""
    at: dict[str, Any] = {"referral_date": referred}
    if with_referral:
        yield an_entry("referral.received.v1", number, referred, name, facts={"referral_source": "2A"}, **at)
    if with_text:
        yield an_entry("document.recorded.v1", number, referred, name, document=Document(kind="referral", words=80), lexicon="x", **at)
    yield an_entry("closure.recorded.v1", number, closed, name, facts={"closure_reason": "RC7"}, **at)


def closures_of(day: date, first: int, fault: Fault, draw: random.Random) -> Iterator[Entry]:
    """Yield the entries of the people whose cases close on a day."""
    for number in range(first, first + CLOSURES_A_DAY):
        if fault == "empty histories":
            yield an_entry("closure.recorded.v1", number, day, "last", facts={"closure_reason": "RC7"})
            continue
        chance = draw.random()
        if chance < TROUBLED_SHARE * (2 if fault == "doubled alert rate" else 1):
            for place, (referred_before, closed_before) in enumerate(TROUBLE_DAYS_BEFORE):
                yield from an_episode(
                    number, day - timedelta(days=referred_before), day - timedelta(days=closed_before), f"earlier{place}"
                )
        elif chance < KNOWN_SHARE:
            yield from an_episode(number, day - timedelta(days=900), day - timedelta(days=870), "earlier")
        with_text = draw.random() < TEXT_SHARE and fault != "lost texts"
        with_referral = draw.random() < REFERRAL_SHARE
        referred = day - timedelta(days=EPISODE_DAYS)
        yield from an_episode(number, referred, day, "last", with_referral=with_referral, with_text=with_text)


def days_of(first_day: date, days: int, fault: Fault, seed: int, loaded_on: date) -> list[Entry]:
    """Return the entries of people whose cases close on these days, in order of arrival.

    What happened before a day is loaded on that day at once, as a history is: its closures arrive too late to count or to alert.
    """
    loaded_at = datetime.combine(loaded_on, time(9), UTC)
    draw = random.Random(f"{seed}/{first_day}/{fault}")
    entries = [
        entry
        for number in range(days)
        for entry in closures_of(first_day + timedelta(days=number), (seed * 1000 + number) * CLOSURES_A_DAY, fault, draw)
    ]
    entries.sort(key=lambda entry: entry.arrived_at)
    return [entry if entry.arrived_at >= loaded_at else entry.model_copy(update={"arrived_at": loaded_at}) for entry in entries]


def as_log(entries: list[Entry], first_offset: int = 0) -> list[LogRecord]:
    """Return the entries as records of one partition."""
    return [
        LogRecord(partition=0, offset=offset, key=hash_of(entry.event_id), value=entry)
        for offset, entry in enumerate(entries, start=first_offset)
    ]
