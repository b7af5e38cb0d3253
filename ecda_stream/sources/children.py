"""From facts to source events: the child who links them, their deterministic ids, their order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ecda_stream.contract.canonical import hash_of, to_canonical_json
from ecda_stream.contract.events import PREFIX
from ecda_stream.sources.accounting import PERSON, Account, Leaf
from ecda_stream.sources.facts import Fact
from ecda_stream.sources.reading import SourceEvent

Given = Leaf | Sequence[Leaf] | None


@dataclass(frozen=True)
class Child:
    """The person of every event of one child, and the key that names the child in event ids."""

    key: str
    person: Mapping[str, Any]
    leaves: tuple[Leaf, ...]


def make_child(identifiers: Sequence[tuple[str, Leaf]], details: Mapping[str, Given], place: int) -> Child:
    """Return the child; `place` in the file stands in for a child without any identifier, whom admit will refuse."""
    person: dict[str, Any] = {"role": "child"}
    leaves = [leaf for _, leaf in identifiers]
    if identifiers:
        person["identifiers"] = [{"kind": kind, "value": leaf.value} for kind, leaf in identifiers]
    for name, given in details.items():
        if isinstance(given, Leaf):
            person[name] = given.value
            leaves.append(given)
        elif given:
            person[name] = [leaf.value for leaf in given]
            leaves.extend(given)
    for leaf in leaves:
        leaf.owned = True
    return Child(child_key(identifiers, place), person, tuple(leaves))


def child_key(identifiers: Sequence[tuple[str, Leaf]], place: int) -> str:
    """Return the la_child_id, else another identifier with its kind, else the place in the file."""
    for kind, leaf in identifiers:
        if kind == "la_child_id":
            return str(leaf.value)
    for kind, leaf in identifiers:
        return f"{kind}:{leaf.value}"
    return f"place:{place}"


def event_id(authority: str, child: str, type_name: str, key: Sequence[str]) -> str:
    """Return the id of an event: a hash of authority, child, type and natural key, without a date that can be corrected."""
    return hash_of(authority, child, type_name, *key)


def identify(facts: Sequence[Fact], authority: str, child: str) -> dict[str, Fact]:
    """Return the facts by event id; of two with one natural key and other content, the second gets the ordinal 2.

    Equal natural key and equal content is one fact said twice: both have one id, so the second changes nothing.
    """
    by_key: dict[tuple[str, tuple[str, ...]], list[Fact]] = {}
    for fact in facts:
        by_key.setdefault((fact.type_name, fact.key), []).append(fact)
    identified: dict[str, Fact] = {}
    for (type_name, key), twins in by_key.items():
        contents = sorted({to_canonical_json(twin.fields): twin for twin in twins}.items(), key=lambda pair: pair[1].content())
        for ordinal, (content, first) in enumerate(contents, start=1):
            own_id = event_id(authority, child, type_name, key if ordinal == 1 else (*key, str(ordinal)))
            identified[own_id] = first
            for twin in twins:
                if twin is not first and to_canonical_json(twin.fields) == content:
                    first.leaves.extend(twin.leaves)
    return identified


def to_event(own_id: str, fact: Fact, child: Child, authority: str, account: Account) -> SourceEvent:
    """Return the structured CloudEvent of a fact and account for the leaves it carries."""
    account.carry(PERSON, child.leaves)
    account.carry(fact.type_name, fact.leaves)
    account.events[fact.type_name] += 1
    return {
        "specversion": "1.0",
        "id": own_id,
        "source": f"/{authority}/social_care",
        "type": PREFIX + fact.type_name,
        "authority": authority,
        "data": {"people": [dict(child.person)], **fact.fields},
    }


def in_order(identified: Mapping[str, Fact]) -> Iterator[tuple[str, Fact]]:
    """Yield ids and facts by day, then by rank."""
    yield from sorted(identified.items(), key=lambda pair: pair[1].order)
