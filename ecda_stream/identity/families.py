"""Families: the connected component of the relations that sources have stated, as known at a position of the log.

Relations are small and dated and lie with both people; a family has no record of its own, so nothing has to move when one grows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ecda_stream.contract.entry import Entry
from ecda_stream.identity.people import Linked, first_seen, members_of, root_of
from ecda_stream.state import Draft, as_of

LARGEST_FAMILY = 24
"""Beyond this many people a component is a hostel, a school or an error, and links nobody."""

CAPPED = "family-too-large"


@dataclass(frozen=True)
class Family:
    """The people of one family, by seniority, named by the earliest; `capped` if the component was too large to be one."""

    name: str
    members: tuple[str, ...]
    capped: bool = False


def relate(draft: Draft, entry: Entry, linked: Linked, offset: int) -> None:
    """Write the relations that an entry states to both people, and its family id as a relation to a hub."""
    for relation in entry.relations:
        one, other = linked.persons[relation.subject], linked.persons[relation.object]
        if one and other and one != other:
            ended = relation.end_date.isoformat() if relation.end_date else None
            _append_once(draft, one, other, ended, offset)
            _append_once(draft, other, one, ended, offset)
    if entry.family:
        for person in sorted({person for person in linked.persons if person}):
            _append_once(draft, person, entry.family, None, offset)
            _append_once(draft, entry.family, person, None, offset)


def family_of(draft: Draft, person: str, offset: int, on: date) -> Family:
    """Return the family of a person as known at an offset, without relations that had ended before the day `on`."""
    found: dict[str, None] = {root_of(draft, person, offset): None}
    hubs: set[str] = set()
    queue = list(found)
    for name in queue:
        for member in members_of(draft, name, offset):
            for _, other, ended in as_of(draft.get("families", member), offset):
                if ended is not None and ended < on.isoformat():
                    continue
                for relative in _through_hub(draft, other, hubs, offset):
                    root = root_of(draft, relative, offset)
                    if root not in found:
                        found[root] = None
                        queue.append(root)
        if len(found) > LARGEST_FAMILY:
            return Family(next(iter(found)), (next(iter(found)),), capped=True)
    members = tuple(sorted(found, key=lambda name: first_seen(draft, name)))
    return Family(members[0], members)


def _through_hub(draft: Draft, other: str, hubs: set[str], offset: int) -> list[str]:
    """Return the person itself, or the people behind a family id (a token has an underscore, a person's name has none)."""
    if "_" not in other:
        return [other]
    if other in hubs:
        return []
    hubs.add(other)
    return [relative for _, relative, _ in as_of(draft.get("families", other), offset)]


def _append_once(draft: Draft, one: str, other: str, ended: str | None, offset: int) -> None:
    stated = draft.get("families", one) or []
    if not any(item[1:] == [other, ended] and item[0] <= offset for item in stated):
        draft.append("families", one, [offset, other, ended])
