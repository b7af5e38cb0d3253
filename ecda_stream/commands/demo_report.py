"""What the demo prints at its end: what went in and was refused, what the policy did, the newest alerts, what the model is worth."""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecda_stream.commands.records import columns

if TYPE_CHECKING:
    from ecda_stream.commands.processes import Demo
    from ecda_stream.contract.alert import Alert, Notice
    from ecda_stream.contract.score import ScoreRecord

ALERTS_SHOWN = 2
STREAM = "re_referral"


@dataclass
class Outputs:
    """What came out: the last record of each score and alert, every decision ever made, and the notices."""

    scores: dict[str, ScoreRecord] = field(default_factory=dict)
    decisions: Counter[str] = field(default_factory=Counter)
    """Reasons of decisions, each counted once for a closure, whatever became of it later."""
    weeks: dict[date, Counter[str]] = field(default_factory=dict)
    """What was decided in each week of the last ones."""
    alerts: dict[str, Alert] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)


def report(running: Demo, events: Path, published: int, live_from: date, started: float) -> dict[str, Any]:
    """Print what came out and return the summary."""
    from ecda_stream.alert.render import render_alert
    from ecda_stream.contract.refusal import REASONS

    entries = sum(b'"type":"day.started' not in (found.value or b"") for found in running.read("ecda.event_log.v1"))
    refused = Counter(dict(letter.headers)["dlq-reason-code"].decode() for letter in running.read(*running.dead_letter_topics))
    out = _collect(running, live_from)
    reasons = Counter(score.reason for score in out.scores.values() if score.reason)
    scored = sum(score.outcome == "scored" for score in out.scores.values())
    with events.open("rb") as lines:
        types = Counter(str(json.loads(line)["type"]) for line in lines)
    _table("What went in", {kind.removeprefix("uk.csc."): number for kind, number in types.most_common()}, published)
    _table("What was refused, and why", {f"{c}: {REASONS.get(c, '')}": n for c, n in refused.most_common()}, refused.total())
    _table("Closures", {"scored": scored, **{f"not scored: {r}": n for r, n in reasons.most_common()}}, len(out.scores))
    _print_policy(out, live_from)
    newest = sorted(out.alerts.values(), key=lambda alert: (alert.status == "open", alert.closing_day, alert.alert_id), reverse=True)
    still_open = sum(alert.status == "open" for alert in newest)
    print(f"The newest of {len(newest)} alerts, {still_open} of them still open, as a reviewer reads them:\n")
    for alert in newest[:ALERTS_SHOWN]:
        print(render_alert(alert), end="\n\n")
    worth = _print_worth()
    print("Metrics: " + " and ".join(running.metrics_addresses))
    seconds = round(time.monotonic() - started, 1)
    print(f"{published} events in, {entries} entries, {refused.total()} refused, {len(out.alerts)} alerts, {seconds} s.")
    return {
        "published": published,
        "entries": entries,
        "refused": refused.total(),
        "refused_by_code": dict(sorted(refused.items())),
        "closures": len(out.scores),
        "scored": scored,
        "not_scored": reasons.total(),
        "not_scored_by_reason": dict(sorted(reasons.items())),
        "alerts": len(out.alerts),
        "alerts_by_status": dict(sorted(Counter(alert.status for alert in out.alerts.values()).items())),
        "held": out.decisions["held-for-capacity"],
        "audit_sample": sum(score.decision.audit for score in out.scores.values()),
        "notices": len(out.notices),
        **worth,
        "seconds": seconds,
    }


def _collect(running: Demo, live_from: date) -> Outputs:
    from ecda_stream.contract.alert import Notice, parse_published
    from ecda_stream.contract.score import ScoreRecord

    out = Outputs()
    seen: set[tuple[str, str]] = set()
    for found in running.read(f"ecda.{STREAM}.scores.v1"):
        score = ScoreRecord.model_validate_json(found.value or b"")
        if score.score_id not in out.scores or out.scores[score.score_id].revision <= score.revision:
            out.scores[score.score_id] = score
        reason = score.decision.reason
        if (score.score_id, reason) not in seen:
            seen.add((score.score_id, reason))
            out.decisions[reason] += 1
            if score.arrived_at.date() >= live_from and score.revision == 0:
                _week(out, score.arrived_at.date())[reason] += 1
    for found in running.read(f"ecda.{STREAM}.alerts.v1"):
        one = parse_published(found.value or b"")
        if isinstance(one, Notice):
            out.notices.append(one)
            continue
        if one.alert_id not in out.alerts and one.raised_at.date() >= live_from:
            _week(out, one.raised_at.date())["alerts out"] += 1
        if one.alert_id not in out.alerts or out.alerts[one.alert_id].revision <= one.revision:
            out.alerts[one.alert_id] = one
    return out


def _week(out: Outputs, day: date) -> Counter[str]:
    return out.weeks.setdefault(day - timedelta(days=day.weekday()), Counter())


def _print_policy(out: Outputs, live_from: date) -> None:
    from ecda_stream.alert.decide import DECISIONS

    print(f"What the policy did, over all years ({len(out.alerts)} alerts; a closure can have had several decisions):")
    print(columns([(f"  {number:>7,}", reason, DECISIONS.get(reason, "")) for reason, number in out.decisions.most_common()]))
    for notice in out.notices:
        print(f"  guardrail: authority {notice.authority} {notice.status} on {notice.since.date()}: {notice.words}")
    names = ("at-or-above-threshold", "held-for-capacity", "audit-sample", "arrived-too-late", "below-threshold")
    print(f"\nThe last weeks, from {live_from} on, closures by their first decision, and alerts that went out:")
    rows: list[tuple[str, ...]] = [("  week of", "alerts out", *names)]
    for monday, counts in sorted(out.weeks.items()):
        rows.append((f"  {monday}", str(counts["alerts out"]), *(str(counts[name]) for name in names)))
    print(columns(rows), end="\n\n")


def _print_worth() -> dict[str, Any]:
    """Print what the released model was measured to be worth; nothing for a model without measurements."""
    from ecda_stream.files.stream import load_definition
    from ecda_stream.worker.settings import load_settings

    settings = load_settings()
    version = load_definition(settings.streams_dir / STREAM).model
    path = settings.models_dir / STREAM / version / "metrics.json"
    if not path.is_file():
        print(f"Model {version} was never measured.")
        return {"captured_share": None}
    measured = json.loads(path.read_bytes())
    captured, ceiling = measured["capture_at_6"], measured.get("ceiling_at_6")
    print(
        f"Model {version}, measured out of time and out of family on simulated data: {captured:.0%} of the closures that escalated "
        f"were among the 6 % with the highest score. Chance: 6 %." + (f" Ceiling: {ceiling:.0%}." if ceiling is not None else "")
    )
    return {"captured_share": captured, "chance": 0.06, "ceiling": ceiling, "model": version}


def _table(title: str, rows: dict[str, int], total: int) -> None:
    print(f"{title}: {total}")
    for name, number in rows.items():
        print(f"  {number:>7,}  {name}")
    print()
