"""`ecda-stream dlq`: refused records; how many and why, one by one, and back to where they came from."""

from __future__ import annotations

import base64
import json
import sys
from collections import Counter
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecda_stream.commands.exits import ExitCode, errors_as_exit_codes
from ecda_stream.commands.records import Bootstrap, Json, append_trace, columns, printable, required_text, settings_of

if TYPE_CHECKING:
    from ecda_stream.worker.outbox import Sending
    from ecda_stream.worker.reading import Found
    from ecda_stream.worker.settings import Settings

app = typer.Typer(
    name="dlq",
    no_args_is_help=True,
    help="Look at refused records and replay them. Their content is as sensitive as its source and shown by `show --raw` alone.",
    epilog="Exit codes: 0 ok, 1 failure, 2 usage, 5 broker unreachable.",
)

DEFAULT_REPLAY_LOG = Path(".ecda/replays.jsonl")
SUFFIX = ".dlq"
UNKNOWN = "unknown"
_AT_ONCE = 500
_ATTRIBUTES = (
    "id",
    "source",
    "specversion",
    "type",
    "authority",
    "time",
    "recordedtime",
    "revision",
    "subject",
    "datacontenttype",
    "dataschema",
)
KNOWN_HEADERS = frozenset({"content-type", *(f"ce_{name}" for name in _ATTRIBUTES)})
"""Names that cannot be somebody's; of any other header only the number is shown."""

REASON_HEADERS = ("group", "first-failed-at", "app-version")
"""Of what stands beside a record; shown by name, because a source can send a header `dlq-...` of its own with anything in it."""

Topic = Annotated[str | None, typer.Option("--topic", help="Only this topic, by the name of the source or of its .dlq.")]
Reason = Annotated[str | None, typer.Option("--reason", help="Only letters with this reason code.")]


@dataclass(frozen=True)
class Letter:
    """A refused record with the reason beside it."""

    found: Found
    stage: str
    reason: str
    detail: str
    failed_at: str
    source: str

    @property
    def position(self) -> str:
        """Return where the letter stands."""
        return f"{self.found.topic} {self.found.partition} {self.found.offset}"

    @property
    def size(self) -> int:
        """Return the bytes of its value."""
        return len(self.found.value or b"")


@app.command(name="list", epilog="Example: ecda-stream dlq list --topic ecda.source.police.v1 --records")
def list_letters(
    topic: Topic = None,
    reason: Reason = None,
    records: Annotated[bool, typer.Option("--records", help="One line for each record instead of counts.")] = False,
    bootstrap: Bootstrap = None,
    as_json: Json = False,
) -> None:
    """Count refused records by topic, stage and reason; never their content."""
    with errors_as_exit_codes():
        settings = settings_of(bootstrap=bootstrap)
        letters = [letter for letter in _letters(settings, topic) if reason is None or letter.reason == reason]
    if records:
        _print_letters(letters, as_json)
    else:
        _print_counts(letters, as_json)
    typer.echo(f"{len(letters)} refused records", err=True)


@app.command(epilog="Example: ecda-stream dlq show ecda.source.police.v1 24 17")
def show(
    topic: Annotated[str, typer.Argument(help="A source topic, or its .dlq.")],
    partition: Annotated[int, typer.Argument(help="Partition of the .dlq topic.", min=0)],
    offset: Annotated[int, typer.Argument(help="Offset in the .dlq topic.", min=0)],
    raw: Annotated[bool, typer.Option("--raw", help="Print the record's own bytes to stdout: personal data.")] = False,
    bootstrap: Bootstrap = None,
    as_json: Json = False,
) -> None:
    """Print why one record was refused. With --raw its bytes go to stdout; with --raw --json key, value and headers in base64."""
    with errors_as_exit_codes():
        letter = _letter_at(settings_of(bootstrap=bootstrap), topic, partition, offset)
    if letter is None:
        typer.echo("no record stands there", err=True)
        raise typer.Exit(ExitCode.FAILURE)
    typer.echo(_about(letter) if raw or not as_json else json.dumps(_as_json(letter)), err=raw)
    if raw:
        typer.echo("What follows on stdout is as sensitive as its source: names and identifiers of children may be in it.", err=True)
        _print_raw(letter, as_json)


@app.command(
    epilog="Example: ecda-stream dlq replay --topic ecda.source.police.v1 --reason unknown-type "
    '--reason-for-replay "the type is known since the last release" --yes',
)
def replay(
    reason_for_replay: Annotated[str, typer.Option("--reason-for-replay", help="Why; it is logged.")],
    topic: Topic = None,
    reason: Reason = None,
    partition: Annotated[int | None, typer.Option("--partition", min=0, help="Only this partition (with --topic).")] = None,
    offset: Annotated[int | None, typer.Option("--offset", min=0, help="Only this offset (with --partition).")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run/--yes", help="Say what would be done, or do it.")] = True,
    replay_log: Annotated[
        Path, typer.Option("--replay-log", help="File to which the replay is appended, without content.", dir_okay=False)
    ] = DEFAULT_REPLAY_LOG,
    bootstrap: Bootstrap = None,
    as_json: Json = False,
) -> None:
    """Publish refused records again to the topic and partition they came from: key, value and headers as they were.

    Only records that `admit` refused. The letters stay; what is replayed twice is recognised by its event id and counts once.
    Without --yes nothing is published.
    """
    if (partition is not None and topic is None) or (offset is not None and partition is None):
        raise typer.BadParameter("--offset needs --partition, and --partition needs --topic")
    why = required_text(reason_for_replay, "--reason-for-replay")
    chosen, left = [], Counter[str]()
    with errors_as_exit_codes():
        settings = settings_of(bootstrap=bootstrap)
        for letter in _letters(settings, topic):
            if (
                reason not in (None, letter.reason)
                or partition not in (None, letter.found.partition)
                or offset not in (None, letter.found.offset)
            ):
                continue
            if obstacle := _why_not(letter):
                left[obstacle] += 1
            else:
                chosen.append(letter)
        counts = Counter((letter.source, letter.reason) for letter in chosen)
        if chosen and not dry_run:
            counted = [{"topic": name, "reason_code": code, "records": count} for (name, code), count in sorted(counts.items())]
            append_trace(replay_log, {"reason": why, "replayed": counted})
            _publish(settings, [_as_it_was(letter) for letter in chosen])
    if as_json:
        counted = [{"topic": name, "reason_code": code, "records": count} for (name, code), count in sorted(counts.items())]
        typer.echo(json.dumps({"published": not dry_run, "replayed": counted, "left": dict(left)}))
    elif counts:
        table = [(str(count), name, printable(code)) for (name, code), count in sorted(counts.items())]
        typer.echo(columns([("RECORDS", "TO", "REFUSED FOR"), *table]))
    for obstacle, count in left.items():
        typer.echo(f"{count} left where they are: {obstacle}", err=True)
    said = "would be replayed; --yes does it" if dry_run else f"replayed; logged in {replay_log}" if chosen else "replayed"
    typer.echo(f"{len(chosen)} records {said}", err=True)


def _letters(settings: Settings, topic: str | None) -> Generator[Letter]:
    from ecda_stream.worker.reading import read_topics

    for found in read_topics(settings, *_topics(settings, topic)):
        yield _letter(found)


def _topics(settings: Settings, topic: str | None) -> list[str]:
    from ecda_stream.files.topics import load_topics

    names = [declared.name for declared in load_topics(settings.topics_file).of_kind("refused")]
    if topic is None:
        return names
    wanted = topic.removesuffix(SUFFIX) + SUFFIX
    if wanted not in names:
        raise typer.BadParameter(f"one of {', '.join(names)}", param_hint="topic")
    return [wanted]


def _letter(found: Found) -> Letter:
    from ecda_stream.contract.refusal import HEADER_PREFIX

    headers = {name: value.decode("utf-8", "replace") for name, value in found.headers}
    return Letter(
        found,
        stage=headers.get("dlq-stage", UNKNOWN),
        reason=headers.get("dlq-reason-code", UNKNOWN),
        detail=headers.get("dlq-detail", ""),
        failed_at=headers.get("dlq-first-failed-at", ""),
        source=headers.get(f"{HEADER_PREFIX}topic", UNKNOWN),
    )


def _letter_at(settings: Settings, topic: str, partition: int, offset: int) -> Letter | None:
    with closing(_letters(settings, topic)) as letters:
        return next((letter for letter in letters if (letter.found.partition, letter.found.offset) == (partition, offset)), None)


def _words(reason: str) -> str:
    from ecda_stream.contract.refusal import REASONS

    return REASONS.get(reason, "a reason that this version does not know")


def _print_counts(letters: Sequence[Letter], as_json: bool) -> None:
    counts = Counter((letter.found.topic, letter.stage, letter.reason) for letter in letters)
    if as_json:
        keys = ("topic", "stage", "reason_code")
        counted = [{**dict(zip(keys, key, strict=True)), "records": count} for key, count in sorted(counts.items())]
        typer.echo(json.dumps(counted))
    elif counts:
        table = [
            (str(count), topic, printable(stage), printable(reason), _words(reason))
            for (topic, stage, reason), count in sorted(counts.items())
        ]
        typer.echo(columns([("RECORDS", "TOPIC", "STAGE", "REASON", "IN WORDS"), *table]))


def _print_letters(letters: Sequence[Letter], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps([_as_json(letter) for letter in letters]))
    elif letters:
        table = [
            (
                letter.found.topic,
                str(letter.found.partition),
                str(letter.found.offset),
                printable(letter.reason),
                printable(letter.failed_at)[:19],
                f"{letter.size} B",
                printable(letter.detail),
            )
            for letter in letters
        ]
        typer.echo(columns([("TOPIC", "PARTITION", "OFFSET", "REASON", "FAILED AT", "SIZE", "DETAIL"), *table]))


def _as_json(letter: Letter) -> dict[str, Any]:
    names, others = _own_headers(letter)
    return {
        "topic": letter.found.topic,
        "partition": letter.found.partition,
        "offset": letter.found.offset,
        "source": letter.source,
        "stage": letter.stage,
        "reason_code": letter.reason,
        "detail": letter.detail,
        "failed_at": letter.failed_at,
        "bytes": letter.size,
        "headers": names,
        "other_headers": others,
    }


def _about(letter: Letter) -> str:
    from ecda_stream.contract.refusal import HEADER_PREFIX

    names, others = _own_headers(letter)
    beside = dict(letter.found.headers)
    place = " ".join(_beside(beside, f"{HEADER_PREFIX}{name}") for name in ("partition", "offset"))
    return columns(
        [
            ("letter", letter.position),
            ("came from", f"{printable(letter.source)} {place}"),
            ("refused by", printable(letter.stage)),
            ("refused because", f"{printable(letter.reason)}: {_words(letter.reason)}"),
            ("detail", printable(letter.detail)),
            *((name.replace("-", " "), _beside(beside, f"dlq-{name}")) for name in REASON_HEADERS),
            ("value", f"{letter.size} bytes" if letter.found.value is not None else "none"),
            ("key", f"{len(letter.found.key)} bytes" if letter.found.key is not None else "none"),
            ("its own headers", ", ".join(names + ([f"{others} other(s)"] if others else [])) or "none"),
        ]
    )


def _beside(headers: Mapping[str, bytes], name: str) -> str:
    return printable(headers.get(name, b"").decode("utf-8", "replace"))


def _own_headers(letter: Letter) -> tuple[list[str], int]:
    """Return the names of the record's own headers that are CloudEvents', and how many others it has; never a value."""
    own = [name for name, _ in letter.found.headers if not _is_ours(name)]
    return [name for name in own if name in KNOWN_HEADERS], sum(name not in KNOWN_HEADERS for name in own)


def _is_ours(name: str) -> bool:
    from ecda_stream.contract.refusal import HEADER_PREFIX

    return name.startswith((HEADER_PREFIX, "dlq-"))


def _print_raw(letter: Letter, as_json: bool) -> None:
    from ecda_stream.worker.dead_letters import original_headers

    if not as_json:
        sys.stdout.buffer.write(letter.found.value or b"")
        sys.stdout.buffer.flush()
        return
    headers = [[name, _base64(value)] for name, value in original_headers(letter.found.headers)]
    typer.echo(json.dumps({"key": _base64(letter.found.key), "value": _base64(letter.found.value), "headers": headers}))


def _base64(value: bytes | None) -> str | None:
    return None if value is None else base64.b64encode(value).decode()


def _why_not(letter: Letter) -> str | None:
    """Return why a letter cannot be replayed."""
    if letter.stage != "admit" or letter.found.topic != letter.source + SUFFIX:
        return "not refused by admit"
    if letter.found.value is None:
        return "a record without a value"
    return "only their first bytes were kept" if letter.reason == "record-too-large" else None


def _as_it_was(letter: Letter) -> Sending:
    from ecda_stream.worker.dead_letters import original_headers
    from ecda_stream.worker.outbox import Sending

    found = letter.found
    return Sending(letter.source, found.partition, found.key, found.value, original_headers(found.headers))


def _publish(settings: Settings, sendings: Sequence[Sending]) -> None:
    import asyncio

    from aiokafka.errors import KafkaError

    from ecda_stream.errors import Unavailable
    from ecda_stream.worker.outbox import Outbox

    async def publish() -> None:
        outbox = Outbox(settings)
        try:
            await outbox.start()
            for first in range(0, len(sendings), _AT_ONCE):
                await outbox.deliver(sendings[first : first + _AT_ONCE])
        finally:
            await outbox.stop()

    try:
        asyncio.run(publish())
    except (KafkaError, TimeoutError) as error:
        raise Unavailable(f"the broker did not take the records: {type(error).__name__}; replay again, nothing counts twice") from None
