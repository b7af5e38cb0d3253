"""`ecda-stream run`: a worker."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from ecda_stream.commands.exits import errors_as_exit_codes
from ecda_stream.commands.records import Bootstrap

ADMIT = "admit"


class Arrive(StrEnum):
    """What counts as the time of arrival of a record."""

    broker = "broker"
    recorded = "recorded"


def run(
    name: Annotated[str, typer.Argument(metavar="admit|STREAM", help="`admit`, or the stream whose closures are to be scored.")],
    bootstrap: Bootstrap = None,
    metrics_port: Annotated[
        int | None,
        typer.Option(
            "--metrics-port", min=0, max=65535, help="Port of the metrics; 0 takes a free one.  [default: 9101 admit, 9102 stream]"
        ),
    ] = None,
    partitions: Annotated[
        int | None, typer.Option("--partitions", min=1, help="Partitions of the event log.  [default: ECDA_PARTITIONS, else 32]")
    ] = None,
    arrive: Annotated[
        Arrive | None,
        typer.Option("--arrive", help="For admit: a record arrives when the broker has it, or (demonstrations) when it was recorded."),
    ] = None,
) -> None:
    """Run a worker until it is stopped (SIGTERM or Ctrl-C); it logs JSON to stderr. Settings: environment variables ECDA_*.

    `admit` turns source records into entries of the event log; a stream folds the log into scores and alerts.

    Exit codes: 0 stopped, 1 failure, bad definition or deadline passed, 2 usage, 5 broker unreachable or topics missing.
    """
    from ecda_stream.worker.app import run_admit, run_stream
    from ecda_stream.worker.logs import configure_logging
    from ecda_stream.worker.settings import load_settings

    options = {"bootstrap": bootstrap, "metrics_port": metrics_port, "partitions": partitions, "arrive": arrive and arrive.value}
    with errors_as_exit_codes():
        settings = load_settings(**{option: value for option, value in options.items() if value is not None})
        configure_logging()
        if name == ADMIT:
            run_admit(settings)
        else:
            run_stream(name, settings)
