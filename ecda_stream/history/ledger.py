"""Which events are known: repetitions, corrections and retractions, by event id, each version with its position in the log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

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
    pages: tuple[tuple[str, int], ...]


def identify(draft: Draft, entry: Entry, names: tuple[str, ...], referral_date: date | None, offset: int) -> str:
    """Return the id under which the event is known: its own, or that of the first record of the same episode.

    `names` are all the names of its child. An event that is known under its own id keeps it, whatever a correction says.
    """
    if entry.type not in ONE_PER_EPISODE or not names or referral_date is None:
        return entry.event_id
    known_as = first_of(draft, names, entry.type, referral_date, offset)
    if known_as is None:
        draft.append("ledger", _episode_key(names[0], entry.type, referral_date), [offset, entry.event_id])
    if known_as is None or last_version(draft, entry.event_id, offset) is not None:
        known_as = entry.event_id
    if resolve(draft, entry.event_id, offset) != known_as:
        draft.append("ledger", f"alias/{entry.event_id}", [offset, known_as])
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
    offset, content, revision, pages = versions[-1]
    return Version(offset, content, revision, tuple((person, year) for person, year in pages))


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
    item = [version.offset, version.content, version.revision, [list(page) for page in version.pages]]
    versions = draft.get("ledger", f"event/{event_id}") or []
    if all(known[0] != version.offset for known in versions):
        draft.put("ledger", f"event/{event_id}", sorted([*versions, item], key=lambda known: known[0]))
