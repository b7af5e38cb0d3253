"""Families: the connected component of the relations that sources have stated, as known at a position of the log.

Relations are small and dated and lie with both people; a family has no record of its own, so nothing has to move when one grows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from ecda_stream.contract.entry import Entry
from ecda_stream.identity.people import Linked, first_seen, members_of, root_of
from ecda_stream.state import Draft, as_of

LARGEST_FAMILY = 24
"""Beyond this many people a component is a hostel, a school or an error, and links nobody."""

MOST_RELATIVES = 2 * LARGEST_FAMILY
"""Beyond this many people whom one is stated to be related to, no further one is kept; a family that reaches this far is capped."""

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
            _state(draft, one, other, relation.kind, ended, offset)
            _state(draft, other, one, relation.kind, ended, offset)
    if entry.family:
        for person in sorted({person for person in linked.persons if person}):
            _state(draft, person, entry.family, "family_id", None, offset)
            _state(draft, entry.family, person, "family_id", None, offset)


def family_of(draft: Draft, person: str, offset: int, on: date) -> Family:
    """Return the family of a person as known at an offset, without relations that had ended before the day `on`."""
    found: dict[str, None] = {root_of(draft, person, offset): None}
    hubs: set[str] = set()
    queue = list(found)
    for name in queue:
        stated = _stated(draft, name, offset)
        if _is_full(stated):
            return _alone(found)
        for (other, _), ended in stated.items():
            if ended is not None and ended < on.isoformat():
                continue
            for relative in _through_hub(draft, other, hubs, offset):
                if relative not in found:
                    found[relative] = None
                    queue.append(relative)
        if len(found) > LARGEST_FAMILY:
            return _alone(found)
    members = tuple(sorted(found, key=lambda name: first_seen(draft, name)))
    return Family(members[0], members)


def _alone(found: Mapping[str, None]) -> Family:
    person = next(iter(found))
    return Family(person, (person,), capped=True)


def _through_hub(draft: Draft, other: str, hubs: set[str], offset: int) -> list[str]:
    """Return the person itself, or the people behind a family id."""
    if not _is_hub(other):
        return [other]
    if other in hubs:
        return []
    hubs.add(other)
    return [relative for relative, _ in _stated(draft, other, offset)]


def _is_hub(name: str) -> bool:
    """Return whether a name is a family id: a token has an underscore, a person's name has none."""
    return "_" in name


def _stated(draft: Draft, one: str, offset: int) -> dict[tuple[str, str], str | None]:
    """Return to whom and how one is related as known at an offset, under every name of both, and the end as stated last."""
    names = members_of(draft, one, offset)
    items = [item for name in names for item in as_of(draft.get("families", name), offset)]
    if len(names) > 1:
        items.sort(key=lambda item: int(item[0]))
    return {(other if _is_hub(other) else root_of(draft, other, offset), kind): ended for _, other, kind, ended in items}


def _state(draft: Draft, one: str, other: str, kind: str, ended: str | None, offset: int) -> None:
    """Write a relation that is new, or whose end is; somebody with too many gets no new one, so that no list grows without bound."""
    stated = _stated(draft, one, offset)
    if _is_full(stated) and (other, kind) not in stated:
        return
    if stated.get((other, kind), ...) != ended:
        draft.append("families", one, [offset, other, kind, ended])


def _is_full(stated: Mapping[tuple[str, str], str | None]) -> bool:
    return len(stated) >= MOST_RELATIVES and len({other for other, _ in stated}) >= MOST_RELATIVES
