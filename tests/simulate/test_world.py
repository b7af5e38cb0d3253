"""A world is the same bytes however it is computed, holds the children asked for, and counts what it sent."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from ecda_stream.simulate import run
from ecda_stream.simulate.authority import draw_authorities, split_children
from ecda_stream.simulate.rates import load_rates
from ecda_stream.simulate.run import Request, simulate

REQUEST = Request(seed=3, start=date(2016, 4, 1), years=4, authorities=("881", "925"), children=330)


def written(folder: Path, processes: int = 1, request: Request = REQUEST) -> tuple[bytes, bytes]:
    simulate(request, folder, processes, lambda count: None, lambda: None)
    return (folder / "events.jsonl").read_bytes(), (folder / "truth.jsonl").read_bytes()


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes]:
    return written(tmp_path_factory.mktemp("alone"))


def test_two_processes_write_the_same_bytes_as_one(alone: tuple[bytes, bytes], tmp_path: Path) -> None:
    assert written(tmp_path, processes=2) == alone


def test_smaller_chunks_write_the_same_bytes(alone: tuple[bytes, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "FAMILIES_A_CHUNK", 17)

    assert written(tmp_path) == alone


def test_another_seed_is_another_world(alone: tuple[bytes, bytes], tmp_path: Path) -> None:
    other = Request(seed=4, start=REQUEST.start, years=4, authorities=REQUEST.authorities, children=330)

    assert written(tmp_path, request=other) != alone


def test_exactly_the_children_asked_for_are_known_to_social_care(alone: tuple[bytes, bytes]) -> None:
    owner = {}
    for line in alone[1].splitlines():
        entry = json.loads(line)
        if entry["kind"] == "identifier":
            owner[entry["authority"], entry["value"]] = entry["person"]
    known = {
        owner[event["authority"], identifier["value"]]
        for event in map(json.loads, alone[0].splitlines())
        if event["source"].endswith("/social_care") and event["data"].get("people")
        for identifier in event["data"]["people"][0]["identifiers"]
        if identifier["kind"] == "la_child_id"
    }

    assert Counter(person.split("/")[0] for person in known) == {"881": 300, "925": 30}


def test_every_week_each_system_tells_how_much_it_sent(alone: tuple[bytes, bytes]) -> None:
    sent: dict[str, Counter[str]] = {}
    weeks: Counter[str] = Counter()
    for event in map(json.loads, alone[0].splitlines()):
        source, name = event["source"], event["type"].removeprefix("uk.csc.")
        if name == "extract.completed.v1":
            assert event["data"]["counts"] == dict(sent.pop(source, Counter()))
            assert event["data"]["system"] == source.rsplit("/", 1)[-1]
            assert date.fromisoformat(event["data"]["date"]).weekday() == 6
            weeks[source] += 1
        else:
            sent.setdefault(source, Counter())[name] += 1

    assert len(weeks) == 8
    assert set(weeks.values()) == {209}  # Sundays from 3 April 2016 to 29 March 2020


def test_nothing_but_the_two_files_is_left_or_touched(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("kept", encoding="utf-8")

    written(tmp_path)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["events.jsonl", "mine.txt", "truth.jsonl"]


def test_the_first_authority_has_ten_times_the_children_of_the_last() -> None:
    counts = split_children(20_000, 8)

    assert sum(counts) == 20_000
    assert counts[0] == pytest.approx(10 * counts[-1], rel=0.01)
    assert list(counts) == sorted(counts, reverse=True)
    assert all(earlier / later == pytest.approx(10 ** (1 / 7), rel=0.01) for earlier, later in pairwise(counts))


def test_councils_differ_but_on_average_over_children_the_national_rates_hold() -> None:
    rates = load_rates()
    drawn = draw_authorities(7, ("881", "882", "883", "330", "816", "925", "873", "886"), 20_000, rates)

    for values, national in (
        ([one.return_level for one in drawn], 1.0),
        ([one.no_further_action for one in drawn], rates.no_further_action_percent / 100),
        ([one.not_in_need for one in drawn], rates.not_in_need_percent / 100),
    ):
        mean = sum(value * one.children for value, one in zip(values, drawn, strict=True)) / 20_000
        assert mean == pytest.approx(national)
        assert max(values) > 1.2 * min(values)
    assert sum(system.date_only for one in drawn for system in one.systems.values()) == 8
    assert not drawn[0].systems["social_care"].date_only
