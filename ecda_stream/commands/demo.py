"""`ecda-stream demo`: the whole path on this machine, from ten simulated years through a real Kafka to alerts a reviewer can read."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecda_stream.commands.exits import errors_as_exit_codes

if TYPE_CHECKING:
    from ecda_stream.commands.processes import Demo

AUTHORITIES = ("881", "882", "883", "330", "816", "925", "873", "886")
START, YEARS, SEED = date(2016, 4, 1), 10, 11
"""Another seed than the released model was trained with."""
LIVE_DAYS = 28
LONGEST_SECONDS = 600.0


def demo(
    keep: Annotated[bool, typer.Option("--keep", help="Leave Kafka and the workers running.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="End with the summary as one JSON object on the last line of stdout.")
    ] = False,
    children: Annotated[int, typer.Option("--children", min=100, help="How many children the simulated authorities know.")] = 1000,
    data: Annotated[Path, typer.Option("--data", help="Folder for Kafka's data, secrets and logs; emptied first.")] = Path(
        ".ecda/demo"
    ),
) -> None:
    """Publish ten simulated years of eight authorities through a real local Kafka, the last four weeks day by day as if live.

    Records arrive when they were recorded. Everybody is invented. Starts Kafka and both workers, and stops what it started.

    Examples: ecda-stream demo · ecda-stream demo --json · ecda-stream demo --keep · ecda-stream demo --children 4000
    """
    from ecda_stream.commands.processes import Demo
    from ecda_stream.errors import Unavailable
    from ecda_stream.local import kafka

    with errors_as_exit_codes():
        started = time.monotonic()
        if kafka.status(data / "kafka").running:
            raise Unavailable(f"a demo is still running there; stop its workers, then: ecda-stream kafka stop --data {data / 'kafka'}")
        shutil.rmtree(data, ignore_errors=True)
        with Demo(data, say, keep=keep, arrive="recorded") as running:
            summary = _run(running, children, data, started)
        if keep:
            say(running.how_to_go_on())
        if as_json:
            print(json.dumps(summary))


def say(message: str) -> None:
    """Tell the person in front of the screen how far it is."""
    print(message, file=sys.stderr, flush=True)


def _run(running: Demo, children: int, data: Path, started: float) -> dict[str, Any]:
    from ecda_stream.commands.demo_report import report

    running.start()
    events = _simulate(children, data / "world")
    published = 0
    live_from = _last_day(events) - timedelta(days=LIVE_DAYS - 1)
    for day, lines in _by_day(events, live_from):
        number = running.publish(lines)
        say(
            f"{number} events of the years before published" if day < live_from else f"  {day:%a %d %b %Y}: {number} events, as if live"
        )
        running.wait_until_through(LONGEST_SECONDS)
        published += number
    return report(running, events, published, live_from, started)


def _simulate(children: int, out: Path) -> Path:
    import os

    from ecda_stream.simulate.run import EVENTS, Request, simulate

    say(f"simulating {YEARS} years of {children} children in {len(AUTHORITIES)} authorities ...")
    request = Request(SEED, START, YEARS, AUTHORITIES, children)
    simulate(request, out, os.cpu_count() or 1, lambda children: None, lambda: None)
    return out / EVENTS


def _by_day(events: Path, live_from: date) -> Iterator[tuple[date, Iterable[bytes]]]:
    """Yield the lines recorded before a day as one, and those from then on day by day; the file is in order of recording."""
    with events.open("rb") as lines:
        before = live_from - timedelta(days=1)
        for day, recorded in groupby(_dated(lines), key=lambda dated: max(dated[0], before)):
            yield day, (line for _, line in recorded)


def _dated(lines: Iterable[bytes]) -> Iterator[tuple[date, bytes]]:
    """Yield each line with the day on which it was recorded; one that does not say was recorded after the one before it."""
    day = date.min
    for line in lines:
        recorded = json.loads(line).get("recordedtime")
        if recorded is not None:
            day = max(day, datetime.fromisoformat(recorded).date())
        yield day, line


def _last_day(events: Path) -> date:
    with events.open("rb") as lines:
        return max(day for day, _ in _dated(lines))
