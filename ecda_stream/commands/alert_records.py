"""The records of an alerts topic, as the commands for reviewers read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ecda_stream.commands.exits import ExitCode
from ecda_stream.commands.records import latest, printable, settings_of, warn_unreadable

if TYPE_CHECKING:
    from ecda_stream.contract.alert import Alert, Notice

AlertId = Annotated[str, typer.Argument(metavar="ALERT_ID", help="The id of an alert, or its first digits.")]


def alerts_topic(stream: str) -> str:
    """Return the alerts topic of a stream."""
    return f"ecda.{stream}.alerts.v1"


def read_latest(stream: str, bootstrap: str | None) -> tuple[list[Alert], list[Notice]]:
    """Return the latest revision of each alert, and the latest notice of each authority.

    Raises Unavailable if the broker or the topic is not there.
    """
    from ecda_stream.contract.alert import Alert, Notice
    from ecda_stream.worker.reading import read_topics

    topic = alerts_topic(stream)
    parsed = [_parse(record.value or b"") for record in latest(read_topics(settings_of(bootstrap=bootstrap), topic))]
    warn_unreadable(parsed.count(None), topic, "alert")
    return [one for one in parsed if isinstance(one, Alert)], [one for one in parsed if isinstance(one, Notice)]


def revisions_of(prefix: str, stream: str, bootstrap: str | None) -> list[Alert]:
    """Return the revisions in the topic of the one alert whose id begins so; the same record twice counts once.

    Raises typer's Exit if there is none, or more than one.
    """
    from ecda_stream.contract.alert import Alert
    from ecda_stream.worker.reading import read_topics

    found: dict[str, dict[bytes, Alert]] = {}
    unreadable = 0
    for record in read_topics(settings_of(bootstrap=bootstrap), alerts_topic(stream)):
        key = (record.key or b"").decode("ascii", "replace")
        if not key.startswith(prefix.lower()):
            continue
        if record.value is None:
            found.pop(key, None)
        elif (one := _parse(record.value)) is None:
            unreadable += 1
        elif isinstance(one, Alert):
            revisions = found.setdefault(key, {})
            revisions.pop(record.value, None)
            revisions[record.value] = one
    warn_unreadable(unreadable, alerts_topic(stream), "alert")
    if len(found) != 1:
        typer.echo(f"{len(found) or 'no'} alerts of {stream} have an id that begins with {printable(prefix)}", err=True)
        raise typer.Exit(ExitCode.FAILURE)
    return list(next(iter(found.values())).values())


def _parse(value: bytes) -> Alert | Notice | None:
    from pydantic import ValidationError

    from ecda_stream.contract.alert import parse_published

    try:
        return parse_published(value)
    except ValidationError:
        return None
