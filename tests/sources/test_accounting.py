"""The reconciliation notices what a mapping forgets."""

from __future__ import annotations

from ecda_stream.sources.accounting import Account, Block, Leaf


def test_a_leaf_that_is_seen_and_goes_nowhere_unbalances_the_account() -> None:
    account = Account()
    account.see("a/b")

    assert not account.balanced
    assert account.render().endswith("seen 1 = carried 0 + left out 0: NOT BALANCED")


def test_totals_alone_do_not_balance_paths() -> None:
    account = Account()
    account.see("a")
    account.leave_out("b", "reason")

    assert not account.balanced


def test_a_leaf_carried_by_two_events_counts_once() -> None:
    account = Account()
    leaf = Leaf("a", "value")
    account.see("a")

    account.carry("referral.received.v1", [leaf])
    account.carry("closure.recorded.v1", [leaf])
    account.settle(Block({"a": [leaf]}), {}, "unknown")

    assert account.balanced
    assert account.carried == {("referral.received.v1", "a"): 1}


def test_a_file_cannot_fill_memory_or_the_screen_with_odd_names() -> None:
    account = Account()
    for number in range(3_000):
        account.see(f"name{number}")
    account.see("x" * 5_000)

    assert account.balanced is False
    assert len(account.seen) == 2_001
    assert max(map(len, account.seen)) < 100
