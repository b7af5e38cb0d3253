"""`ecda-stream simulate`: invented authorities with a planted, known risk, as source events and the truth about them."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecda_stream.commands.exits import ExitCode, errors_as_exit_codes
from ecda_stream.commands.progress import counting
from ecda_stream.commands.records import Json, columns

if TYPE_CHECKING:
    from ecda_stream.simulate.comparison import Row
    from ecda_stream.simulate.run import Request, Summary

AUTHORITIES = "881,882,883,330,816,925,873,886"
MAIN_ROWS = 12
"""How many comparisons end the summary: those of return and of the ceiling."""


def simulate(
    out: Annotated[Path | None, typer.Option("--out", help="Folder for events.jsonl and truth.jsonl.", file_okay=False)] = None,
    authorities: Annotated[
        str, typer.Option("--authorities", help="Codes, largest first; the first has ten times the children of the last.")
    ] = AUTHORITIES,
    children: Annotated[int, typer.Option("--children", min=1, help="Children whom social care knows at some time.")] = 20_000,
    years: Annotated[int, typer.Option("--years", min=1, max=30, help="How many years are recorded.")] = 10,
    seed: Annotated[int, typer.Option("--seed", help="The same seed and options give the same bytes.")] = 7,
    start: Annotated[datetime, typer.Option("--start", help="The first day.", formats=["%Y-%m-%d"])] = datetime(2016, 4, 1),  # noqa: DTZ001
    processes: Annotated[
        int | None, typer.Option("--processes", min=1, help="Worker processes; they do not change the result.  [default: cores]")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Compare the world with the sourced rates; without --out, nothing is written.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Simulate years of casework of invented authorities: source events, and the truth that only a simulator knows.

    Everybody in them is invented. A model trained on them is for tests and demonstrations only.
    Exit codes: 0 ok, 1 failure, 2 usage, 4 a rate lies outside its tolerance (--check).
    """
    from ecda_stream.simulate.comparison import compare
    from ecda_stream.simulate.rates import load_rates
    from ecda_stream.simulate.run import Request

    if out is None and not check:
        raise typer.BadParameter("say where: --out DIR (or --check to compare only)", param_hint="--out")
    request = Request(seed, start.date(), years, _codes_of(authorities), children)
    with errors_as_exit_codes():
        summary = _run(request, out, processes or os.cpu_count() or 1)
        rows = compare(summary.observation, load_rates())
    _report(request, summary, rows, out, check, as_json)
    if check and (not rows or not all(row.holds for row in rows)):
        raise typer.Exit(ExitCode.THRESHOLD)


def _codes_of(authorities: str) -> tuple[str, ...]:
    codes = tuple(code.strip() for code in authorities.split(","))
    if any(not (code.isascii() and code.isalnum() and len(code) <= 12) for code in codes) or len(set(codes)) < len(codes):
        raise typer.BadParameter("codes of 1 to 12 letters or digits, each once, with commas", param_hint="--authorities")
    return codes


def _run(request: Request, out: Path | None, processes: int) -> Summary:
    from ecda_stream.simulate.run import simulate as simulate_world

    with counting("children") as one_child:

        def some_children(count: int) -> None:
            for _ in range(count):
                one_child()

        return simulate_world(request, out, processes, some_children, lambda: None)


def _report(request: Request, summary: Summary, rows: list[Row], out: Path | None, check: bool, as_json: bool) -> None:
    from ecda_stream.simulate.run import totals

    counted = totals(summary, request.authorities)
    if as_json:
        compared = [_as_json(row) for row in (rows if check else rows[:MAIN_ROWS])]
        typer.echo(json.dumps({**counted, "rates": compared}, sort_keys=True))
    elif check:
        typer.echo(_table(rows))
    shown = [(f"{counted[name]:>9}", name) for name in ("children", "families", "events") if counted[name]]
    shown += [(f"{count:>9}", f"  {kind}") for kind, count in summary.events.most_common()]
    typer.echo(columns(shown), err=True)
    if not check and rows:
        typer.echo(_table(rows[:MAIN_ROWS]), err=True)
    if check and not rows:
        typer.echo("nothing to compare: closures are compared from the third year to the middle of the ninth", err=True)
    if outside := [row.name.strip() for row in rows if not row.holds]:
        typer.echo(f"outside of what is allowed: {', '.join(outside)}", err=True)
    if out is not None:
        typer.echo(f"written to {out}: events.jsonl, truth.jsonl", err=True)


def _table(rows: list[Row]) -> str:
    head = ("simulated", "allowed", "", "what", "source")
    lines = [
        (f"{row.simulated:9.2f}", f"{row.lowest:.2f} to {row.highest:.2f}", "" if row.holds else "OUT", row.name, row.source)
        for row in rows
    ]
    return columns([head, *lines])


def _as_json(row: Row) -> dict[str, Any]:
    return {
        "name": row.name.strip(),
        "simulated": round(row.simulated, 3),
        "lowest": round(row.lowest, 3),
        "highest": round(row.highest, 3),
        "holds": row.holds,
        "source": row.source,
    }
