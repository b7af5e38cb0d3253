"""`ecda-stream log`: the event log as a file, and back into an empty topic."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ecda_stream.commands.exits import ExitCode, errors_as_exit_codes
from ecda_stream.commands.progress import counting
from ecda_stream.commands.records import LOG_TOPIC, Bootstrap, Out, settings_of, written_whole

if TYPE_CHECKING:
    from ecda_stream.worker.outbox import Sending
    from ecda_stream.worker.settings import Settings

app = typer.Typer(
    name="log",
    no_args_is_help=True,
    help="Write the event log to a file, or a file to an empty log. It is pseudonymised and personal data still.",
    epilog="Exit codes: 0 ok, 1 failure, 2 usage, 3 records left out, 5 broker unreachable.",
)

_AT_ONCE = 500


@app.command(name="export", epilog="Example: ecda-stream log export --out log.jsonl")
def export_log(out: Out, bootstrap: Bootstrap = None) -> None:
    """Write the log as `replay` reads it: one JSON object {key, offset, partition, value} a line, by partition and offset.

    The value of a tombstone is null. A record that is no entry is left out, as the worker does not fold it either (exit code 3).
    """
    from ecda_stream.contract.canonical import to_canonical_json
    from ecda_stream.contract.entry import parse_entry
    from ecda_stream.errors import InvalidEvent
    from ecda_stream.worker.reading import read_topics

    written = left_out = 0
    with errors_as_exit_codes(), counting("records") as one_more, written_whole(out) as lines:
        for record in read_topics(settings_of(bootstrap=bootstrap), LOG_TOPIC):
            one_more()
            try:
                value = b"null" if record.value is None else to_canonical_json(parse_entry(record.value))
            except InvalidEvent:
                left_out += 1
                continue
            key = json.dumps((record.key or b"").decode("utf-8", "replace"), ensure_ascii=False).encode()
            lines.write(b'{"key":%s,"offset":%d,"partition":%d,"value":%s}\n' % (key, record.offset, record.partition, value))
            written += 1
    typer.echo(f"{written} records in {out}", err=True)
    if left_out:
        typer.echo(f"{left_out} left out: no entries", err=True)
        raise typer.Exit(ExitCode.BAD_RECORDS)


@app.command(name="import", epilog="Example: ecda-stream log import log.jsonl --yes")
def import_log(
    log: Annotated[Path, typer.Argument(metavar="LOG", help="A file of `log export` or `admit`.", exists=True, dir_okay=False)],
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without this it is only checked whether it can be done.")] = False,
    bootstrap: Bootstrap = None,
) -> None:
    """Append the entries of a file to an empty log topic; partitions and offsets become those of the file.

    Refused if the topic is not empty, because offsets would differ and with them every score's position. Where compaction removed a
    record a tombstone takes its offset. Stop the admit worker first.
    """
    with errors_as_exit_codes():
        settings = settings_of(bootstrap=bootstrap)
        ends = _ends_of_file(log)
        _require_empty(asyncio.run(_end_offsets(settings)), ends)
        if not yes:
            typer.echo(f"{sum(ends.values())} records would go to {LOG_TOPIC}, which is empty; --yes does it", err=True)
            return
        with counting("records") as one_more:
            asyncio.run(_publish(settings, _sendings(log), one_more))
        if {number: end for number, end in asyncio.run(_end_offsets(settings)).items() if end} != ends:
            typer.echo(f"something else wrote to {LOG_TOPIC} meanwhile: offsets differ from the file; make the topic anew", err=True)
            raise typer.Exit(ExitCode.FAILURE)
    typer.echo(f"{sum(ends.values())} records in {LOG_TOPIC}", err=True)


def _ends_of_file(log: Path) -> dict[int, int]:
    """Return the offset after the last of each partition.

    Raises InvalidEvent if a line is no record of a log, or they are not in order.
    """
    from ecda_stream.errors import InvalidEvent
    from ecda_stream.replay import read_log

    ends: dict[int, int] = {}
    for number, record in enumerate(read_log(log), start=1):
        if record.offset < ends.get(record.partition, 0):
            raise InvalidEvent("bad-entry", f"{log.name}, line {number}: offsets of a partition do not ascend")
        ends[record.partition] = record.offset + 1
    return ends


def _require_empty(found: dict[int, int], wanted: dict[int, int]) -> None:
    from ecda_stream.errors import BadDefinition

    faults = []
    if any(found.values()):
        faults.append(f"{LOG_TOPIC} is not empty: offsets would differ from those of the file")
    if missing := sorted(wanted.keys() - found.keys()):
        faults.append(f"{LOG_TOPIC} has no partition {', '.join(map(str, missing))}")
    if faults:
        raise BadDefinition("log import", faults)


async def _end_offsets(settings: Settings) -> dict[int, int]:
    """Return where each partition ends; a partition that is empty but was not always ends beyond 0, and counts as not empty."""
    from aiokafka import AIOKafkaConsumer, TopicPartition
    from aiokafka.admin import AIOKafkaAdminClient
    from aiokafka.errors import KafkaError

    from ecda_stream.errors import Unavailable

    admin = AIOKafkaAdminClient(**settings.client_options())
    consumer = AIOKafkaConsumer(**settings.client_options(), enable_auto_commit=False)
    try:
        await admin.start()
        # Never asked by name: a broker with auto-creation would make what we ask about.
        found = {topic["topic"]: topic["partitions"] for topic in await admin.describe_topics(None)}
        if not found.get(LOG_TOPIC):
            raise Unavailable(f"topic {LOG_TOPIC} does not exist; `ecda-stream topics create` makes it")
        partitions = [TopicPartition(LOG_TOPIC, partition["partition"]) for partition in found[LOG_TOPIC]]
        await consumer.start()
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
    except (KafkaError, OSError) as error:
        raise Unavailable(f"cannot read {LOG_TOPIC}: {type(error).__name__}") from None
    finally:
        await admin.close()
        await consumer.stop()
    return {partition.partition: end for partition, end in ends.items()}


def _sendings(log: Path) -> Iterator[Sending]:
    from ecda_stream.contract.canonical import to_canonical_json
    from ecda_stream.replay import read_log
    from ecda_stream.worker.outbox import Sending

    ends: dict[int, int] = {}
    for record in read_log(log):
        for gap in range(ends.get(record.partition, 0), record.offset):
            yield Sending(LOG_TOPIC, record.partition, f"compacted-{record.partition}-{gap}".encode(), None)
        ends[record.partition] = record.offset + 1
        value = None if record.value is None else to_canonical_json(record.value)
        yield Sending(LOG_TOPIC, record.partition, record.key.encode(), value)


async def _publish(settings: Settings, sendings: Iterator[Sending], one_more: Callable[[], None]) -> None:
    from aiokafka.errors import KafkaError

    from ecda_stream.errors import Unavailable
    from ecda_stream.worker.outbox import Outbox

    outbox = Outbox(settings)
    try:
        await outbox.start()
        while run := list(islice(sendings, _AT_ONCE)):
            await outbox.deliver(run)
            for _ in run:
                one_more()
    except (KafkaError, TimeoutError) as error:
        raise Unavailable(f"the broker did not take the log: {type(error).__name__}; make {LOG_TOPIC} anew and try again") from None
    finally:
        await outbox.stop()
