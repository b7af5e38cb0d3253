"""A fact: one version of one entry about one person, as history keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ecda_stream.contract.canonical import digest
from ecda_stream.contract.entry import Document, Entry, FactValue

_NOT_CONTENT = {"arrived_at", "recorded_at", "revision", "sealed_reference", "set_aside", "system", "event_id"}


@dataclass(frozen=True)
class Fact:
    """What an entry said, when it happened, where it stands in the log, and from where on it no longer held."""

    offset: int
    event_id: str
    type: str
    day: date
    referral_date: date | None
    """The episode: episodes of one child with equal referral date are one."""
    facts: Mapping[str, FactValue]
    document: Document | None
    age_months: int | None
    notes: tuple[str, ...] = ()
    lexicon: str | None = None
    ended_at: int | None = field(default=None)
    """The offset of the correction or retraction that ended it."""

    @classmethod
    def of(cls, entry: Entry, event_id: str, offset: int, referral_date: date | None, age_months: int | None) -> Fact:
        """Return the fact that an entry states about one child."""
        return cls(
            offset=offset,
            event_id=event_id,
            type=entry.type,
            day=entry.happened_at,
            referral_date=referral_date,
            facts=entry.facts,
            document=entry.document,
            age_months=age_months,
            notes=entry.notes,
            lexicon=entry.lexicon,
        )

    def holds_at(self, offset: int) -> bool:
        """Return whether it was known at an offset: learnt at or before it, and not ended by then."""
        return self.offset <= offset and (self.ended_at is None or self.ended_at > offset)

    def to_json(self) -> list[Any]:
        """Return the fact as a list, short because it is written on every entry."""
        return [
            self.offset,
            self.event_id,
            self.type,
            self.day.isoformat(),
            self.referral_date and self.referral_date.isoformat(),
            dict(self.facts),
            self.document and self.document.model_dump(mode="json"),
            self.age_months,
            list(self.notes),
            self.lexicon,
            self.ended_at,
        ]

    @classmethod
    def from_json(cls, item: list[Any]) -> Fact:
        """Return the fact of `to_json`."""
        offset, event_id, kind, day, referral_date, facts, document, age_months, notes, lexicon, ended_at = item
        return cls(
            offset,
            event_id,
            kind,
            date.fromisoformat(day),
            date.fromisoformat(referral_date) if referral_date else None,
            facts,
            Document.model_validate(document) if document else None,
            age_months,
            tuple(notes),
            lexicon,
            ended_at,
        )


def content_of(entry: Entry) -> str:
    """Return the digest of what an entry says, without when and how it came: equal content under one id is a repetition."""
    return digest(entry.model_dump(mode="json", exclude_none=True, exclude=_NOT_CONTENT))
