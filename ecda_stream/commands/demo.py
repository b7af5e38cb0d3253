"""`ecda-stream demo`: the whole path on this machine, from the invented samples through a real Kafka to alerts a reviewer can read."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecda_stream.commands.exits import errors_as_exit_codes

if TYPE_CHECKING:
    from ecda_stream.commands.processes import Demo

SAMPLES = Path("streams/re_referral/examples/demo")
ALERTS_SHOWN = 2
LONGEST_SECONDS = 240.0


def demo(
    keep: Annotated[bool, typer.Option("--keep", help="Leave Kafka and the workers running.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="End with the summary as one JSON object on the last line of stdout.")
    ] = False,
    samples: Annotated[Path, typer.Option("--samples", help="Folder with the samples.", exists=True, file_okay=False)] = SAMPLES,
    data: Annotated[Path, typer.Option("--data", help="Folder for Kafka's data, secrets and logs; emptied first.")] = Path(
        ".ecda/demo"
    ),
) -> None:
    """Publish the invented samples of eight authorities through a real local Kafka and print what came out.

    Starts Kafka and both workers as processes of their own, and stops what it started. Nothing in the samples is about a real person.

    Examples: ecda-stream demo · ecda-stream demo --json · ecda-stream demo --keep
    """
    from ecda_stream.commands.processes import Demo
    from ecda_stream.errors import Unavailable
    from ecda_stream.local import kafka

    with errors_as_exit_codes():
        started = time.monotonic()
        if kafka.status(data / "kafka").running:
            raise Unavailable(f"a demo is still running there; stop its workers, then: ecda-stream kafka stop --data {data / 'kafka'}")
        shutil.rmtree(data, ignore_errors=True)
        with Demo(data, say, keep=keep) as running:
            summary = _run(running, samples, data, started)
        if keep:
            say(running.how_to_go_on())
        if as_json:
            print(json.dumps(summary))


def say(message: str) -> None:
    """Tell the person in front of the screen how far it is."""
    print(message, file=sys.stderr, flush=True)


def _run(running: Demo, samples: Path, data: Path, started: float) -> dict[str, Any]:
    from ecda_stream.commands.samples import import_samples

    running.start()
    events = import_samples(samples, data / "events.jsonl", say)
    published = running.publish(events)
    running.wait_until_through(LONGEST_SECONDS)
    return _report(running, events, published, started)


def _report(running: Demo, events: Path, published: int, started: float) -> dict[str, Any]:
    from ecda_stream.alert.render import render_alert
    from ecda_stream.contract.alert import Alert, Notice, parse_published
    from ecda_stream.contract.refusal import REASONS
    from ecda_stream.contract.score import ScoreRecord

    entries = sum(b'"type":"day.started' not in (found.value or b"") for found in running.read("ecda.event_log.v1"))
    refused = Counter(dict(letter.headers)["dlq-reason-code"].decode() for letter in running.read(*running.dead_letter_topics))
    scores: dict[str, ScoreRecord] = {}
    for found in running.read("ecda.re_referral.scores.v1"):
        score = ScoreRecord.model_validate_json(found.value or b"")
        if score.score_id not in scores or scores[score.score_id].revision <= score.revision:
            scores[score.score_id] = score
    alerts: dict[str, Alert] = {}
    for found in running.read("ecda.re_referral.alerts.v1"):
        alert = parse_published(found.value or b"")
        if isinstance(alert, Notice):
            continue
        if alert.alert_id not in alerts or alerts[alert.alert_id].revision <= alert.revision:
            alerts[alert.alert_id] = alert
    scored = sum(score.outcome == "scored" for score in scores.values())
    reasons = Counter(score.reason for score in scores.values() if score.reason)
    types = Counter(str(json.loads(line)["type"]) for line in events.open("rb"))
    _table("What went in", {kind.removeprefix("uk.csc."): number for kind, number in types.most_common()}, published)
    _table("What was refused, and why", {f"{c}: {REASONS.get(c, '')}": n for c, n in refused.most_common()}, refused.total())
    _table("Closures", {"scored": scored, **{f"not scored: {r}": n for r, n in reasons.most_common()}}, len(scores))
    open_alerts = [alert for alert in alerts.values() if alert.status == "open"]
    newest = sorted(open_alerts, key=lambda alert: (alert.closing_day, alert.alert_id), reverse=True)[:ALERTS_SHOWN]
    print(f"Alerts: {len(open_alerts)} open, {len(alerts) - len(open_alerts)} withdrawn; the newest as a reviewer reads them:\n")
    print("(All of it arrived today. No rule for closures that arrive late exists yet, so closures of past years raise alerts too.)\n")
    for alert in newest:
        print(render_alert(alert), end="\n\n")
    print("Metrics: " + " and ".join(running.metrics_addresses))
    seconds = round(time.monotonic() - started, 1)
    print(f"{published} events in, {entries} entries, {refused.total()} refused, {len(alerts)} alerts, {seconds} s.")
    return {
        "published": published,
        "entries": entries,
        "refused": refused.total(),
        "refused_by_code": dict(sorted(refused.items())),
        "closures": len(scores),
        "scored": scored,
        "not_scored": reasons.total(),
        "not_scored_by_reason": dict(sorted(reasons.items())),
        "alerts": len(alerts),
        "seconds": seconds,
    }


def _table(title: str, rows: dict[str, int], total: int) -> None:
    print(f"{title}: {total}")
    for name, number in rows.items():
        print(f"  {number:>7,}  {name}")
    print()
