"""`ecda-stream scores`: every closure with its score or the reason why it has none."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecda_stream.commands.exits import ExitCode, errors_as_exit_codes
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
    warn_unreadable,
)

if TYPE_CHECKING:
    from ecda_stream.worker.reading import Found

app = typer.Typer(
    name="scores",
    no_args_is_help=True,
    help="Look at the score records of a stream; all of them are pseudonymised.",
    epilog="Exit codes: 0 ok, 1 failure, 2 usage, 3 records left out of an export, 5 broker unreachable.",
)


@app.command(name="list", epilog="Example: ecda-stream scores list --json")
def list_scores(stream: StreamName = DEFAULT_STREAM, bootstrap: Bootstrap = None, as_json: Json = False) -> None:
    """Count the closures by the outcome and reason of their latest score record."""
    from ecda_stream.alert.decide import DECISIONS
    from ecda_stream.worker.reading import read_topics

    topic, revisions, last = _topic(stream), 0, {}
    with errors_as_exit_codes():
        for record in read_topics(settings_of(bootstrap=bootstrap), topic):
            revisions += 1
            last[record.key] = _summary(record)
    warn_unreadable(sum(summary is None for summary in last.values()), topic, "score record")
    counts = Counter(summary for summary in last.values() if summary is not None)
    rows = sorted(counts.items(), key=lambda item: (item[0][0] != "scored", -item[1], item[0]))
    if as_json:
        counted = [{"outcome": outcome, "reason": reason, "closures": count} for (outcome, reason), count in rows]
        typer.echo(json.dumps({"records": revisions, "closures": counts.total(), "counts": counted}))
        return
    if rows:
        table = [
            (str(count), outcome, printable(reason), DECISIONS.get(reason, reason.replace("-", " ")))
            for (outcome, reason), count in rows
        ]
        typer.echo(columns([("CLOSURES", "OUTCOME", "REASON", "IN WORDS"), *table]))
    typer.echo(f"{counts.total()} closures in {revisions} score records", err=True)


@app.command(name="export", epilog="Example: ecda-stream scores export --out scores.jsonl")
def export_scores(
    out: Out,
    only_latest: Annotated[bool, typer.Option("--latest", help="Only the last revision of each score.")] = False,
    stream: StreamName = DEFAULT_STREAM,
    bootstrap: Bootstrap = None,
) -> None:
    """Write the records of the scores topic, one JSON object {partition, key, value} a line, in the order of the topic."""
    from ecda_stream.worker.reading import read_topics

    with errors_as_exit_codes():
        records = read_topics(settings_of(bootstrap=bootstrap), _topic(stream))
        counts = export(latest(records) if only_latest else records, out)
    report_export(*counts, out)


@app.command(epilog="Example: ecda-stream scores show 81d0f4")
def show(
    score_id: Annotated[str, typer.Argument(metavar="SCORE_ID", help="The id of a score, or its first digits.")],
    stream: StreamName = DEFAULT_STREAM,
    bootstrap: Bootstrap = None,
) -> None:
    """Print the latest record of a score as JSON: contributions, their dated evidence, positions and digests."""
    from ecda_stream.worker.reading import read_topics

    wanted = score_id.lower().encode("ascii", "replace")
    with errors_as_exit_codes():
        records = read_topics(settings_of(bootstrap=bootstrap), _topic(stream))
        found = latest(record for record in records if (record.key or b"").startswith(wanted))
    if len(found) != 1:
        typer.echo(f"{len(found) or 'no'} scores of {stream} have an id that begins with {printable(score_id)}", err=True)
        raise typer.Exit(ExitCode.FAILURE)
    typer.echo(json.dumps(_parsed(found[0]), indent=2, ensure_ascii=False))


def _topic(stream: str) -> str:
    return f"ecda.{stream}.scores.v1"


def _parsed(record: Found) -> Any:
    try:
        return json.loads(record.value or b"null")
    except ValueError:
        return None


def _summary(record: Found) -> tuple[str, str] | None:
    """Return outcome and reason: why it is not scored, else what was decided."""
    from pydantic import ValidationError

    from ecda_stream.contract.score import ScoreRecord

    try:
        score = ScoreRecord.model_validate_json(record.value or b"")
    except ValidationError:
        return None
    return score.outcome, score.reason or score.decision.reason
