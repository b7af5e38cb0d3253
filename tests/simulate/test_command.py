"""`ecda-stream simulate` from the outside."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.commands.conftest import run_command


def test_it_writes_two_files_and_counts_what_is_in_them(tmp_path: Path) -> None:
    result = run_command(
        *("simulate", "--children", "60", "--years", "3", "--authorities", "881"), "--processes", "1", "--json", "--out", tmp_path
    )

    counted = json.loads(result.stdout)
    assert result.exit_code == 0
    assert counted["children"] == 60
    assert counted["events"] == len((tmp_path / "events.jsonl").read_bytes().splitlines())
    assert (tmp_path / "truth.jsonl").exists()


def test_check_of_a_world_that_is_too_short_is_not_passed(tmp_path: Path) -> None:
    result = run_command("simulate", "--check", "--children", "40", "--years", "1", "--authorities", "881", "--processes", "1")

    assert result.exit_code == 4
    assert "nothing to compare" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_check_prints_each_rate_beside_what_is_allowed() -> None:
    result = run_command("simulate", "--check", "--children", "1500", "--processes", "1", "--seed", "7")

    assert "returned within 365 days" in result.stdout
    assert "kingston" in result.stdout
    assert result.exit_code in (0, 4)


@pytest.mark.parametrize("codes", ["881,881", "88 1", "", "881;882"])
def test_authorities_that_are_no_codes_are_a_usage_error(codes: str, tmp_path: Path) -> None:
    assert run_command("simulate", "--authorities", codes, "--out", tmp_path).exit_code == 2


def test_without_a_folder_there_is_nothing_to_do() -> None:
    assert run_command("simulate").exit_code == 2
