"""Which events are known: repetitions, corrections and retractions, by event id, each version with its position in the log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from ecda_stream.contract.canonical import hash_of
from ecda_stream.contract.entry import Entry
from ecda_stream.history.fact import content_of
from ecda_stream.state import Draft, as_of

News = Literal["new", "correction", "duplicate", "stale"]

ONE_PER_EPISODE = frozenset({"closure.recorded.v1", "referral.received.v1"})
"""Types whose natural key is the episode: two records of the same episode are the same event, whatever their ids."""


@dataclass(frozen=True)
class Version:
    """One version of an event: where its facts lie; `content` None is a retraction."""

    offset: int
    content: str | None
    revision: int | None
    pages: tuple[tuple[str, str], ...]
    """Person and month of each fact."""
    type: str


def own_id(draft: Draft, entry: Entry, offset: int) -> str:
    """Return the entry's id, or one made of it and the type where an event of another type came under that id first.

    A system that numbers each of its tables from 1 gives a contact and a referral the same id; neither corrects the other.
    """
    first = as_of(draft.get("ledger", f"alias/{entry.event_id}"), offset) or as_of(
        draft.get("ledger", f"event/{entry.event_id}"), offset
    )
    if not first or first[0][-1] == entry.type:
        return entry.event_id
    name = f"{entry.event_id.rpartition('_')[0]}_{hash_of(entry.event_id, entry.type)}"
    if name not in _namesakes(draft, entry.event_id, offset):
        draft.append("ledger", f"namesakes/{entry.event_id}", [offset, name])
    return name


def known_under(draft: Draft, event_id: str, offset: int) -> tuple[str, ...]:
    """Return the ids of all events that came under an id, one for each type, as they are known at an offset."""
    return tuple(dict.fromkeys(resolve(draft, name, offset) for name in (event_id, *_namesakes(draft, event_id, offset))))


def _namesakes(draft: Draft, event_id: str, offset: int) -> list[str]:
    return [name for _, name in as_of(draft.get("ledger", f"namesakes/{event_id}"), offset)]


def identify(draft: Draft, entry: Entry, own: str, names: tuple[str, ...], referral_date: date | None, offset: int) -> str:
    """Return the id under which the event is known: its own, or that of the first record of the same episode.

    `names` are all the names of its child. An event that is known under its own id keeps it, whatever a correction says.
    """
    if entry.type not in ONE_PER_EPISODE or not names or referral_date is None:
        return own
    known_as = first_of(draft, names, entry.type, referral_date, offset)
    if known_as is None:
        draft.append("ledger", _episode_key(names[0], entry.type, referral_date), [offset, own])
    if known_as is None or last_version(draft, own, offset) is not None:
        known_as = own
    if resolve(draft, own, offset) != known_as:
        draft.append("ledger", f"alias/{own}", [offset, known_as, entry.type])
    return known_as


def resolve(draft: Draft, event_id: str, offset: int) -> str:
    """Return the id under which an event id is known at an offset."""
    known_as = as_of(draft.get("ledger", f"alias/{event_id}"), offset)
    return str(known_as[-1][1]) if known_as else event_id


def first_of(draft: Draft, names: tuple[str, ...], kind: str, referral_date: date, offset: int) -> str | None:
    """Return the id of the first event of a type known of an episode, under any name of its child."""
    known = [item for name in names for item in as_of(draft.get("ledger", _episode_key(name, kind, referral_date)), offset)]
    return str(min(known)[1]) if known else None


def _episode_key(person: str, kind: str, referral_date: date) -> str:
    return f"episode/{person}/{kind}/{referral_date.isoformat()}"


def referral_date_of(draft: Draft, entry: Entry, offset: int) -> date | None:
    """Return the referral date of the entry's episode: stated, or what the source said before of this episode id."""
    if entry.episode is None:
        return entry.referral_date
    key = f"episode_id/{entry.episode}"
    if entry.referral_date is not None:
        known = as_of(draft.get("ledger", key), offset)
        if not known or known[-1][1] != entry.referral_date.isoformat():
            draft.append("ledger", key, [offset, entry.referral_date.isoformat()])
        return entry.referral_date
    known = as_of(draft.get("ledger", key), offset)
    return date.fromisoformat(known[-1][1]) if known else None


def last_version(draft: Draft, event_id: str, before: int) -> Version | None:
    """Return the version known before an offset."""
    versions = as_of(draft.get("ledger", f"event/{event_id}"), before - 1)
    if not versions:
        return None
    offset, content, revision, pages, kind = versions[-1]
    return Version(offset, content, revision, tuple((person, month) for person, month in pages), kind)


def classify(entry: Entry, last: Version | None) -> News:
    """Tell whether an entry is news: a higher revision wins; without one, what stands later in the log."""
    if last is None or last.content is None:
        return "new"
    if last.content == content_of(entry):
        return "duplicate"
    if entry.revision is not None and last.revision is not None and entry.revision < last.revision:
        return "stale"
    return "correction"


def write_version(draft: Draft, event_id: str, version: Version) -> None:
    """Append a version; the same one a second time changes nothing."""
    item = [version.offset, version.content, version.revision, [list(page) for page in version.pages], version.type]
    versions = draft.get("ledger", f"event/{event_id}") or []
    if all(known[0] != version.offset for known in versions):
        draft.put("ledger", f"event/{event_id}", sorted([*versions, item], key=lambda known: known[0]))
