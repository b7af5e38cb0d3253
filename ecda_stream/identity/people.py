"""Who is one person: exact identifiers seen together, decided entry by entry, each link stamped with its position in the log.

A person is named after the entry that first showed one of its identifiers. When an entry shows that two persons are one, the later is
read together with the earlier from there on; no history moves. Where the identifiers contradict each other (two valid identifiers of a
kind that a child has one of) nothing is merged: the entry goes to the person of the most trusted identifier and carries the note
`identity-conflict`.
"""

from __future__ import annotations

from dataclasses import dataclass

from ecda_stream.contract.canonical import hash_of
from ecda_stream.contract.entry import Entry, EntryIdentifier, EntryPerson
from ecda_stream.state import Draft, as_of

ONE_EACH = ("la_child_id", "nhs_number", "upn", "uln")
"""Kinds that a person has one of, most trusted first; everything else is trusted less."""

CONFLICT = "identity-conflict"


@dataclass(frozen=True)
class Linked:
    """The persons of an entry, by place in `entry.people` (None: nobody can tell), and what was doubtful."""

    persons: tuple[str | None, ...]
    notes: tuple[str, ...]


def link(draft: Draft, entry: Entry, offset: int) -> Linked:
    """Find or found the person of each of the entry's people."""
    notes: list[str] = []
    persons = tuple(_link_one(draft, entry, person, offset, notes) for person in entry.people)
    if entry.type == "person.merged.v1":
        _merge(draft, [person for person in persons if person], offset)
    return Linked(tuple(person and root_of(draft, person, offset) for person in persons), tuple(dict.fromkeys(notes)))


def root_of(draft: Draft, person: str, offset: int) -> str:
    """Return the person under whose name this one is known at an offset."""
    while merged := as_of(draft.get("people", f"{person}/into"), offset):
        person = merged[-1][1]
    return person


def members_of(draft: Draft, person: str, offset: int) -> tuple[str, ...]:
    """Return the persons whose histories are read as this one's at an offset, itself first."""
    found = [person]
    for name in found:
        found.extend(other for _, other in as_of(draft.get("people", f"{name}/from"), offset) if other not in found)
    return tuple(found)


def first_seen(draft: Draft, person: str) -> tuple[int, str]:
    """Return the offset of the person's first entry and the name: the order of seniority."""
    seen = draft.get("people", person)
    return (seen[0][0] if seen else 0, person)


def _link_one(draft: Draft, entry: Entry, person: EntryPerson, offset: int, notes: list[str]) -> str | None:
    ranked = sorted(person.identifiers, key=_trust)
    if not ranked:
        return _found(draft, hash_of("person", entry.event_id, entry.type), [], offset) if person.role == "child" else None
    roots: dict[str, None] = {}
    for identifier in ranked:
        owner = as_of(draft.get("identifiers", identifier.token), offset)
        if owner:
            roots.setdefault(root_of(draft, owner[0][1], offset))
    if not roots:
        return _found(draft, hash_of("person", min(i.token for i in ranked)), ranked, offset)
    main, *others = roots
    for other in others:
        if _contradict(draft, main, _identifiers(draft, other, offset), offset):
            notes.append(CONFLICT)
        else:
            main = _merge(draft, [main, other], offset)
    _attach(draft, main, ranked, offset, notes)
    return main


def _trust(identifier: EntryIdentifier) -> tuple[int, str]:
    kind = identifier.kind
    return (ONE_EACH.index(kind) if kind in ONE_EACH else len(ONE_EACH), identifier.token)


def _found(draft: Draft, name: str, identifiers: list[EntryIdentifier], offset: int) -> str:
    _attach(draft, name, identifiers, offset, [])
    return name


def _attach(draft: Draft, person: str, identifiers: list[EntryIdentifier], offset: int, notes: list[str]) -> None:
    """Give the person the identifiers that nobody has yet, unless they contradict those it has.

    What this entry gave it when it was folded before is given again: one of the two tables may not have been written then.
    """
    if not as_of(draft.get("people", person), offset):
        draft.append("people", person, [offset, "founded", ""])
    for identifier in identifiers:
        owner = as_of(draft.get("identifiers", identifier.token), offset)
        if owner and owner[0] != [offset, person]:
            continue
        if not owner and _contradict(draft, person, [(identifier.kind, identifier.token)], offset):
            notes.append(CONFLICT)
            continue
        draft.append("identifiers", identifier.token, [offset, person])
        draft.append("people", person, [offset, identifier.kind, identifier.token])


def _identifiers(draft: Draft, person: str, offset: int) -> list[tuple[str, str]]:
    return [
        (kind, token)
        for member in members_of(draft, person, offset)
        for _, kind, token in as_of(draft.get("people", member), offset)
        if token
    ]


def _contradict(draft: Draft, person: str, identifiers: list[tuple[str, str]], offset: int) -> bool:
    own: dict[str, set[str]] = {}
    for kind, token in _identifiers(draft, person, offset):
        own.setdefault(kind, set()).add(token)
    return any(kind in ONE_EACH and kind in own and token not in own[kind] for kind, token in identifiers)


def _merge(draft: Draft, persons: list[str], offset: int) -> str:
    """Read the later persons together with the earliest from this offset on; return the earliest."""
    roots = sorted({root_of(draft, person, offset) for person in persons}, key=lambda name: first_seen(draft, name))
    senior, *juniors = roots
    for junior in juniors:
        draft.append("people", f"{senior}/from", [offset, junior])
        draft.append("people", f"{junior}/into", [offset, senior])  # last: whoever sees it takes the merging for done
    return senior
