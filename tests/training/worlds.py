"""Small invented worlds with a planted signal, as source events with their truth; everybody in them is made up."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

from ecda_stream.contract.canonical import to_canonical_json
from ecda_stream.contract.entry import LogRecord
from ecda_stream.definition import StreamDefinition
from tests.builders import Event, a_child, a_closure, a_cp_plan, a_referral, a_stream, admit_events, an_event

FIRST = date(2015, 1, 5)


@dataclass
class World:
    """Events in order of happening, and what is true about them."""

    events: list[Event] = field(default_factory=list)
    truth: list[dict[str, Any]] = field(default_factory=list)


def a_world(
    families: int = 150, years: int = 8, seed: int = 1, authorities: tuple[str, ...] = ("881", "882"), *, unlinked: bool = False
) -> World:
    """Return families of two children each, whose returns depend on missing episodes in the year before, and on nothing else.

    `unlinked`: the missing episodes come under a number that no other record has, so that nobody can link them but the truth.
    """
    lots = Random(seed)
    world = World()
    for number in range(families):
        authority = authorities[number % len(authorities)]
        children = [f"F{seed}-{number}-{place}" for place in "ab"]
        people = [a_child(child, birth_date="2008-06-01") for child in children]
        relations = [{"kind": "sibling_of", "subject": 0, "object": 1}]
        met = FIRST + timedelta(days=lots.randrange(60))
        world.events.append(
            an_event(
                "contact.received.v1",
                None,
                id=f"met/{number}/{seed}",
                **_from(authority),
                contact_date=met.isoformat(),
                referral_source="1A",
                people=people,
                relations=relations,
            )
        )
        for child in children:
            for kind, value in (("la_child_id", child), ("police:nominal", f"N-{child}")):
                world.truth.append(
                    {
                        "kind": "identifier",
                        "authority": authority,
                        "agency": "social_care",
                        "identifier_kind": kind,
                        "value": value,
                        "person": child,
                        "family": f"F{number}",
                    }
                )
            _live(
                world,
                child,
                f"F{number}",
                authority,
                lots,
                FIRST + timedelta(days=lots.randrange(60, 700)),
                FIRST.year + years,
                unlinked,
            )
    world.events.sort(key=lambda event: (_day(event), event["id"]))
    return world


def _live(world: World, child: str, family: str, authority: str, lots: Random, referred: date, last_year: int, unlinked: bool) -> None:
    """One childhood: referral, closure, and again; more missing episodes make a worse return likelier."""
    plan = False
    while referred.year < last_year:
        number = lots.choice((0, 0, 0, 1, 2, 4))
        for place in range(number):
            gone = referred + timedelta(days=3 + 5 * place)
            event = an_event(
                "missing.started.v1",
                None,
                id=f"missing/{child}/{gone}",
                missing_type="M",
                start_date=gone.isoformat(),
                **_from(authority),
            )
            told = {"identifiers": [{"kind": "police:nominal", "value": f"N-{child}"}]} if unlinked else {}
            event["data"]["people"] = [a_child(child, birth_date="2008-06-01", **told)]
            world.events.append(event)
        chance = 1 / (1 + math.exp(3.2 - 1.1 * number))
        noise = lots.random()
        escalates = noise < chance
        closed = referred + timedelta(days=lots.randrange(30, 90))
        day = referred.isoformat()
        people = [a_child(child, birth_date="2008-06-01")]
        world.events.append(a_referral(None, day, id=f"referral/{child}/{day}", people=people, **_from(authority)))
        if plan:
            start = (referred + timedelta(days=lots.randrange(5, 25))).isoformat()
            world.events.append(a_cp_plan(None, start, day, id=f"plan/{child}/{day}", people=people, **_from(authority)))
        closure = a_closure(None, closed.isoformat(), day, id=f"closure/{child}/{day}", people=people, **_from(authority))
        world.events.append(closure)
        returns = escalates or lots.random() < 0.2
        world.truth.append(
            {
                "kind": "closure",
                "authority": authority,
                "source": closure["source"],
                "event_id": closure["id"],
                "person": child,
                "family": family,
                "closing_day": closed.isoformat(),
                "probability": chance,
                "probability_observable": chance,
                "returned": returns,
                "to_s47": escalates,
                "escalated": escalates,
            }
        )
        plan = escalates
        referred = closed + timedelta(days=lots.randrange(20, 360) if returns else lots.randrange(400, 900))


def _from(authority: str) -> dict[str, str]:
    return {"authority": authority, "source": f"/{authority}/case_system"}


def _day(event: Event) -> str:
    data = event["data"]
    for name in ("closure_date", "start_date", "contact_date", "referral_date"):
        if name in data and not (name == "referral_date" and "closure_date" in data):
            return str(data[name])
    raise AssertionError(event["type"])


def write_log(path: Path, events: Iterable[Event], partitions: int = 4) -> Path:
    """Write the LOG of events, sorted by partition and offset as `admit` writes it."""
    return write_records(path, admit_events(events, partitions))


def write_records(path: Path, records: Iterable[LogRecord]) -> Path:
    """Write records as a LOG."""
    ordered = sorted(records, key=lambda record: (record.partition, record.offset))
    path.write_bytes(b"".join(to_canonical_json(record) + b"\n" for record in ordered))
    return path


def write_truth(path: Path, truth: Iterable[dict[str, Any]]) -> Path:
    """Write a truth.jsonl."""
    path.write_bytes(b"".join(to_canonical_json(line) + b"\n" for line in truth))
    return path


def the_definition() -> StreamDefinition:
    """Return the project's own definition."""
    return a_stream().definition
