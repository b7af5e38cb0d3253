"""`ecda-stream import`: files of the formats that councils have, as source events.

Events go to stdout, into a file or straight to Kafka; progress, warnings and the reconciliation go to stderr.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecda_stream.commands.exits import ExitCode, errors_as_exit_codes

if TYPE_CHECKING:
    from ecda_stream.sources.accounting import Account

app = typer.Typer(
    name="import",
    no_args_is_help=True,
    help="Turn files into source events. Every element of a file ends in an event or on a list of what was left out, with the reason.",
    epilog="Exit codes: 0 ok, 1 unreadable file, 2 usage, 3 reconciliation not balanced, 5 broker unreachable.",
)

DEFAULT_BOOTSTRAP = "127.0.0.1:19092"
_PROGRESS_EVERY = 500

Authority = Annotated[str, typer.Option("--authority", help="The local authority code, such as 881; it wins over the file's own.")]
Out = Annotated[Path | None, typer.Option("--out", help="Write the events to this file, one JSON object a line.", dir_okay=False)]
Publish = Annotated[bool, typer.Option("--publish", help="Publish to Kafka instead of writing.")]
Bootstrap = Annotated[str, typer.Option("--bootstrap", help="A broker, as host:port (with --publish).")]
Json = Annotated[bool, typer.Option("--json", help="End stderr with the reconciliation as one line of JSON instead of the table.")]


@app.command("cin-census", epilog="Example: ecda-stream import cin-census cin_2026.xml --authority 881 --out events.jsonl")
def cin_census(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="CIN census XML, collections 2017 to 2026.", exists=True, dir_okay=False)
    ],
    authority: Authority,
    out: Out = None,
    publish: Publish = False,
    bootstrap: Bootstrap = DEFAULT_BOOTSTRAP,
    as_json: Json = False,
) -> None:
    """Import children in need census returns. Events are in order of happening within each child."""
    from ecda_stream.sources.accounting import Account
    from ecda_stream.sources.cin_census import read_cin_census

    account = Account()

    def events() -> Iterator[dict[str, Any]]:
        for file in files:
            with _opened(file) as stream:
                yield from read_cin_census(stream, authority=authority, account=account)

    _deliver(events(), account, authority, out, bootstrap if publish else None, as_json)


@app.command(
    "dfe-api",
    epilog="Example: ecda-stream import dfe-api --authority 925 --snapshot --previous monday.json tuesday.json --publish",
)
def dfe_api(
    new: Annotated[
        Path, typer.Argument(metavar="NEW.json", help="A payload of the DfE's children's social care API.", exists=True, dir_okay=False)
    ],
    authority: Authority,
    snapshot: Annotated[
        bool | None, typer.Option("--snapshot/--delta", help="Whether NEW holds every child, or only what changed.", show_default=False)
    ] = None,
    previous: Annotated[
        Path | None,
        typer.Option("--previous", help="The payload before it; without one, everything is new.", exists=True, dir_okay=False),
    ] = None,
    day: Annotated[
        datetime | None, typer.Option("--date", help="The day of the extract (default: today).", formats=["%Y-%m-%d"])
    ] = None,
    out: Out = None,
    publish: Publish = False,
    bootstrap: Bootstrap = DEFAULT_BOOTSTRAP,
    as_json: Json = False,
) -> None:
    """Import what is new or changed in a DfE API payload. What is absent or purged is withdrawn, never erased."""
    from zoneinfo import ZoneInfo

    from ecda_stream.sources.accounting import Account
    from ecda_stream.sources.dfe_api import read_dfe_api

    if snapshot is None:
        raise typer.BadParameter("say --snapshot or --delta: what is absent means something else in each")
    account = Account()
    as_of: date = (day or datetime.now(ZoneInfo("Europe/London"))).date()

    def events() -> Iterator[dict[str, Any]]:
        with contextlib.ExitStack() as stack:
            before = stack.enter_context(_opened(previous)) if previous else None
            yield from read_dfe_api(
                stack.enter_context(_opened(new)),
                before,
                authority=authority,
                kind="snapshot" if snapshot else "delta",
                account=account,
                as_of=as_of,
            )

    _deliver(events(), account, authority, out, bootstrap if publish else None, as_json)


@app.command("documents", epilog="Example: ecda-stream import documents --authority 881 narratives.csv")
def documents(
    path: Annotated[
        Path, typer.Argument(metavar="PATH", help="FILE.csv, FILE.jsonl, or a folder of texts with index.csv.", exists=True)
    ],
    authority: Authority,
    out: Out = None,
    publish: Publish = False,
    bootstrap: Bootstrap = DEFAULT_BOOTSTRAP,
    as_json: Json = False,
) -> None:
    """Import narratives: la_child_id, referral_date or episode_id, kind, written_date, recorded_time (optional), text."""
    from ecda_stream.sources.accounting import Account
    from ecda_stream.sources.documents import read_documents

    account = Account()
    events = read_documents(path, authority=authority, account=account)
    _deliver(events, account, authority, out, bootstrap if publish else None, as_json)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[Any]:
    from ecda_stream.sources.reading import UnreadableFile

    try:
        stream = path.open("rb")
    except OSError:
        raise UnreadableFile(f"{path.name} cannot be opened") from None
    with stream:
        try:
            yield stream
        except UnreadableFile as error:
            raise UnreadableFile(f"{path.name}: {error}") from None


def _deliver(
    events: Iterable[dict[str, Any]], account: Account, authority: str, out: Path | None, bootstrap: str | None, as_json: bool
) -> None:
    """Send the events where they should go, then print the reconciliation and leave with its exit code."""
    if not (authority.isascii() and authority.isalnum() and len(authority) <= 12):
        raise typer.BadParameter("an authority code has 1 to 12 letters or digits", param_hint="--authority")
    if out is not None and bootstrap is not None:
        raise typer.BadParameter("--out and --publish exclude each other")
    account.stopped_early = True
    try:
        with errors_as_exit_codes(), _progress() as on_progress:
            if bootstrap is not None:
                from ecda_stream.worker.publishing import publish_events

                publish_events(events, bootstrap=bootstrap, on_progress=on_progress)
            else:
                _write(events, out, on_progress)
        account.stopped_early = False
    finally:
        typer.echo(json.dumps(account.as_json(), sort_keys=True) if as_json else account.render(), err=True)
    if not account.balanced:
        raise typer.Exit(ExitCode.BAD_RECORDS)


def _write(events: Iterable[dict[str, Any]], out: Path | None, on_progress: Callable[[int], None]) -> None:
    from ecda_stream.contract.canonical import to_canonical_json

    count = 0
    with contextlib.ExitStack() as stack:
        stream = stack.enter_context(out.open("wb")) if out is not None else sys.stdout.buffer
        try:
            for count, event in enumerate(events, start=1):
                stream.write(to_canonical_json(event) + b"\n")
                if count % _PROGRESS_EVERY == 0:
                    on_progress(count)
            stream.flush()
        except BrokenPipeError:  # `| head` has seen enough; without this, Python complains once more at exit
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(ExitCode.OK) from None
    on_progress(count)


@contextlib.contextmanager
def _progress() -> Iterator[Callable[[int], None]]:
    """Count events on stderr where somebody is watching; stay silent in a pipe or a log."""
    if not sys.stderr.isatty():
        yield lambda count: None
        return
    from rich.console import Console
    from rich.progress import Progress, TextColumn

    with Progress(TextColumn("{task.completed} events"), console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("import", total=None)
        yield lambda count: progress.update(task, completed=count)
