"""The pages of a person: by month, each version with the offsets between which it held."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from ecda_stream.history import timeline
from ecda_stream.history.fact import Fact
from tests.builders import State, a_contact, a_draft, admit_events, fold_all

FACT = Fact(3, "e1", "contact.received.v1", date(2024, 2, 29), None, {"referral_source": "6"}, None, 100)


def _offsets(state: State, offset: int, since: date = date.min) -> list[int]:
    return [fact.offset for fact in timeline.known(a_draft(state), "p", offset, since)]


def test_a_fact_is_known_from_its_offset_until_it_is_ended() -> None:
    draft, state = a_draft(), {}
    timeline.add(draft, "p", FACT)
    timeline.end(draft, "p", "2024-02", "e1", 7)
    state = draft.changes

    assert [_offsets(state, offset) for offset in (2, 3, 6, 7)] == [[], [3], [3], []]


def test_adding_twice_and_ending_twice_changes_nothing() -> None:
    draft = a_draft()
    timeline.add(draft, "p", FACT)
    timeline.end(draft, "p", "2024-02", "e1", 7)
    once = dict(draft.changes)

    timeline.add(draft, "p", FACT)
    timeline.end(draft, "p", "2024-02", "e1", 7)
    timeline.end(draft, "p", "2024-02", "e1", 9)

    assert draft.changes == once


def test_months_before_the_asked_one_are_not_read() -> None:
    draft = a_draft()
    timeline.add(draft, "p", FACT)
    timeline.add(draft, "p", replace(FACT, event_id="e2", offset=4, day=date(2022, 1, 1)))

    assert _offsets(draft.changes, 9) == [4, 3]
    assert _offsets(draft.changes, 9, date(2023, 1, 1)) == [3]
    assert _offsets(draft.changes, 9, date(2024, 2, 29)) == [3]
    assert _offsets(draft.changes, 9, date(2024, 3, 1)) == []


def test_a_fact_reads_as_it_was_written() -> None:
    whole = replace(FACT, referral_date=date(2024, 2, 28), notes=("8610",), lexicon="abc", ended_at=9)

    assert Fact.from_json(whole.to_json()) == whole


def test_what_an_entry_writes_does_not_grow_with_the_years() -> None:
    events = [a_contact(day=f"{year}-{month:02d}-05") for year in range(2000, 2026) for month in (1, 7)]
    outcomes = fold_all(admit_events(events))
    sizes = [
        sum(len(str(value)) for (table, key), value in outcome.changes.items() if (table, key[-7:-5]) == ("people", "20"))
        for outcome in outcomes
    ]

    assert min(sizes) > 0
    assert max(sizes) <= 1.1 * min(sizes)


def test_a_busy_year_is_written_by_the_month() -> None:
    state: State = {}
    days = [date(2025, 1, 1) + timedelta(days=number) for number in range(360)]
    fold_all(admit_events([a_contact(day=day.isoformat()) for day in days]), state=state)
    pages = {key: value for (table, key), value in state.items() if table == "people" and key[-7:-5] == "20"}

    assert len(pages) == 12
    assert max(map(len, pages.values())) == 31
