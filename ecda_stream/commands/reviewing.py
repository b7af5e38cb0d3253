"""`ecda-stream alerts open` and `alerts decide`: what a reviewer does with an alert, each with its reason and its trace."""

from __future__ import annotations

import getpass
import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecda_stream.commands.alert_records import AlertId, revisions_of
from ecda_stream.commands.decisions import Reason, publish_decision, reason_code
from ecda_stream.commands.exits import ExitCode, errors_as_exit_codes
from ecda_stream.commands.records import DEFAULT_STREAM, Bootstrap, Json, StreamName, append_trace, columns, printable, required_text

if TYPE_CHECKING:
    from ecda_stream.contract.alert import Alert

DEFAULT_OPENING_LOG = Path(".ecda/openings.jsonl")

Reviewer = Annotated[
    str | None,
    typer.Option("--reviewer", help="Who you are, as your council names you; the event log keeps a token of it.  [default: user name]"),
]


class Verdict(StrEnum):
    """What a reviewer can make of an alert."""

    agree = "agree"
    disagree = "disagree"
    need_information = "need-information"
    wrong_data = "wrong-data"


def open_alert(
    alert_id: AlertId,
    private_key: Annotated[
        Path,
        typer.Option(
            "--private-key",
            help="File with the review team's private key.",
            envvar="ECDA_REVIEW_PRIVATE_KEY_FILE",
            exists=True,
            dir_okay=False,
        ),
    ],
    reason: Annotated[str, typer.Option("--reason", help="Why you open it; it stays in the access record of the review team.")],
    reviewer: Reviewer = None,
    opening_log: Annotated[
        Path, typer.Option("--opening-log", help="The access record: a line is appended, without the reference.", dir_okay=False)
    ] = DEFAULT_OPENING_LOG,
    stream: StreamName = DEFAULT_STREAM,
    bootstrap: Bootstrap = None,
    as_json: Json = False,
) -> None:
    """Open the sealed case references of an alert: PRINTS IDENTIFIERS OF CHILDREN.

    A line with your name and reason is appended to the access record, and an event `alert.opened` without them goes to the event log.
    Nothing is printed before both are written.
    """
    from ecda_stream.contract.canonical import hash_of

    why = required_text(reason, "--reason")
    who = reviewer or getpass.getuser()
    with errors_as_exit_codes():
        alert = revisions_of(alert_id, stream, bootstrap)[-1]
        opened = _unseal(alert, _read_private_key(private_key))
        trace = {"alert_id": alert.alert_id, "reviewer": who, "reason": why, "references": len(opened)}
        written = append_trace(opening_log, trace)
        facts = {"alert_id": alert.alert_id, "access_id": hash_of(written), "references": len(opened), "reviewer_id": who}
        publish_decision(bootstrap, "alert.opened.v1", alert.authority, facts)
    if as_json:
        typer.echo(json.dumps({"alert_id": alert.alert_id, "references": opened}, ensure_ascii=False))
    else:
        for child in opened:
            typer.echo(f"child {child['person']}")
            typer.echo(columns([(f"  {printable(name)}", printable(str(value))) for name, value in child["reference"].items()]))
    typer.echo(f"{len(opened)} reference(s) opened; logged in {opening_log}", err=True)


def decide_alert(
    alert_id: AlertId,
    verdict: Annotated[Verdict, typer.Argument(help="What you found, having read the file.")],
    reason: Reason,
    reviewer: Reviewer = None,
    stream: StreamName = DEFAULT_STREAM,
    bootstrap: Bootstrap = None,
    as_json: Json = False,
) -> None:
    """Say what you make of an alert: `agree` (something should follow), `disagree` (the closure stands), `wrong-data` close it,
    `need-information` leaves it open.

    An event `alert.decided` is published; the stream's worker answers it with the next revision of the alert. It changes no case.
    """
    code = reason_code(reason)
    with errors_as_exit_codes():
        alert = revisions_of(alert_id, stream, bootstrap)[-1]
        if alert.status == "withdrawn":
            typer.echo("this alert was withdrawn: there is nothing to decide", err=True)
            raise typer.Exit(ExitCode.FAILURE)
        facts = {
            "alert_id": alert.alert_id,
            "decision": verdict.value.replace("-", "_"),
            "reason": code,
            "reviewer_id": reviewer or getpass.getuser(),
        }
        publish_decision(bootstrap, "alert.decided.v1", alert.authority, facts)
    if as_json:
        typer.echo(json.dumps({"alert_id": alert.alert_id, "decision": verdict.value, "reason": code}))
    typer.echo(f"published: {verdict.value}, reason {code}; the alert's next revision will say so", err=True)


def _read_private_key(path: Path) -> bytes:
    from ecda_stream.errors import BadDefinition

    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError):
        key = b""
    if len(key) != 32:
        raise BadDefinition("the review team's private key", ["its file holds 64 hexadecimal digits"])
    return key


def _unseal(alert: Alert, private_key: bytes) -> list[dict[str, Any]]:
    """Return pseudonym and reference of each closure; one child can have two closures on a day."""
    from ecda_stream.errors import Unavailable
    from ecda_stream.identity.sealed import unseal

    sealed = [(child.person, child.sealed_reference) for child in alert.children if child.sealed_reference]
    if not sealed:
        raise Unavailable("no reference came with the closures of this alert: there is nothing to open")
    return [{"person": person, "reference": json.loads(unseal(reference, private_key))} for person, reference in sealed]
