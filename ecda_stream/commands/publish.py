"""`ecda-stream publish`: a file of EVENTS into the source topics, line by line as it stands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ecda_stream.commands.exits import errors_as_exit_codes
from ecda_stream.commands.records import Bootstrap


def publish(
    events: Annotated[
        Path, typer.Argument(metavar="EVENTS", help="Structured CloudEvents, one JSON object a line.", dir_okay=False, exists=True)
    ],
    bootstrap: Bootstrap = None,
) -> None:
    """Publish a file of source events; what is wrong with a line is found by admit and ends in the dead-letter topic."""
    from ecda_stream.commands.progress import counting
    from ecda_stream.commands.records import settings_of
    from ecda_stream.worker.publishing import publish_lines

    with errors_as_exit_codes(), counting("events published") as one_more, events.open("rb") as lines:

        def count(line: bytes) -> bytes:
            one_more()
            return line

        address = settings_of(bootstrap=bootstrap).bootstrap
        published = publish_lines(map(count, lines), bootstrap=address, on_progress=lambda _: None)
    typer.echo(f"{published} events published to {address}", err=True)
