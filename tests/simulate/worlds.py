"""Small worlds for tests: simulated once, looked at by many."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from ecda_stream.simulate.authority import Authority, draw_authorities
from ecda_stream.simulate.family import KEY_LENGTH, Lived, Told, live_family, tell_family
from ecda_stream.simulate.rates import load_rates
from ecda_stream.simulate.world import World

START, END = date(2016, 4, 1).toordinal(), date(2026, 3, 31).toordinal()
CODES = ("881", "882", "883", "330")
SEED = 5


@cache
def a_world(seed: int = SEED) -> World:
    """Return ten years."""
    return World.of(seed, START, END, load_rates())


@cache
def authorities(seed: int = SEED) -> tuple[Authority, ...]:
    """Return four authorities, one of them with a system that sends dates only."""
    return draw_authorities(seed, CODES, 4000, load_rates())


@cache
def lived_families(count: int, seed: int = SEED) -> tuple[tuple[Authority, Lived], ...]:
    """Return what happened to so many families of each authority."""
    return tuple((one, live_family(number, one, a_world(seed))) for one in authorities(seed) for number in range(count))


@dataclass(frozen=True)
class Recorded:
    """What four authorities recorded, in the order of recording, and the truth."""

    told: tuple[tuple[Lived, Told], ...]
    lines: tuple[bytes, ...]
    events: tuple[dict[str, Any], ...]
    truth: dict[str, list[dict[str, Any]]]
    """By kind."""


@cache
def a_recorded_world() -> Recorded:
    """Return 150 families of each authority."""
    told = tuple((lived, tell_family(lived, one, a_world())) for one, lived in lived_families(150))
    lines = sorted(line for _, family in told for line in family.lines)
    truth: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for _, family in told:
        for line in family.truth:
            entry = json.loads(line)
            truth[entry["kind"]].append(entry)
    return Recorded(told, tuple(lines), tuple(json.loads(line[KEY_LENGTH:]) for line in lines), dict(truth))
