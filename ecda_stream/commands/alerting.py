"""`ecda-stream alerting`: stop and resume alerting, and change a stream's mode: each an event in the log, with its reason."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from ecda_stream.commands.decisions import EVERY_AUTHORITY, Authority, Reason, publish_decision, reason_code
from ecda_stream.commands.exits import errors_as_exit_codes
from ecda_stream.commands.records import Bootstrap

app = typer.Typer(
    name="alerting",
    no_args_is_help=True,
    help="Stop alerting, let it go on, or change a stream's mode. Scoring goes on in any case.",
    epilog="Exit codes: 0 published, 1 failure, 2 usage, 5 broker unreachable.",
)

Stream = Annotated[str, typer.Argument(metavar="STREAM", help="The stream, by the name of its folder.")]


class Mode(StrEnum):
    """The mode of a stream."""

    demo = "demo"
    shadow = "shadow"
    live = "live"


@app.command(epilog='Example: ecda-stream alerting stop re_referral --reason "too many alerts" --authority 881')
def stop(stream: Stream, reason: Reason, authority: Authority = EVERY_AUTHORITY, bootstrap: Bootstrap = None) -> None:
    """The kill switch: from its entry in the log on, no alert is raised or released; what is out stays out, what is held stays held.

    Closures are scored on, with the reason `alerting-stopped`. Only `alerting resume` ends it.
    """
    _publish("alerting.stopped.v1", {"stream": stream}, reason, authority, bootstrap)


@app.command(epilog='Example: ecda-stream alerting resume re_referral --reason "documents are back" --authority 881')
def resume(
    stream: Stream,
    reason: Reason,
    authority: Authority = EVERY_AUTHORITY,
    accept_as_normal: Annotated[
        bool,
        typer.Option(
            "--accept-as-normal", help="What tripped the guardrail is how things are from now on; it learns anew what is usual."
        ),
    ] = False,
    bootstrap: Bootstrap = None,
) -> None:
    """Let alerting go on after a tripped guardrail or the kill switch. What was not alerted meanwhile is not alerted afterwards.

    `ecda-stream scores list` counts those closures under `alerting-stopped`; somebody should look at them.
    """
    facts: dict[str, str | bool] = {"stream": stream, **({"accept_as_normal": True} if accept_as_normal else {})}
    _publish("guardrail.reset.v1", facts, reason, authority, bootstrap)


@app.command(epilog="Example: ecda-stream alerting mode re_referral shadow --reason trial")
def mode(
    stream: Stream,
    mode: Annotated[Mode, typer.Argument(metavar="demo|shadow|live", help="The mode from its entry in the log on.")],
    reason: Reason,
    authority: Authority = EVERY_AUTHORITY,
    bootstrap: Bootstrap = None,
) -> None:
    """Change the mode of a stream. Where a mode is not allowed (live without its papers), the stream runs in shadow."""
    _publish("mode.changed.v1", {"stream": stream, "mode": mode.value}, reason, authority, bootstrap)


def _publish(type_name: str, facts: dict[str, str | bool], reason: str, authority: str, bootstrap: str | None) -> None:
    code = reason_code(reason)
    with errors_as_exit_codes():
        publish_decision(bootstrap, type_name, authority, {**facts, "reason": code})
    whom = "every authority" if authority == EVERY_AUTHORITY else f"authority {authority}"
    typer.echo(f"published for {whom}, reason {code}; it holds from its entry in the log on", err=True)
