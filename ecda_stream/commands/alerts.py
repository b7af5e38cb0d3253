"""`ecda-stream alerts`: what reviewers get, as a list, in full, as a file, and opened."""

from __future__ import annotations

import json
import shutil
import sys
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecda_stream.commands.exits import ExitCode, errors_as_exit_codes
from ecda_stream.commands.records import (
    DEFAULT_STREAM,
    Bootstrap,
    Json,
    Out,
    StreamName,
    append_trace,
    columns,
    export,
    latest,
    printable,
    report_export,
    required_text,
    settings_of,
    warn_unreadable,
)

if TYPE_CHECKING:
    from ecda_stream.contract.alert import Alert

app = typer.Typer(
    name="alerts",
    no_args_is_help=True,
    help="Look at the alerts of a stream. Everything is pseudonymised except what `open` prints.",
    epilog="Exit codes: 0 ok, 1 failure, 2 usage, 3 records left out of an export, 5 broker unreachable.",
)

DEFAULT_OPENING_LOG = Path(".ecda/openings.jsonl")


class Status(StrEnum):
    """The status of an alert."""

    open = "open"
    withdrawn = "withdrawn"


AlertId = Annotated[str, typer.Argument(metavar="ALERT_ID", help="The id of an alert, or its first digits.")]


@app.command(name="list", epilog="Example: ecda-stream alerts list --authority 881 --status open --since 2026-11-01")
def list_alerts(
    authority: Annotated[str | None, typer.Option("--authority", help="Only alerts of this authority.")] = None,
    status: Annotated[Status | None, typer.Option("--status", help="Only alerts with this status.")] = None,
    since: Annotated[datetime | None, typer.Option("--since", help="Only closures on this day or later.", formats=["%Y-%m-%d"])] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many.")] = 50,
    stream: StreamName = DEFAULT_STREAM,
    bootstrap: Bootstrap = None,
    as_json: Json = False,
) -> None:
    """List the latest revision of each alert, the newest closure first."""
    with errors_as_exit_codes():
        alerts = [
            alert
            for alert in _latest_alerts(stream, bootstrap)
            if (authority is None or alert.authority == authority)
            and (status is None or alert.status == status)
            and (since is None or alert.closing_day >= since.date())
        ]
    alerts.sort(key=lambda alert: (alert.closing_day, alert.raised_at, alert.alert_id), reverse=True)
    shown = alerts[:limit]
    if as_json:
        typer.echo(json.dumps([alert.model_dump(mode="json", exclude_none=True) for alert in shown], ensure_ascii=False))
    elif shown:
        _print_table(shown)
    typer.echo(f"{len(shown)} of {len(alerts)} alerts", err=True)


@app.command(epilog="Example: ecda-stream alerts show 3f2a9c --history")
def show(
    alert_id: AlertId,
    history: Annotated[bool, typer.Option("--history", help="Every revision, the first one first.")] = False,
    stream: StreamName = DEFAULT_STREAM,
    bootstrap: Bootstrap = None,
    as_json: Json = False,
) -> None:
    """Print an alert as a reviewer reads it."""
    with errors_as_exit_codes():
        revisions = _revisions(alert_id, stream, bootstrap)
    shown = revisions if history else revisions[-1:]
    if as_json:
        dumped = [alert.model_dump(mode="json", exclude_none=True) for alert in shown]
        typer.echo(json.dumps(dumped if history else dumped[0], ensure_ascii=False, indent=2))
        return
    from ecda_stream.alert.render import render_alert

    typer.echo("\n\n".join(render_alert(alert) for alert in shown))
    if not history and len(revisions) > 1:
        typer.echo(f"{len(revisions)} revisions are in the topic; --history prints them all", err=True)


@app.command(name="export", epilog="Example: ecda-stream alerts export --out alerts.jsonl")
def export_alerts(
    out: Out,
    only_latest: Annotated[bool, typer.Option("--latest", help="Only the last revision of each alert.")] = False,
    stream: StreamName = DEFAULT_STREAM,
    bootstrap: Bootstrap = None,
) -> None:
    """Write the records of the alerts topic, one JSON object {partition, key, value} a line, in the order of the topic."""
    from ecda_stream.worker.reading import read_topics

    with errors_as_exit_codes():
        records = read_topics(settings_of(bootstrap=bootstrap), _topic(stream))
        counts = export(latest(records) if only_latest else records, out)
    report_export(*counts, out)


@app.command(
    name="open",
    epilog='Example: ecda-stream alerts open 3f2a9c --private-key review_private.key --reason "allocated to me for review"',
)
def open_alert(
    alert_id: AlertId,
    private_key: Annotated[
        Path, typer.Option("--private-key", help="File with the review team's private key.", exists=True, dir_okay=False)
    ],
    reason: Annotated[str, typer.Option("--reason", help="Why you open it; it is logged.")],
    opening_log: Annotated[
        Path, typer.Option("--opening-log", help="File to which the opening is appended, without the reference.", dir_okay=False)
    ] = DEFAULT_OPENING_LOG,
    stream: StreamName = DEFAULT_STREAM,
    bootstrap: Bootstrap = None,
    as_json: Json = False,
) -> None:
    """Open the sealed case references of an alert: PRINTS IDENTIFIERS OF CHILDREN. Each opening is logged with its reason."""
    why = required_text(reason, "--reason")
    with errors_as_exit_codes():
        alert = _revisions(alert_id, stream, bootstrap)[-1]
        opened = _unseal(alert, _read_private_key(private_key))
        append_trace(opening_log, {"alert_id": alert.alert_id, "reason": why, "references": len(opened)})
    if as_json:
        typer.echo(json.dumps({"alert_id": alert.alert_id, "references": opened}, ensure_ascii=False))
    else:
        for child in opened:
            typer.echo(f"child {child['person']}")
            typer.echo(columns([(f"  {printable(name)}", printable(str(value))) for name, value in child["reference"].items()]))
    typer.echo(f"{len(opened)} reference(s) opened; logged in {opening_log}", err=True)


def _topic(stream: str) -> str:
    return f"ecda.{stream}.alerts.v1"


def _parse(value: bytes) -> Alert | None:
    from pydantic import ValidationError

    from ecda_stream.contract.alert import Alert

    try:
        return Alert.model_validate_json(value)
    except ValidationError:
        return None


def _latest_alerts(stream: str, bootstrap: str | None) -> list[Alert]:
    from ecda_stream.worker.reading import read_topics

    parsed = [_parse(record.value or b"") for record in latest(read_topics(settings_of(bootstrap=bootstrap), _topic(stream)))]
    warn_unreadable(parsed.count(None), _topic(stream), "alert")
    return [alert for alert in parsed if alert is not None]


def _revisions(prefix: str, stream: str, bootstrap: str | None) -> list[Alert]:
    """Return the revisions in the topic of the one alert whose id begins so; the same record twice counts once."""
    from ecda_stream.worker.reading import read_topics

    found: dict[str, dict[bytes, Alert]] = {}
    unreadable = 0
    for record in read_topics(settings_of(bootstrap=bootstrap), _topic(stream)):
        key = (record.key or b"").decode("ascii", "replace")
        if not key.startswith(prefix.lower()):
            continue
        if record.value is None:
            found.pop(key, None)
        elif alert := _parse(record.value):
            revisions = found.setdefault(key, {})
            revisions.pop(record.value, None)
            revisions[record.value] = alert
        else:
            unreadable += 1
    warn_unreadable(unreadable, _topic(stream), "alert")
    if len(found) != 1:
        typer.echo(f"{len(found) or 'no'} alerts of {stream} have an id that begins with {printable(prefix)}", err=True)
        raise typer.Exit(ExitCode.FAILURE)
    return list(next(iter(found.values())).values())


def _print_table(alerts: list[Alert]) -> None:
    from ecda_stream.alert.render import short_id

    rows: list[tuple[str, ...]] = [("CLOSED", "AUTHORITY", "ALERT", "PSEUDONYM", "STATUS", "MODE", "POINTS", "REVIEW BY", "TOP REASON")]
    for alert in alerts:
        child = max(alert.children, key=lambda child: child.points or 0.0)
        others = f" +{len(alert.children) - 1}" if len(alert.children) > 1 else ""
        rows.append(
            (
                alert.closing_day.isoformat(),
                alert.authority,
                short_id(alert.alert_id),
                f"{short_id(child.person)}{others}",
                alert.status,
                alert.mode.upper(),
                "" if child.points is None else f"{child.points:g}",
                alert.review_by.isoformat(),
                printable(child.raises[0].words) if child.raises else "",
            )
        )
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    typer.echo("\n".join(line[:width] for line in columns(rows).splitlines()))


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
