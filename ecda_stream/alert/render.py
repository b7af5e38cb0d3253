"""An alert as a reviewer reads it on a terminal: the request, the facts each way with dates and points, what is missing, by when."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from datetime import date

from ecda_stream.alert.decide import DECISIONS, STATUS_REASONS
from ecda_stream.contract.alert import Alert, AlertChild, AlertFact
from ecda_stream.contract.envelope import LONDON

WIDTH = 100
MOST_DAYS = 5
"""Dates shown with one fact; the latest are the ones that matter."""
SHORT = 10
STRENGTHS = (0.22, 0.5)
"""Log-odds at which a fact gets a second and a third sign: e to the power of these multiplies the odds by 1.25 and 1.65."""

MODES = {
    "demo": "DEMO - made on a demonstration system; act on nothing in it",
    "shadow": "SHADOW - made on trial; it was not meant to be sent",
    "live": "LIVE",
}
_LABEL = 13
_INDENT = " " * 4


def render_alert(alert: Alert, width: int = WIDTH) -> str:
    """Return the full text of one revision of an alert, without a line break at its end."""
    return "\n".join(line.rstrip() for line in _lines(alert, width))


def short_id(identifier: str) -> str:
    """Return the first digits of an id, without the key id that a token begins with."""
    return identifier.rpartition("_")[2][:SHORT]


def status_words(alert: Alert) -> str:
    """Return why the alert has its status, in words."""
    code = alert.status_reason
    return STATUS_REASONS.get(code) or f"{DECISIONS['not-scored']}: {code.replace('-', ' ')}"


def day_words(day: date) -> str:
    """Return a day as people write it."""
    return f"{day.day} {day:%b %Y}"


def _lines(alert: Alert, width: int) -> Iterator[str]:
    yield "=" * width
    yield MODES[alert.mode]
    yield f"Alert {short_id(alert.alert_id)}    {alert.status.upper()}    revision {alert.revision}    authority {alert.authority}"
    yield "=" * width
    yield from _wrapped(alert.request, width)
    if alert.decision is not None:
        decided = f"{alert.decision.verdict.replace('_', ' ')} ({alert.decision.reason}), {day_words(alert.decision.decided_on)}"
        yield ""
        yield from _field("Decided", decided, width)
    yield ""
    raised = alert.raised_at.astimezone(LONDON)
    yield from _field("Closed on", day_words(alert.closing_day), width)
    yield from _field("Review by", day_words(alert.review_by), width)
    yield from _field("Expires on", day_words(alert.expires_on), width)
    yield from _field("Status", f"{alert.status}, revision {alert.revision}: {status_words(alert)}", width)
    yield from _field("Raised", f"{day_words(raised.date())}, {raised:%H:%M}", width)
    for number, child in enumerate(alert.children, start=1):
        yield ""
        yield from _child(child, number, alert, width)
    yield ""
    yield from _field("Model", f"{alert.model_version} of stream {alert.stream}", width)
    yield from _field("Alert id", alert.alert_id, width)
    yield from _field("Caused by", f"the event log, partition {alert.caused_by.partition}, offset {alert.caused_by.offset}", width)
    yield ""
    yield from _wrapped(alert.caveat, width)


def _child(child: AlertChild, number: int, alert: Alert, width: int) -> Iterator[str]:
    of = len(alert.children)
    heading = f"Child {number} of {of}" if of > 1 else "Child"
    yield from _field(heading, f"{short_id(child.person)} (pseudonym)", width)
    if child.closing_day != alert.closing_day:
        yield from _field("Closed on", day_words(child.closing_day), width)
    yield from _field("Score", child.meaning, width)
    sealed = "sealed; `ecda-stream alerts open` opens it for the review team, with a reason"
    yield from _field("Case", sealed if child.sealed_reference else "no reference came with the closure", width)
    if child.why == "audit":
        yield from _field("Drawn", "by lot; the score is below the threshold", width)
    in_points = child.probability is None
    yield from _facts("What raises it", child.raises, in_points, width)
    yield from _facts("What lowers it", child.lowers, in_points, width)
    if child.missing:
        yield "  What is missing or stale"
        for text in child.missing:
            yield from _wrapped(text, width, first=f"{_INDENT}   - ", then=f"{_INDENT}     ")


def _facts(heading: str, facts: Sequence[AlertFact], in_points: bool, width: int) -> Iterator[str]:
    yield f"  {heading}{'' if facts else ': nothing'}"
    for fact in facts:
        strength = f"{fact.points:+.2f}".rstrip("0").rstrip(".") if in_points else _strength(fact.points)
        days = _days(fact)
        yield from _wrapped(f"{fact.words}{f': {days}' if days else ''}", width, first=f"{_INDENT}{strength:>4} ", then=" " * 9)


def _strength(log_odds: float) -> str:
    """Return how strongly a fact moves the score: one sign up to a quarter of the odds, two up to two thirds, three beyond."""
    return ("+" if log_odds > 0 else "-") * (1 + sum(abs(log_odds) >= bound for bound in STRENGTHS))


def _days(fact: AlertFact) -> str:
    shown = sorted(fact.days)[-MOST_DAYS:]
    earlier = max(fact.entries, len(fact.days)) - len(shown)
    return ", ".join([*dict.fromkeys(day_words(day) for day in shown), *([f"and {earlier} earlier"] if shown and earlier else [])])


def _field(label: str, text: str, width: int) -> list[str]:
    return _wrapped(text, width, first=f"{label:<{_LABEL}} ", then=" " * (_LABEL + 1))


def _wrapped(text: str, width: int, first: str = "", then: str = "") -> list[str]:
    """A text from a topic must not be able to move the cursor of the terminal that shows it."""
    clean = "".join(character if character.isprintable() else " " for character in text)
    return textwrap.wrap(clean, width, initial_indent=first, subsequent_indent=then, break_on_hyphens=False) or [first]
