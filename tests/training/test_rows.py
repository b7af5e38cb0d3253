"""Rows are what the worker scored, first and with nothing from later; persons and families are those of the end of the log."""

from __future__ import annotations

import math
import os
from pathlib import Path

import numpy as np
import pytest

from ecda_stream.contract.score import ScoreRecord
from ecda_stream.errors import Unavailable
from ecda_stream.replay import read_log
from ecda_stream.training import gather as gathering
from ecda_stream.training.gather import deal, gather
from ecda_stream.training.harvest import Harvest
from ecda_stream.training.parts import LogFile, Part, survey
from ecda_stream.training.rows import harvest_part
from ecda_stream.training.table import Row
from tests.builders import (
    Event,
    a_child,
    a_closure,
    a_contact,
    a_referral,
    a_stream,
    admit_events,
    an_s47,
    arriving,
    fold_all,
    scores_in,
    siblings,
)
from tests.training.worlds import World, a_world, the_definition, write_log, write_records

NAMES = [spec.name for spec in the_definition().features]


def rows_of(tmp_path: Path, *events: Event) -> list[Row]:
    [part] = survey(write_log(tmp_path / "log.jsonl", events, partitions=1)).parts
    return harvest_part(part, a_stream()).rows


def value(row: Row, feature: str) -> float:
    return float(row.values[NAMES.index(feature)])


def same(one: Row, other: Row) -> bool:
    return np.array_equal(one.values, other.values, equal_nan=True)


def test_a_row_has_the_values_of_the_first_score_record_to_the_last_digit(log: LogFile, harvest: Harvest) -> None:
    records = list(read_log(log.parts[0].path))
    firsts: dict[str, ScoreRecord] = {}
    for partition in {record.partition for record in records}:
        for score in scores_in(fold_all([record for record in records if record.partition == partition])):
            if score.outcome == "scored":
                firsts.setdefault(score.event_id, score)

    assert {row.event_id for row in harvest.rows} == set(firsts)
    for row in harvest.rows:
        expected = [firsts[row.event_id].features[name] for name in NAMES]
        assert [None if math.isnan(x) else x for x in row.values.tolist()] == expected


def test_nothing_that_comes_later_changes_a_row() -> None:
    """Each closure of a small world, folded as the last entry of its log, gives the row that the whole log gives."""
    records = admit_events(a_world(families=8, authorities=("881",)).events)
    whole = scores_in(fold_all(records))
    closures = [record.offset for record in records if record.value and record.value.type == "closure.recorded.v1"]

    for offset in closures[:: len(closures) // 8]:
        [alone] = [score for score in scores_in(fold_all(records[: offset + 1])) if score.position.offset == offset]
        [within] = [score for score in whole if score.position.offset == offset and score.revision == 0]

        assert alone.features == within.features


def test_what_is_recorded_after_the_closure_is_not_in_its_row_though_it_happened_before(tmp_path: Path) -> None:
    late = arriving(an_s47(day="2026-01-20"), "2026-03-20")

    [row] = rows_of(tmp_path, a_referral(), arriving(a_closure(), "2026-03-02"), late)

    assert value(row, "s47_2y") == 0


def test_a_corrected_closing_day_is_the_day_of_the_row_and_its_values_stay_those_of_the_first_score(tmp_path: Path) -> None:
    first = a_closure(day="2026-03-02")
    corrected = a_closure(day="2026-03-20", revision=2, recordedtime="2026-03-21T09:00:00Z")

    [row] = rows_of(tmp_path, a_referral(), first, corrected)

    assert row.day.isoformat() == "2026-03-20"
    assert value(row, "episode_days") == 56  # from 2026-01-05 to 2026-03-02


def test_a_closure_that_was_not_scored_at_first_has_the_values_of_its_first_score(tmp_path: Path) -> None:
    moved = a_closure(closure_reason="RC5")
    corrected = a_closure(closure_reason="RC7", revision=2)

    [row] = rows_of(tmp_path, a_referral(), moved, corrected)

    assert value(row, "referrals_1y") == 1


def test_a_closure_that_stands_not_scored_is_no_row(tmp_path: Path) -> None:
    assert rows_of(tmp_path, a_referral(), a_closure(), a_closure(closure_reason="RC5", revision=2)) == []


def test_families_are_those_of_the_end_of_the_log(tmp_path: Path) -> None:
    cases = [event for child in ("C1", "C2", "C3") for event in (a_referral(child), a_closure(child))]

    rows = {row.person: row.family for row in rows_of(tmp_path, *cases, siblings("C1", "C2", day="2026-05-04"))}

    assert len(rows) == 3
    assert len(set(rows.values())) == 2


def test_a_relation_that_has_ended_still_makes_one_family(tmp_path: Path) -> None:
    ended = siblings("C1", "C2", day="2020-01-06")
    ended["data"]["relations"] = [{"kind": "same_household", "subject": 0, "object": 1, "end_date": "2021-01-04"}]
    cases = [event for child in ("C1", "C2") for event in (a_referral(child), a_closure(child))]

    rows = rows_of(tmp_path, ended, *cases)

    assert len({row.family for row in rows}) == 1


def test_who_turned_out_to_be_one_person_is_one(tmp_path: Path) -> None:
    upn = {"kind": "upn", "value": "H801200001001"}
    elsewhere = [a_child(identifiers=[upn])]
    both = [a_child(identifiers=[{"kind": "la_child_id", "value": "C1"}, upn])]
    cases = [
        *(a_referral(), a_closure()),
        *(a_referral(None, "2026-04-06", people=elsewhere), a_closure(None, "2026-05-04", "2026-04-06", people=elsewhere)),
    ]

    rows = rows_of(tmp_path, *cases, a_contact(None, "2026-06-01", people=both))

    assert len(rows) == 2
    assert len({row.person for row in rows}) == 1


def test_any_number_of_processes_gives_the_same(log: LogFile, harvest: Harvest) -> None:
    told: list[int] = []

    apart = gather(log, a_stream(), processes=2, say=lambda part: told.append(part.partition))

    assert sorted(told) == [part.partition for part in log.parts]
    assert [row.event_id for row in apart.rows] == [row.event_id for row in harvest.rows]
    assert all(same(one, other) for one, other in zip(apart.rows, harvest.rows, strict=True))
    assert (apart.not_scored, apart.lag_days) == (harvest.not_scored, harvest.lag_days)
    assert (apart.arrived, apart.triggers_arrived) == (harvest.arrived, harvest.triggers_arrived)


def test_an_entry_that_the_fold_refuses_is_counted_and_left_out(tmp_path: Path, world: World) -> None:
    log = write_records(tmp_path / "log.jsonl", admit_events(world.events[:50]))
    lines = log.read_text().splitlines()
    lines[7] = lines[7].replace('"type":', '"kind":')
    log.write_text("\n".join(lines) + "\n")

    harvest = gather(survey(log), a_stream(), processes=1)

    assert (harvest.entries, harvest.refused) == (49, {"bad-entry": 1})


def test_the_largest_partitions_are_dealt_first(tmp_path: Path) -> None:
    parts = [Part(tmp_path, partition, 0, 0, records) for partition, records in enumerate((1, 9, 3, 5, 4))]

    assert [sum(part.records for part in share) for share in deal(parts, 2)] == [12, 10]
    assert [len(share) for share in deal(parts[:1], 3)] == [1, 0, 0]


def test_a_process_that_dies_is_an_error_and_not_a_wait(log: LogFile) -> None:
    def die(_: object) -> object:
        os._exit(9)

    with pytest.raises(Unavailable, match="--processes 1"):
        gathering.gather(log, a_stream(), processes=2, rewrite=die)  # type: ignore[arg-type]
