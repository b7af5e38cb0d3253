"""Whether alerting is stopped for an authority, why and since when: by a test of the guardrail, or by an operator's kill switch.

Once stopped it stays so until an operator's named reset, whatever the tests would say by then.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from ecda_stream.score.stream import EVERY
from ecda_stream.state import Draft, as_of

KILL_SWITCH = "kill-switch"


@dataclass(frozen=True)
class Stop:
    """Alerting stopped on a day for a cause, or went on again (no cause)."""

    cause: str | None
    day: date
    accepted: bool = False
    """With a reset: what tripped the guardrail is how things are from now on."""


def write_stop(draft: Draft, authority: str, stop: Stop, offset: int) -> None:
    """Append a stop or a reset of an authority, or of every one (`*`)."""
    draft.append("policy", f"stop/{authority}", [offset, stop.cause, stop.day.isoformat(), stop.accepted])


def stop_in_force(draft: Draft, authority: str, offset: int) -> Stop | None:
    """Return the stop that holds at an offset, or None."""
    stops = _stops(draft, authority, offset)
    return stops[-1] if stops and stops[-1].cause is not None else None


def counted_since(draft: Draft, authority: str, offset: int) -> tuple[date, date]:
    """Return the first day that counts after the last reset, and after the last that accepted how things are; date.min for none."""
    resets = [stop for stop in _stops(draft, authority, offset) if stop.cause is None]
    accepted = [stop for stop in resets if stop.accepted]
    return _day_after(resets), _day_after(accepted)


def _day_after(stops: list[Stop]) -> date:
    return stops[-1].day + timedelta(days=1) if stops else date.min


def _stops(draft: Draft, authority: str, offset: int) -> list[Stop]:
    """Return the stops and resets of an authority in the order of the log, those of every one among them."""
    items = sorted(item for of in (authority, EVERY) for item in as_of(draft.get("policy", f"stop/{of}"), offset))
    return [Stop(cause, date.fromisoformat(day), accepted) for _, cause, day, accepted in items]
