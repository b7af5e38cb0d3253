"""`ecda-stream admit` and `ecda-stream replay`: the two steps over files, without Kafka."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ecda_stream.commands.exits import ExitCode, errors_as_exit_codes
from ecda_stream.commands.progress import counting, working
from ecda_stream.commands.records import Json, columns, settings_of

GOLDEN_FILES = ("scores.jsonl", "alerts.jsonl")


class Arrive(StrEnum):
    """What counts as the time of arrival of a line."""

    arrivedtime = "arrivedtime"
    recorded = "recorded"


def admit(
    events: Annotated[
        Path, typer.Argument(metavar="EVENTS", help="Source events, one CloudEvents JSON object a line.", exists=True, dir_okay=False)
    ],
    out: Annotated[Path, typer.Option("--out", help="The LOG to write.", dir_okay=False)],
    refusals: Annotated[
        Path | None, typer.Option("--refusals", help="Keep refused records here, with their bytes: personal data.", dir_okay=False)
    ] = None,
    arrive: Annotated[
        Arrive, typer.Option("--arrive", help="Time of arrival: the line's own arrivedtime, or when it was recorded (back-tests).")
    ] = Arrive.arrivedtime,
    partitions: Annotated[int, typer.Option("--partitions", min=1, help="Partitions of the log.")] = 32,
    secret_file: Annotated[
        Path | None, typer.Option("--secret-file", help="The key of the pseudonyms.  [default: ECDA_SECRET_FILE]", dir_okay=False)
    ] = None,
    review_public_key_file: Annotated[
        Path | None,
        typer.Option(
            "--review-public-key-file",
            help="The review team's public key.  [default: ECDA_REVIEW_PUBLIC_KEY_FILE]",
            dir_okay=False,
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Turn a file of source events into a LOG: checked, read and pseudonymised. No name, identifier or sentence is in the LOG.

    Exit codes: 0 ok, 1 failure, 2 usage, 3 records were refused (the LOG has all the others).
    """
    from ecda_stream.files.lexicon import load_lexicon
    from ecda_stream.pipeline import Desk
    from ecda_stream.replay import admit_file
    from ecda_stream.text.reader import Reader

    with errors_as_exit_codes(), working(f"admitting {events.name}"):
        settings = settings_of(secret_file=secret_file, review_public_key_file=review_public_key_file)
        secret, sealer = settings.read_secret(), settings.read_sealer()
        desk = Desk(Reader(load_lexicon(settings.streams_dir / "lexicon")), secret, sealer)
        for path in (out, refusals):
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
        tally = admit_file(events, out, refusals, desk, partitions, arrive.value)
    refused = tally.refused.total()
    if as_json:
        counted = {
            "records": tally.records,
            "entries": tally.entries,
            "refused": dict(tally.refused),
            "unknown_fields": tally.unknown_fields,
            "set_aside": dict(tally.set_aside),
        }
        typer.echo(json.dumps(counted, sort_keys=True))
    _summarise({"records read": tally.records, "entries written": tally.entries, "refused": refused})
    _summarise({f"  {_reason_words(code)}": count for code, count in tally.refused.most_common()})
    _summarise({f"  set aside, {what}": count for what, count in tally.set_aside.most_common()})
    if refused:
        if refusals is None:
            typer.echo("the refused records were not kept; --refusals FILE keeps them", err=True)
        raise typer.Exit(ExitCode.BAD_RECORDS)


def replay(
    stream: Annotated[str, typer.Argument(metavar="STREAM", help="The stream, by the name of its folder.")],
    log: Annotated[Path, typer.Argument(metavar="LOG", help="A file of `admit` or `log export`.", exists=True, dir_okay=False)],
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for scores.jsonl, alerts.jsonl and refusals.jsonl.", file_okay=False)
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Replace the stream's golden scores and alerts; LOG must lie in its golden folder.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Fold a LOG into scores and alerts, as the worker does from Kafka: the same log gives the same records, byte for byte.

    Exit codes: 0 ok, 1 failure (a bad stream, model or log), 2 usage, 5 no such stream.
    """
    from ecda_stream.files.stream import load_stream
    from ecda_stream.replay import replay as replay_log

    if (out is None) != write:
        raise typer.BadParameter("say either --out DIR or --write")
    with errors_as_exit_codes():
        settings = settings_of()
        golden = settings.streams_dir / stream / "golden"
        if write and log.resolve().parent != golden.resolve():
            raise typer.BadParameter(f"LOG must lie in {golden}: golden files belong to a golden log", param_hint="--write")
        loaded = load_stream(stream, settings.streams_dir, settings.models_dir)
        with tempfile.TemporaryDirectory(prefix="ecda-replay-") as scratch, counting("entries") as one_more:
            counts = replay_log(log, out or Path(scratch), loaded, one_more)
            for name in GOLDEN_FILES if write else ():
                shutil.copyfile(Path(scratch) / name, golden / name)
    if as_json:
        typer.echo(json.dumps(dict(counts), sort_keys=True))
    _summarise({name.replace("_", " "): count for name, count in sorted(counts.items())})
    typer.echo(f"written to {golden if out is None else out}", err=True)


def _reason_words(code: str) -> str:
    from ecda_stream.contract.refusal import REASONS

    return f"{code}: {REASONS[code]}" if code in REASONS else code


def _summarise(counts: Mapping[str, int]) -> None:
    if counts:
        typer.echo(columns([(f"{count:>7}", what) for what, count in counts.items()]), err=True)
