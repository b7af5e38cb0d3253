"""The draft: changes on top, nothing below is touched."""

from __future__ import annotations

from ecda_stream.state import as_of
from tests.builders import State, a_draft


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
