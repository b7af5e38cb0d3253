"""A whole world, family by family in worker processes: events.jsonl and truth.jsonl, or only what there is to count.

Families are independent of each other, and the order of the lines does not depend on who wrote them, so the same request gives the same
bytes on any number of processes. Memory holds one chunk of families for each process.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from math import ceil
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from ecda_stream.simulate.authority import Authority, draw_authorities
from ecda_stream.simulate.family import live_family, tell_family
from ecda_stream.simulate.observation import Observation, observe
from ecda_stream.simulate.rates import load_rates
from ecda_stream.simulate.spool import merge_runs, write_run
from ecda_stream.simulate.world import World

EVENTS, TRUTH = "events.jsonl", "truth.jsonl"
PART = ".part"
FAMILIES_A_CHUNK = 500
MOST_RUNS = 400
"""As many files are open while they are merged; a larger world has larger chunks."""
CHILDREN_A_FAMILY = 1.95
"""About; what is missing after a round is simulated in the next."""

OnChildren = Callable[[int], None]
OnLine = Callable[[], None]


@dataclass(frozen=True)
class Request:
    """What to simulate."""

    seed: int
    start: date
    years: int
    authorities: tuple[str, ...]
    children: int

    @property
    def end(self) -> date:
        """Return the last day."""
        try:
            after = self.start.replace(year=self.start.year + self.years)
        except ValueError:  # 29 February
            after = date(self.start.year + self.years, 3, 1)
        return date.fromordinal(after.toordinal() - 1)


@dataclass
class Summary:
    """What was simulated."""

    observation: Observation = field(default_factory=Observation)
    known: Counter[str] = field(default_factory=Counter)
    """Children by authority."""
    events: Counter[str] = field(default_factory=Counter)
    """By type."""


@dataclass(frozen=True)
class _Chunk:
    """Families of one authority, and where to put what is recorded of them (None: nowhere, only observe)."""

    seed: int
    start: int
    end: int
    authority: Authority
    families: tuple[int, ...]
    run: Path | None


@dataclass(frozen=True)
class _Done:
    """Children known in each family of a chunk, and what was observed."""

    known: tuple[int, ...]
    observation: Observation


def simulate(request: Request, out: Path | None, processes: int, on_children: OnChildren, on_line: OnLine) -> Summary:
    """Simulate a world; write its two files into the folder `out`, whole or not at all, or only observe it if there is none."""
    if out is None:
        return _World(request, None).live(processes, on_children)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".simulate-", dir=out) as scratch:
        world = _World(request, Path(scratch))
        summary = world.live(processes, on_children)
        parts = {name: out / (name + PART) for name in (EVENTS, TRUTH)}
        summary.events = merge_runs(world.runs, parts[EVENTS], world.authorities, world.start, world.end, on_line)
        with parts[TRUTH].open("wb") as truth:
            for run in world.runs:
                with run.with_suffix(".truth").open("rb") as lines:
                    truth.writelines(lines)
        for name, part in parts.items():
            part.replace(out / name)
    return summary


class _World:
    """Shares the families out and takes them until each authority has its children."""

    def __init__(self, request: Request, folder: Path | None) -> None:
        self.request = request
        self.start, self.end = request.start.toordinal(), request.end.toordinal()
        self.authorities = draw_authorities(request.seed, request.authorities, request.children, load_rates())
        self.runs: list[Path] = []
        self._folder = folder
        self._size = max(FAMILIES_A_CHUNK, ceil(request.children / CHILDREN_A_FAMILY / MOST_RUNS))

    def live(self, processes: int, on_children: OnChildren) -> Summary:
        """Run all families; the first round of every authority is under way before any is looked at."""
        summary = Summary()
        with _executor(processes) as executor:
            rounds = [self._submit(executor, authority, 0, authority.children) for authority in self.authorities]
            for authority, first in zip(self.authorities, rounds, strict=True):
                chunks, next_family, missing = first, 0, authority.children
                while missing:
                    for chunk, future in chunks:
                        done = self._take(executor, chunk, future.result(), missing)
                        missing -= sum(done.known)
                        summary.observation.add(done.observation)
                        summary.known[authority.code] += sum(done.known)
                        on_children(sum(done.known))
                        next_family = chunk.families[-1] + 1
                    chunks = self._submit(executor, authority, next_family, missing)
        return summary

    def _submit(self, executor: Executor, authority: Authority, first: int, missing: int) -> list[tuple[_Chunk, Future[_Done]]]:
        if not missing:
            return []
        last = first + ceil(missing / CHILDREN_A_FAMILY)
        chunks = []
        for start in range(first, last, self._size):
            run = self._folder / f"{authority.place:03d}-{start:07d}.run" if self._folder else None
            families = tuple(range(start, min(last, start + self._size)))
            chunk = _Chunk(self.request.seed, self.start, self.end, authority, families, run)
            chunks.append((chunk, executor.submit(_run_chunk, chunk)))
        return chunks

    def _take(self, executor: Executor, chunk: _Chunk, done: _Done, missing: int) -> _Done:
        """Take a chunk; of one that holds too many children, run again only the families that fit."""
        fitting = []
        room = missing
        for family, known in zip(chunk.families, done.known, strict=True):
            if 0 < known <= room:
                fitting.append(family)
                room -= known
        if len(fitting) < sum(known > 0 for known in done.known):
            done = executor.submit(
                _run_chunk, _Chunk(chunk.seed, chunk.start, chunk.end, chunk.authority, tuple(fitting), chunk.run)
            ).result()
        if chunk.run is not None:
            self.runs.append(chunk.run)
        return done


def _run_chunk(chunk: _Chunk) -> _Done:
    world = World.of(chunk.seed, chunk.start, chunk.end, load_rates())
    lines: list[bytes] = []
    truth: list[bytes] = []
    counts: list[int] = []
    observation = Observation()
    for number in chunk.families:
        lived = live_family(number, chunk.authority, world)
        seen = observe(lived, chunk.authority.code, world)
        if chunk.run is None:
            known = seen.children
        else:
            told = tell_family(lived, chunk.authority, world)
            known = told.known
            lines += told.lines
            truth += told.truth
        counts.append(known)
        if known:
            observation.add(seen)
    if chunk.run is not None:
        write_run(chunk.run, lines)
        chunk.run.with_suffix(".truth").write_bytes(b"".join(line + b"\n" for line in truth))
    return _Done(tuple(counts), observation)


@contextmanager
def _executor(processes: int) -> Iterator[Executor]:
    """Yield worker processes, or this one; fresh ones, because a fork of a process with threads may hang."""
    if processes <= 1:
        yield _Here()
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as executor:
        yield executor


class _Here(Executor):
    """Runs everything at once, in this process."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run it and return its result as a future."""
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


def totals(summary: Summary, authorities: Sequence[str]) -> dict[str, Any]:
    """Return the counts of a summary as JSON values."""
    return {
        "children": summary.known.total(),
        "children_by_authority": {code: summary.known[code] for code in authorities},
        "families": summary.observation.families,
        "events": summary.events.total(),
        "events_by_type": dict(sorted(summary.events.items())),
    }
