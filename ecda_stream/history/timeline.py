"""The facts of one person, one page for each month, so that what an entry writes does not grow with the years."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from ecda_stream.history.fact import Fact
from ecda_stream.state import Draft


def month_of(day: date) -> str:
    """Return the month of a day, which names its page: `2026-03`."""
    return day.isoformat()[:7]


def add(draft: Draft, person: str, fact: Fact) -> None:
    """Write a fact to its person's page of its month; the same version of an event a second time changes nothing."""
    month = month_of(fact.day)
    months = draft.get("people", f"{person}/months") or []
    if month not in months:  # first: whoever sees the page takes the adding for done
        draft.put("people", f"{person}/months", sorted([*months, month]))
    page = _page(draft, person, month)
    if any(item[0] == fact.offset and item[1] == fact.event_id for item in page):
        return
    draft.put("people", _page_key(person, month), sorted([*page, fact.to_json()], key=lambda item: (item[0], item[1])))


def end(draft: Draft, person: str, month: str, event_id: str, offset: int) -> None:
    """Mark what stood on a page under an event id as no longer holding from an offset on."""
    page = _page(draft, person, month)
    draft.put(
        "people",
        _page_key(person, month),
        [
            [*item[:-1], offset] if item[1] == event_id and item[0] < offset and (item[-1] is None or item[-1] > offset) else item
            for item in page
        ],
    )


def known(draft: Draft, person: str, offset: int, since: date) -> Iterable[Fact]:
    """Yield the person's facts known at an offset, from the month of `since` on; costs as much as those months hold."""
    for month in draft.get("people", f"{person}/months") or ():
        if month >= month_of(since):
            for item in _page(draft, person, month):
                if item[0] <= offset and (item[-1] is None or item[-1] > offset):
                    yield Fact.from_json(item)


def _page(draft: Draft, person: str, month: str) -> list[Any]:
    return draft.get("people", _page_key(person, month)) or []


def _page_key(person: str, month: str) -> str:
    return f"{person}/{month}"
