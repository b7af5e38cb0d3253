"""Did what a source says it sent arrive? From extract to extract, counted by hand."""

from __future__ import annotations

from typing import Any

import pytest

from ecda_stream.worker.extracts import Extracts
from ecda_stream.worker.metrics import Metrics
from tests.builders import Event, a_closure, a_contact, a_referral, admit_events, admitted, an_event, fold_all
from tests.worker.counting import FakeApp, Series, count_folded, series_of, some_runs

SOURCE_OF_881 = ("re_referral", "881", "case_system")


def an_extract(number: int, counts: dict[str, int], **changes: Any) -> Event:
    day = f"2026-03-{number:02}"
    facts = {"id": f"extract/{number}", "system": "case_system", "date": day, "counts": counts}
    return an_event("extract.completed.v1", None, **{**facts, **changes})


FIRST = an_extract(1, {"referral.received.v1": 4})


class Log:
    """The entries of one partition as a worker counts them."""

    def __init__(self) -> None:
        self.runs = some_runs()
        self.extracts = self.runs.extracts
        self.metrics = self.runs.metrics
        self._next = 0

    def append(self, *events: Event, partition: int = 0, repeated: bool = False) -> Log:
        for event in events:
            self.extracts.count(partition, self._next, admitted(event), repeated=repeated)
            self._next += 1
        return self

    @property
    def promised(self) -> Series:
        return series_of(self.metrics, "ecda_extract_promised")

    @property
    def arrived(self) -> Series:
        return series_of(self.metrics, "ecda_extract_arrived")


def referrals(*numbers: int) -> list[Event]:
    return [a_referral(f"C{number}") for number in numbers]


def test_an_extract_of_which_everything_arrived_is_complete() -> None:
    log = Log().append(FIRST, *referrals(1, 2, 3), a_closure(), an_extract(2, {"referral.received.v1": 3, "closure.recorded.v1": 1}))

    assert (log.promised, log.arrived) == ({SOURCE_OF_881: 4}, {SOURCE_OF_881: 4})


def test_what_did_not_arrive_is_missing() -> None:
    log = Log().append(FIRST, *referrals(1, 2), an_extract(2, {"referral.received.v1": 3}))

    assert (log.promised, log.arrived) == ({SOURCE_OF_881: 3}, {SOURCE_OF_881: 2})


def test_too_many_of_one_type_do_not_make_up_for_too_few_of_another() -> None:
    log = Log().append(FIRST, *referrals(1, 2, 3, 4, 5), an_extract(2, {"referral.received.v1": 3, "closure.recorded.v1": 2}))

    assert (log.promised, log.arrived) == ({SOURCE_OF_881: 5}, {SOURCE_OF_881: 3})


def test_the_first_extract_that_is_seen_is_not_judged() -> None:
    log = Log().append(*referrals(1, 2), FIRST)

    assert (log.promised, log.arrived) == ({}, {})


def test_each_extract_is_counted_from_the_one_before() -> None:
    log = Log().append(FIRST, *referrals(1, 2), an_extract(2, {"referral.received.v1": 2}))
    log.append(*referrals(3), an_extract(3, {"referral.received.v1": 2}))

    assert (log.promised, log.arrived) == ({SOURCE_OF_881: 2}, {SOURCE_OF_881: 1})


def test_an_extract_of_nothing_is_complete() -> None:
    log = Log().append(FIRST, an_extract(2, {}))

    assert (log.promised, log.arrived) == ({SOURCE_OF_881: 0}, {SOURCE_OF_881: 0})


def test_types_are_named_with_the_prefix_or_without() -> None:
    counts = {"uk.csc.referral.received.v1": 1, "referral.received.v1": 1, "uk.csc.closure.recorded.v1": 1}
    log = Log().append(FIRST, *referrals(1, 2), a_closure(), an_extract(2, counts))

    assert (log.promised, log.arrived) == ({SOURCE_OF_881: 3}, {SOURCE_OF_881: 3})


@pytest.mark.parametrize(
    "others",
    [
        pytest.param({"source": "/881/police"}, id="another system"),
        pytest.param({"source": "/882/case_system", "authority": "882"}, id="another authority"),
    ],
)
def test_what_others_sent_does_not_count(others: dict[str, str]) -> None:
    log = Log().append(FIRST, a_contact("C1", **others), an_extract(2, {"contact.received.v1": 1}))

    assert log.arrived == {SOURCE_OF_881: 0}


def test_a_record_that_came_before_arrived_all_the_same() -> None:
    log = Log().append(FIRST).append(a_referral(), repeated=True).append(an_extract(2, {"referral.received.v1": 1}))

    assert log.arrived == {SOURCE_OF_881: 1}


def test_an_extract_said_twice_is_one() -> None:
    second = an_extract(2, {"referral.received.v1": 2})
    log = Log().append(FIRST, *referrals(1, 2), second).append(second, repeated=True)

    assert log.arrived == {SOURCE_OF_881: 2}


def test_a_corrected_extract_is_judged_again_with_what_came_late() -> None:
    log = Log().append(FIRST, *referrals(1), an_extract(2, {"referral.received.v1": 3}), *referrals(2))
    log.append(an_extract(2, {"referral.received.v1": 2}, revision=1))

    assert (log.promised, log.arrived) == ({SOURCE_OF_881: 2}, {SOURCE_OF_881: 2})


def test_a_correction_of_the_first_extract_is_not_judged_either() -> None:
    log = Log().append(FIRST, an_extract(1, {"referral.received.v1": 2}, revision=1))

    assert log.promised == {}


def test_what_is_handed_out_again_after_a_rebalance_is_not_counted_again() -> None:
    metrics = some_runs().metrics
    extracts = Extracts("re_referral", metrics)
    entries = [admitted(event) for event in (FIRST, *referrals(1), an_extract(2, {"referral.received.v1": 2}))]
    for offset in (0, 1, 1, 2):
        extracts.count(0, offset, entries[offset], repeated=False)

    assert series_of(metrics, "ecda_extract_arrived") == {SOURCE_OF_881: 1}


def test_what_is_known_of_a_partition_is_forgotten_with_it() -> None:
    log = Log().append(FIRST, *referrals(1), an_extract(2, {"referral.received.v1": 1}))
    log.extracts.keep_only({5})
    gone = (log.promised, log.arrived)
    log.append(*referrals(2), an_extract(3, {"referral.received.v1": 9}))

    assert gone == ({}, {})
    assert log.promised == {}


def test_other_partitions_are_kept() -> None:
    log = Log().append(FIRST, *referrals(1), an_extract(2, {"referral.received.v1": 1}), partition=5)
    log.extracts.keep_only({5})

    assert log.arrived == {SOURCE_OF_881: 1}


def test_a_worker_counts_extracts_while_it_folds_and_forgets_what_it_no_longer_holds() -> None:
    from ecda_stream.worker.gauges import keep_gauges

    app = FakeApp(0)
    keep_gauges(app, None)
    log = admit_events([FIRST, *referrals(1, 2), an_extract(2, {"referral.received.v1": 3})])
    count_folded(app.runs, log, fold_all(log))
    app.look()
    held = both(app.runs.metrics)
    app.partitions = []
    app.look()

    assert held == ({SOURCE_OF_881: 3}, {SOURCE_OF_881: 2})
    assert both(app.runs.metrics) == ({}, {})


def both(metrics: Metrics) -> tuple[Series, Series]:
    return series_of(metrics, "ecda_extract_promised"), series_of(metrics, "ecda_extract_arrived")
