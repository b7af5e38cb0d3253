"""What the commands that read topics share: settings from options, the last record of each key, records as lines of a file."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any

import typer

from ecda_stream.commands.exits import ExitCode
from ecda_stream.errors import Unavailable

if TYPE_CHECKING:
    from ecda_stream.worker.reading import Found
    from ecda_stream.worker.settings import Settings

LOG_TOPIC = "ecda.event_log.v1"
"""As in worker/agents.py, which imports Faust: too slow for a command."""

Bootstrap = Annotated[
    str | None, typer.Option("--bootstrap", help="A broker, as host:port.  [default: ECDA_BOOTSTRAP, else 127.0.0.1:19092]")
]
StreamName = Annotated[str, typer.Option("--stream", help="The stream, by the name of its folder.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
Out = Annotated[Path, typer.Option("--out", help="The file to write.", dir_okay=False)]

DEFAULT_STREAM = "re_referral"


def settings_of(**options: Any) -> Settings:
    """Return the settings of the environment with the options that were given on top."""
    from ecda_stream.worker.settings import load_settings

    # The client logs a broker that does not answer at every attempt; our own message says it once.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    return load_settings(**{name: value for name, value in options.items() if value is not None})


def latest(records: Iterable[Found]) -> list[Found]:
    """Return the last record of each key in the order of the topic; a key whose last record is a tombstone is gone."""
    last: dict[tuple[str, int, bytes | None], Found] = {}
    for record in records:
        last.pop((record.topic, record.partition, record.key), None)
        last[record.topic, record.partition, record.key] = record
    return [record for record in last.values() if record.value is not None]


def export(records: Iterable[Found], out: Path) -> tuple[int, int]:
    """Write {"key", "partition", "value"} a line as `replay` does, the value as it is in the record; return written and left out.

    Left out is what could not be a line: a value that is no JSON on one line, a record without a key.
    """
    from ecda_stream.replay import output_line

    written = left_out = 0
    with written_whole(out) as lines:
        for record in records:
            key, value = record.key or b"", b"null" if record.value is None else record.value
            if not key.isalnum() or not key.isascii() or not _is_one_line_of_json(value):
                left_out += 1
                continue
            lines.write(output_line(record.partition, key.decode("ascii"), value))
            written += 1
    return written, left_out


@contextmanager
def written_whole(out: Path) -> Iterator[IO[bytes]]:
    """Hand out a file that takes its name when all of it is there; what stood there before stays if that does not come to pass."""
    part = out.with_name(f"{out.name}.part")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            yield file
        part.replace(out)
    except OSError as error:
        raise Unavailable(f"{out} cannot be written: {type(error).__name__}") from None
    finally:
        part.unlink(missing_ok=True)


def report_export(written: int, left_out: int, out: Path) -> None:
    """Say what was written; exit code 3 if a record had to be left out."""
    typer.echo(f"{written} records in {out}", err=True)
    if left_out:
        typer.echo(f"{left_out} left out: no key, or a value that is not JSON on one line", err=True)
        raise typer.Exit(ExitCode.BAD_RECORDS)


def warn_unreadable(count: int, topic: str, what: str) -> None:
    """Say that records of a topic were skipped."""
    if count:
        typer.echo(f"{count} record(s) of {topic} skipped: no {what}", err=True)


def required_text(text: str, option: str) -> str:
    """Return a text that somebody must give, on one line."""
    joined = " ".join(text.split())
    if not joined:
        raise typer.BadParameter("say why, in a few words", param_hint=option)
    return joined


def append_trace(path: Path, what: dict[str, Any]) -> str:
    """Append what a person did to a log of the machine, and return the line; whoever calls this does nothing before it is written.

    Raises Unavailable if it cannot be.
    """
    import os

    line = json.dumps({"time": datetime.now(UTC).isoformat(timespec="seconds"), **what}, ensure_ascii=False) + "\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "a", encoding="utf-8") as log:
            log.write(line)
            log.flush()
            os.fsync(log.fileno())
    except OSError as error:
        raise Unavailable(f"{path} cannot be written ({type(error).__name__}); nothing was done without a trace") from None
    return line


def printable(text: str) -> str:
    """Return a text that cannot move a terminal's cursor."""
    return "".join(character if character.isprintable() else "?" for character in text)


def columns(rows: Sequence[tuple[str, ...]]) -> str:
    """Return rows as aligned columns, the last one ragged."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))] if rows else []
    return "\n".join("  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)


def _is_one_line_of_json(value: bytes) -> bool:
    if b"\n" in value or b"\r" in value:
        return False
    try:
        json.loads(value)
    except ValueError:
        return False
    return True
