"""`ecda-stream alerts`: what reviewers get, as a list, in full, as a file, opened, and decided on."""

from __future__ import annotations

import json
import shutil
import sys
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from ecda_stream.commands.alert_records import AlertId, alerts_topic, read_latest, revisions_of
from ecda_stream.commands.exits import errors_as_exit_codes
from ecda_stream.commands.records import (
    DEFAULT_STREAM,
    Bootstrap,
    Json,
    Out,
    StreamName,
    columns,
    export,
    latest,
    printable,
    report_export,
    settings_of,
)
from ecda_stream.commands.reviewing import decide_alert, open_alert

if TYPE_CHECKING:
    from ecda_stream.contract.alert import Alert, AlertChild, Notice

app = typer.Typer(
    name="alerts",
    no_args_is_help=True,
    help="Look at the alerts of a stream and decide on them. Everything is pseudonymised except what `open` prints.",
    epilog="Exit codes: 0 ok, 1 failure, 2 usage, 3 records left out of an export, 5 broker unreachable.",
)
app.command(
    name="open",
    epilog='Example: ecda-stream alerts open 3f2a9c --private-key review_private.key --reason "allocated to me for review"',
)(open_alert)
app.command(name="decide", epilog='Example: ecda-stream alerts decide 3f2a9c disagree --reason "support plan in place"')(decide_alert)


class Status(StrEnum):
    """The status of an alert."""

    open = "open"
    closed = "closed"
    withdrawn = "withdrawn"
    expired = "expired"


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
    """List the latest revision of each alert, the newest closure first. Where alerting is stopped, that is said before them."""
    with errors_as_exit_codes():
        published, notices = read_latest(stream, bootstrap)
    alerts = [
        alert
        for alert in published
        if (authority is None or alert.authority == authority)
        and (status is None or alert.status == status)
        and (since is None or alert.closing_day >= since.date())
    ]
    alerts.sort(key=lambda alert: (alert.closing_day, alert.raised_at, alert.alert_id), reverse=True)
    shown = alerts[:limit]
    _say_what_is_stopped([notice for notice in notices if authority in (None, notice.authority)])
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
        revisions = revisions_of(alert_id, stream, bootstrap)
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
        records = read_topics(settings_of(bootstrap=bootstrap), alerts_topic(stream))
        counts = export(latest(records) if only_latest else records, out)
    report_export(*counts, out)


def _say_what_is_stopped(notices: list[Notice]) -> None:
    for notice in sorted(notices, key=lambda notice: notice.authority):
        if notice.status == "stopped":
            typer.echo(
                f"ALERTING IS STOPPED for authority {printable(notice.authority)} since {notice.since.date().isoformat()}: "
                f"{printable(notice.words)} ({printable(notice.cause)})",
                err=True,
            )


def _print_table(alerts: list[Alert]) -> None:
    from ecda_stream.alert.render import short_id

    rows: list[tuple[str, ...]] = [
        ("CLOSED", "AUTHORITY", "ALERT", "PSEUDONYM", "STATUS", "KIND", "MODE", "SCORE", "REVIEW BY", "TOP REASON")
    ]
    for alert in alerts:
        child = max(alert.children, key=_score_of)
        others = f" +{len(alert.children) - 1}" if len(alert.children) > 1 else ""
        rows.append(
            (
                alert.closing_day.isoformat(),
                alert.authority,
                short_id(alert.alert_id),
                f"{short_id(child.person)}{others}",
                alert.status,
                "audit" if alert.kind == "audit_sample" else "score",
                alert.mode.upper(),
                f"{_score_of(child):g} points" if child.probability is None else f"{100 * child.probability:.0f} in 100",
                alert.review_by.isoformat(),
                printable(child.raises[0].words) if child.raises else "",
            )
        )
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    typer.echo("\n".join(line[:width] for line in columns(rows).splitlines()))


def _score_of(child: AlertChild) -> float:
    return (child.points if child.probability is None else child.probability) or 0.0
