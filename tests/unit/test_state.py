"""The draft: changes on top, nothing below is touched."""

from __future__ import annotations

from ecda_stream.contract.refusal import REASONS
from ecda_stream.errors import InvalidEvent
from ecda_stream.state import as_of
from tests.builders import State, a_contact, a_draft, admit_events, fold_one


def test_a_draft_leaves_the_state_below_untouched() -> None:
    state: State = {("ledger", "k"): [[1, "a"]]}
    draft = a_draft(state)

    draft.append("ledger", "k", [2, "b"])

    assert state == {("ledger", "k"): [[1, "a"]]}
    assert draft.get("ledger", "k") == [[1, "a"], [2, "b"]]
    assert draft.changes == {("ledger", "k"): [[1, "a"], [2, "b"]]}


def test_writing_what_is_there_already_is_no_change() -> None:
    draft = a_draft({("ledger", "k"): [[1, "a"]]})

    draft.append("ledger", "k", [1, "a"])
    draft.put("ledger", "k", [[1, "a"]])

    assert draft.changes == {}


def test_a_reader_sees_what_was_learnt_at_or_before_its_offset() -> None:
    assert as_of([[1, "a"], [2, "b"], [3, "c"]], 2) == [[1, "a"], [2, "b"]]
    assert as_of(None, 2) == []


def test_an_entry_that_would_outgrow_a_record_of_the_changelog_is_refused_and_changes_nothing() -> None:
    log = admit_events([a_contact(day=f"2026-01-{day:02d}") for day in range(1, 31)])
    heavy = [record.value.model_copy(update={"facts": {"note": "x" * 55_000}}) for record in log if record.value]
    state: State = {}
    refused: list[str] = []
    for record, entry in zip(log, heavy, strict=True):
        before = dict(state)
        try:
            fold_one(record.model_copy(update={"value": entry}), state)
        except InvalidEvent as error:
            refused.append(error.reason_code)
            assert state == before

    assert refused == ["state-too-large"] * 3  # 27 of 55 kB are less than 1.5 MB
    assert set(refused) <= set(REASONS)


def test_another_month_of_the_same_child_goes_on() -> None:
    big = [[place, "x" * 70_000] for place in range(24)]
    [record] = admit_events([a_contact(day="2026-02-01")])
    state: State = {("people", "somebody/2026-01"): big}

    assert fold_one(record, state).news == "new"
