"""The facts of one person, one page for each year, so that what an entry writes does not grow with the years."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from ecda_stream.history.fact import Fact
from ecda_stream.state import Draft


def add(draft: Draft, person: str, fact: Fact) -> None:
    """Write a fact to its person's page of its year; the same version of an event a second time changes nothing."""
    years = draft.get("people", f"{person}/years") or []
    if fact.day.year not in years:  # first: whoever sees the page takes the adding for done
        draft.put("people", f"{person}/years", sorted([*years, fact.day.year]))
    page = _page(draft, person, fact.day.year)
    if any(item[0] == fact.offset and item[1] == fact.event_id for item in page):
        return
    draft.put("people", _page_key(person, fact.day.year), sorted([*page, fact.to_json()], key=lambda item: (item[0], item[1])))


def end(draft: Draft, person: str, year: int, event_id: str, offset: int) -> None:
    """Mark what stood on a page under an event id as no longer holding from an offset on."""
    page = _page(draft, person, year)
    draft.put(
        "people",
        _page_key(person, year),
        [
            [*item[:-1], offset] if item[1] == event_id and item[0] < offset and (item[-1] is None or item[-1] > offset) else item
            for item in page
        ],
    )


def known(draft: Draft, person: str, offset: int, since: date) -> Iterable[Fact]:
    """Yield the person's facts known at an offset, from the year of `since` on; costs as much as those years hold."""
    for year in draft.get("people", f"{person}/years") or ():
        if year >= since.year:
            for item in _page(draft, person, year):
                if item[0] <= offset and (item[-1] is None or item[-1] > offset):
                    yield Fact.from_json(item)


def _page(draft: Draft, person: str, year: int) -> list[Any]:
    return draft.get("people", _page_key(person, year)) or []


def _page_key(person: str, year: int) -> str:
    return f"{person}/{year}"
