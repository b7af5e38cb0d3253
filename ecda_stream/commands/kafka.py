"""`ecda-stream kafka`: a real local Kafka, with no Docker and no Java to install."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from ecda_stream.commands.exits import ExitCode, errors_as_exit_codes
from ecda_stream.local.kafka import DEFAULT_DATA_DIR, DEFAULT_PORT

app = typer.Typer(
    name="kafka",
    no_args_is_help=True,
    help="Start, stop and look at a real local Kafka (one node, loopback only, for demos and tests).",
    epilog="Example: ecda-stream kafka start && ecda-stream topics create",
)

Data = Annotated[Path, typer.Option("--data", help="Folder for its settings, log and records.", file_okay=False)]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]


@app.command(epilog="Example: ecda-stream kafka start --port 19093 --data .ecda/second")
def start(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1; 0 chooses a free one.")] = DEFAULT_PORT,
    data: Data = DEFAULT_DATA_DIR,
    as_json: Json = False,
) -> None:
    """Start the broker in the background; returns once a record went in and came out. The first start fetches Kafka."""
    from ecda_stream.local import kafka

    with errors_as_exit_codes():
        broker = kafka.start(data, port or None, on_progress=_progress)
    _print(asdict(broker), as_json, f"{broker.bootstrap}")


@app.command(epilog="Example: ecda-stream kafka stop --data .ecda/second")
def stop(data: Data = DEFAULT_DATA_DIR, as_json: Json = False) -> None:
    """Stop the broker of this data folder, and no other; its records stay. Not running is not an error."""
    from ecda_stream.local import kafka

    with errors_as_exit_codes():
        was_running = kafka.stop(data)
    _print({"was_running": was_running}, as_json, "stopped" if was_running else "was not running")


@app.command(epilog="Example: ecda-stream kafka status --json")
def status(data: Data = DEFAULT_DATA_DIR, as_json: Json = False) -> None:
    """Say whether the broker of this data folder runs. Exit code 0: it answers, 5: it does not."""
    from ecda_stream.local import kafka

    now = kafka.status(data)
    state = "answers" if now.answers else "runs but does not answer" if now.running else "not running"
    _print(asdict(now), as_json, f"{state} {now.bootstrap or ''}".strip())
    raise typer.Exit(ExitCode.OK if now.answers else ExitCode.UNREACHABLE)


def _progress(message: str) -> None:
    typer.echo(message, err=True)


def _print(values: dict[str, Any], as_json: bool, text: str) -> None:
    typer.echo(json.dumps(values, default=str) if as_json else text)
