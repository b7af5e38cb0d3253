"""How an authority's alerting stands at the end of what was folded: for whoever watches it, never for a decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from ecda_stream.alert.days import week_of
from ecda_stream.alert.guardrail import counted_before, counted_on, running_day
from ecda_stream.alert.stops import stop_in_force
from ecda_stream.definition import StreamDefinition
from ecda_stream.state import Draft, as_of

LATEST = 2**62
"""An offset beyond any."""


@dataclass(frozen=True)
class Standing:
    """Alerts held and out this week, why alerting is stopped (None: it is not), and what the guardrail would see now."""

    held: int
    sent_this_week: int
    capacity: int
    stopped: str | None
    shares: Mapping[str, float]
    """Of families and days in the guardrail's window: alert_rate, episode, history and text; absent without any."""


def summarise(draft: Draft, authority: str, definition: StreamDefinition) -> Standing | None:
    """Return how an authority stands, or None if nothing came from it."""
    today = running_day(draft, authority, LATEST)
    if today is None:
        return None
    policy = definition.policy
    names: set[str] = set()
    for weeks in range(policy.expires_after_days // 7 + 3):
        key = f"held/{authority}/{(week_of(today) - timedelta(weeks=weeks)).isoformat()}"
        names |= {name for _, name in draft.get("policy", key) or ()}
    held = sum((draft.get("policy", f"alert/{name}") or [[0, ""]])[-1][1] == "held" for name in names)
    sent = {name for _, name in as_of(draft.get("policy", f"week/{authority}/{week_of(today).isoformat()}"), LATEST)}
    stop = stop_in_force(draft, authority, LATEST)
    return Standing(held, len(sent), policy.capacity(authority), stop.cause if stop else None, _shares(draft, authority, definition))


def _shares(draft: Draft, authority: str, definition: StreamDefinition) -> dict[str, float]:
    today = running_day(draft, authority, LATEST)
    assert today is not None
    start = today - timedelta(days=definition.policy.guardrail.window_days)
    window = counted_before(draft, authority, today, LATEST) + counted_on(draft, authority, today, LATEST)
    window -= counted_before(draft, authority, start, LATEST)
    counts = {"alert_rate": window.alerts, "episode": window.episode, "history": window.history, "text": window.text}
    return {name: number / window.groups for name, number in counts.items()} if window.groups else {}
