"""`ecda-stream`: every command, assembled; what a command needs is imported when it runs, so that `--help` is quick."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from ecda_stream import __version__
from ecda_stream.commands import (
    alerting,
    alerts,
    check,
    demo,
    dlq,
    file_steps,
    importing,
    kafka,
    log,
    publish,
    run,
    schemas,
    scores,
    secrets,
    simulate,
    topics,
    training,
)
from ecda_stream.commands.exits import ExitCode
from ecda_stream.errors import EcdaStreamError, Unavailable

app = typer.Typer(
    name="ecda-stream",
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # its frames could show what variables hold
    help="Ask for a second look at closed children's social-care cases whose history suggests that they may come back worse.",
    epilog="Exit codes: 0 ok, 1 failure, 2 usage, 3 bad records, 4 threshold not met, 5 dependency unreachable, 130 interrupted.",
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)] = False,
) -> None:
    """Ask for a second look at closed children's social-care cases whose history suggests that they may come back worse."""


app.command(name="demo")(demo.demo)
app.add_typer(importing.app)
app.command(name="publish", epilog="Example: ecda-stream publish events.jsonl --bootstrap broker-1:9092")(publish.publish)
app.command(name="simulate", epilog="Example: ecda-stream simulate --children 20000 --seed 7 --out simulated")(simulate.simulate)
app.command(name="admit", epilog="Example: ecda-stream admit events.jsonl --out log.jsonl --refusals refusals.jsonl")(file_steps.admit)
app.command(name="replay", epilog="Example: ecda-stream replay re_referral log.jsonl --out replayed")(file_steps.replay)
app.command(
    name="train",
    epilog="Examples: ecda-stream train re_referral log.jsonl --out models/re_referral/2027.1 · ecda-stream train re_referral a.jsonl "
    "b.jsonl --out 2027.1 --truth a.truth.jsonl --truth b.truth.jsonl --secret-file pseudonymisation.key",
)(training.train)
app.command(name="evaluate", epilog="Example: ecda-stream evaluate re_referral other.jsonl --truth truth.jsonl")(training.evaluate)
app.command(name="run", epilog="Example: ecda-stream run admit --bootstrap broker-1:9092")(run.run)
app.add_typer(alerts.app)
app.add_typer(alerting.app)
app.add_typer(scores.app)
app.add_typer(dlq.app)
app.add_typer(log.app)
app.add_typer(topics.app)
app.add_typer(kafka.app)
app.add_typer(secrets.app)
app.add_typer(schemas.app)
app.command(name="check", epilog="Example: ecda-stream check re_referral")(check.check)
app.command(name="codes", epilog="Example: ecda-stream codes ReasonForClosure")(check.codes)


def main() -> None:
    """Run the command line; an error of ours that a command let through is a message and an exit code, never a traceback."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
    except EcdaStreamError as error:
        typer.echo(str(error), err=True)
        sys.exit(ExitCode.UNREACHABLE if isinstance(error, Unavailable) else ExitCode.FAILURE)
