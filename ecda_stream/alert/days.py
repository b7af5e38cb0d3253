"""The running day of each authority: the fold reads no clock, it keeps the latest London day on which anything arrived.

What is dated by it lies on one page a month, so that what an entry writes does not grow with the years. All of it can be read as it
stood at an offset (ecda_stream/state.py).
"""

from __future__ import annotations

from bisect import bisect_left
from datetime import date, datetime, time, timedelta
from operator import itemgetter
from typing import Any

from ecda_stream.contract.envelope import LONDON
from ecda_stream.state import Draft, as_of


def london_day(moment: datetime) -> date:
    """Return the day in London."""
    return moment.astimezone(LONDON).date()


def week_of(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def not_before(moment: datetime, day: date) -> datetime:
    """Return a moment, or the start of the running day for one that lies before it: what is sent on a day bears no earlier time."""
    start = datetime.combine(day, time(), LONDON).astimezone(moment.tzinfo)
    return max(moment, start)


def known_authorities(draft: Draft, offset: int) -> list[str]:
    """Return the authorities from which anything has come into this partition, in order of coming."""
    return [code for _, code in as_of(draft.get("policy", "authorities"), offset)]


def note_authority(draft: Draft, authority: str, offset: int) -> None:
    """Write that something has come from an authority."""
    if authority not in known_authorities(draft, offset):
        draft.append("policy", "authorities", [offset, authority])


def append_dated(draft: Draft, key: str, day: date, item: list[Any], offset: int) -> None:
    """Append `[offset, day, *item]` to a list whose days ascend."""
    month = day.isoformat()[:7]
    if all(known != month for _, known in draft.get("policy", key) or ()):
        draft.append("policy", key, [offset, month])
    draft.append("policy", f"{key}/{month}", [offset, day.isoformat(), *item])


def last_dated(draft: Draft, key: str, offset: int) -> list[Any] | None:
    """Return the last item of such a list as it stood at an offset."""
    for _, month in reversed(as_of(draft.get("policy", key), offset)):
        if page := as_of(draft.get("policy", f"{key}/{month}"), offset):
            item: list[Any] = page[-1]
            return item
    return None


def first_dated_from(draft: Draft, key: str, day: date, offset: int) -> list[Any] | None:
    """Return the first item of such a list on or after a day, as it stood at an offset."""
    bound = day.isoformat()
    months = as_of(draft.get("policy", key), offset)
    for _, month in months[bisect_left(months, bound[:7], key=itemgetter(1)) :]:
        page = as_of(draft.get("policy", f"{key}/{month}"), offset)
        place = bisect_left(page, bound, key=itemgetter(1))
        if place < len(page):
            found: list[Any] = page[place]
            return found
    return None
