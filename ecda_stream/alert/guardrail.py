"""The guardrail: at the start of each day, whether what was scored in the days before looks like what came before them.

Four tests, each an exact binomial one: the share of families and days with an alert (before capacity) must not rise; the shares of
those with something known of their own episode, with something known from before it, and with a text read must not fall. Families and
days are counted, not triggers: siblings share their fate, and a test that took them for independent would trip without cause. A failing
test means that a source, a link or a model is broken, until somebody has looked: alerting stops and says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from scipy.special import bdtr, bdtrc

from ecda_stream.alert.days import append_dated, first_dated_from, last_dated
from ecda_stream.definition import GuardrailSpec
from ecda_stream.state import Draft, as_of

SMALLEST_FALL = 0.05
"""A share must fall by as much besides: of thousands, a few missing texts are significant and nothing to stop for."""

CHUNK_OFFSETS = 512

CAUSES: Mapping[str, str] = {
    "alert-rate": "far more alerts than before",
    "episode-share": "far fewer cases than before came with anything about their own episode",
    "history-share": "far fewer cases than before came with anything from before their episode",
    "text-share": "far fewer cases than before came with a text that was read",
    "kill-switch": "an operator stopped it",
}
"""Why alerting stops, in words."""


@dataclass(frozen=True)
class Counts:
    """What was decided for the first time: families and days, those with an alert, and what stood behind the first trigger of each."""

    groups: int = 0
    alerts: int = 0
    """Groups with a trigger at or above the threshold, whether or not the alert went out."""
    episode: int = 0
    history: int = 0
    text: int = 0

    @property
    def numbers(self) -> list[int]:
        """Return the counts in their order."""
        return [self.groups, self.alerts, self.episode, self.history, self.text]

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(one + two for one, two in zip(self.numbers, other.numbers, strict=True)))

    def __sub__(self, other: Counts) -> Counts:
        return Counts(*(one - two for one, two in zip(self.numbers, other.numbers, strict=True)))


@dataclass(frozen=True)
class Trip:
    """A test that failed: its cause as a code, and what it compared."""

    cause: str
    figures: Mapping[str, float]


def count(draft: Draft, authority: str, day: date, counts: Counts, offset: int) -> None:
    """Write what one entry decided to the day's counts."""
    key = f"count/{authority}/{day.isoformat()}"
    chunk = offset // CHUNK_OFFSETS
    if all(known != chunk for _, known in draft.get("policy", key) or ()):
        draft.append("policy", key, [offset, chunk])
    draft.append("policy", f"{key}/{chunk}", [offset, *counts.numbers])


def counted_on(draft: Draft, authority: str, day: date, offset: int) -> Counts:
    """Return the counts of one day as they stood at an offset."""
    key = f"count/{authority}/{day.isoformat()}"
    total = Counts()
    for _, chunk in as_of(draft.get("policy", key), offset):
        for _, *counts in as_of(draft.get("policy", f"{key}/{chunk}"), offset):
            total += Counts(*counts)
    return total


def running_day(draft: Draft, authority: str, offset: int) -> date | None:
    """Return the latest day on which anything had arrived from an authority, as known at an offset."""
    last = last_dated(draft, f"days/{authority}", offset)
    return date.fromisoformat(last[1]) if last else None


def begin_day(draft: Draft, authority: str, day: date, offset: int) -> None:
    """Write that a day has begun, with all counts of the days before it added up."""
    last = last_dated(draft, f"days/{authority}", offset - 1)
    total = Counts()
    if last is not None:
        total = Counts(*last[2:]) + counted_on(draft, authority, date.fromisoformat(last[1]), offset - 1)
    append_dated(draft, f"days/{authority}", day, total.numbers, offset)


def counted_before(draft: Draft, authority: str, day: date, offset: int) -> Counts:
    """Return the counts of all days before a day; on none but a day that has begun is anything counted."""
    item = first_dated_from(draft, f"days/{authority}", day, offset)
    return Counts(*item[2:]) if item else Counts()


@dataclass(frozen=True)
class Bounds:
    """First days that count: after a reset, after one that accepted how things are, after another model was activated."""

    reset: date = date.min
    accepted: date = date.min
    model: date = date.min


def judge(
    draft: Draft, authority: str, today: date, spec: GuardrailSpec, bounds: Bounds, alert_rate: float | None, offset: int
) -> Trip | None:
    """Return the first test that fails at the start of a day, or None; `alert_rate` is the model's own."""
    window, reference = _compared(
        draft, authority, today, spec, max(bounds.reset, bounds.model), max(bounds.accepted, bounds.model), offset
    )
    trip = _alert_rate(window, reference, alert_rate if bounds.accepted <= bounds.model else None, spec)
    return trip or _shares(*_compared(draft, authority, today, spec, bounds.reset, bounds.accepted, offset), spec)


def _compared(
    draft: Draft, authority: str, today: date, spec: GuardrailSpec, since: date, reference_since: date, offset: int
) -> tuple[Counts, Counts]:
    """Return the counts of the window before today, and of the days before the window."""
    start = min(max(today - timedelta(days=spec.window_days), since), today)
    before = counted_before(draft, authority, start, offset)
    window = counted_before(draft, authority, today, offset) - before
    reference_start = max(start - timedelta(days=spec.reference_days), reference_since)
    if reference_start >= start:
        return window, Counts()
    return window, before - counted_before(draft, authority, reference_start, offset)


def _alert_rate(window: Counts, reference: Counts, model_rate: float | None, spec: GuardrailSpec) -> Trip | None:
    """The rate expected is the model's or the authority's own of the days before, whichever is higher."""
    rates = [model_rate] if model_rate is not None else []
    if reference.groups >= spec.fewest_reference:
        rates.append(max(reference.alerts, 1) / reference.groups)
    if window.groups < spec.fewest or not rates:
        return None
    expected = max(rates)
    p_value = float(bdtrc(window.alerts - 1, window.groups, expected)) if window.alerts else 1.0
    if p_value >= spec.p_value:
        return None
    return Trip("alert-rate", _figures(spec, window.groups, window.alerts / window.groups, expected, p_value))


def _shares(window: Counts, reference: Counts, spec: GuardrailSpec) -> Trip | None:
    if window.groups < spec.fewest or reference.groups < spec.fewest_reference:
        return None
    for share in ("episode", "history", "text"):
        held = getattr(window, share)
        expected = min(getattr(reference, share), reference.groups - 1) / reference.groups
        observed = held / window.groups
        p_value = float(bdtr(held, window.groups, expected))
        if p_value < spec.p_value and expected - observed >= SMALLEST_FALL:
            return Trip(f"{share}-share", _figures(spec, window.groups, observed, expected, p_value))
    return None


def _figures(spec: GuardrailSpec, cases: int, observed: float, expected: float, p_value: float) -> dict[str, float]:
    return {
        "window_days": spec.window_days,
        "cases": cases,
        "observed": round(observed, 4),
        "expected": round(expected, 4),
        "p_value": float(f"{p_value:.2g}"),
    }
