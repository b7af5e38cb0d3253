"""The entry: what one source event becomes in the event log, without a name, an identifier or a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, ValidationError

from ecda_stream.contract.base import Published
from ecda_stream.contract.canonical import hash_of
from ecda_stream.contract.fields import Authority, System
from ecda_stream.contract.finding import Finding
from ecda_stream.contract.people import RelationKind, Role
from ecda_stream.errors import InvalidEvent

Token = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]{1,12}_[0-9a-f]{32}$")]
"""`{key id}_{32 hexadecimal digits}`: a keyed hash of an identifier, 128 bits."""

FactValue = str | int | bool | float | list[str] | dict[str, int]


class EntryIdentifier(Published):
    """One usable identifier: its kind as the source names it, and its token."""

    kind: str
    token: Token


class EntryPerson(Published):
    """One person of an entry, as tokens; sex, ethnicity and disabilities are here for evaluation only."""

    role: Role
    identifiers: tuple[EntryIdentifier, ...] = ()
    age_months: int | None = None
    """Completed months of age on the day it happened; negative before birth."""
    death_date: date | None = None
    sex: str | None = None
    ethnicity: str | None = None
    disabilities: tuple[str, ...] = ()


class EntryRelation(Published):
    """A stated relation between two people of the entry, by their places."""

    kind: RelationKind
    subject: int
    object: int
    start_date: date | None = None
    end_date: date | None = None


class Document(Published):
    """What was read of a narrative."""

    kind: Literal["referral", "assessment", "closure"]
    words: Annotated[int, Field(ge=0)]
    findings: tuple[Finding, ...] = ()


class Entry(Published):
    """One entry of the event log; its position (partition, offset) is not in it, the log gives it."""

    event_id: Token
    type: str
    authority: Authority
    system: System
    happened_at: date
    recorded_at: datetime | None = None
    arrived_at: datetime
    revision: int | None = None
    people: tuple[EntryPerson, ...] = ()
    relations: tuple[EntryRelation, ...] = ()
    family: Token | None = None
    episode: Token | None = None
    referral_date: date | None = None
    facts: Mapping[str, FactValue] = {}
    document: Document | None = None
    sealed_reference: str | None = None
    """Source system, case and episode, encrypted to the review team's public key; only on closures."""
    set_aside: tuple[str, ...] = ()
    """`field:reason` of values that were not usable and did not cost the event."""
    notes: tuple[str, ...] = ()
    """Codes of the national validator's rules that this record breaks and that are queries, not errors."""
    lexicon: str | None = None
    """Digest of the lexicon, on entries with a document."""

    @property
    def children(self) -> tuple[EntryPerson, ...]:
        """Return the people whom the entry is about."""
        return tuple(person for person in self.people if person.role == "child")


class LogRecord(Published):
    """One line of a LOG file and one record of the log topic."""

    partition: Annotated[int, Field(ge=0)]
    offset: Annotated[int, Field(ge=0)]
    key: str
    value: Entry | None = None


def record_key(topic: str, partition: int, offset: int) -> str:
    """Return the log's key of a source record; a worker adds a lot to it, for it may append a record's entry twice."""
    return hash_of(topic, str(partition), str(offset))


def parse_entry(value: bytes) -> Entry:
    """Return the entry in a record of the log.

    Raises InvalidEvent `bad-entry`.
    """
    try:
        return Entry.model_validate_json(value)
    except ValidationError as error:
        raise InvalidEvent("bad-entry", f"{error.error_count()} problem(s)") from None
