"""`ecda-stream import`: events on stdout, the reconciliation on stderr, and an exit code that says how it went."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ecda_stream.commands.importing import app

from .builders import CHILD, a_child, an_api_episode, an_episode, census

RUN = CliRunner()


@pytest.fixture
def census_file(tmp_path: Path) -> Path:
    path = tmp_path / "census.xml"
    path.write_bytes(census(CHILD + an_episode("<Nickname>secret</Nickname>")))
    return path


def test_events_go_to_stdout_as_canonical_lines_and_the_table_to_stderr(census_file: Path) -> None:
    result = RUN.invoke(app, ["cin-census", str(census_file), "--authority", "881"])

    assert result.exit_code == 0
    [line] = result.stdout.splitlines()
    assert json.loads(line)["type"] == "uk.csc.referral.received.v1"
    assert line == json.dumps(json.loads(line), sort_keys=True, separators=(",", ":"))
    assert "balanced" in result.stderr
    assert "secret" not in result.stderr


def test_out_writes_a_file_and_json_ends_stderr_with_the_reconciliation(census_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "events.jsonl"

    result = RUN.invoke(app, ["cin-census", str(census_file), str(census_file), "--authority", "881", "--out", str(out), "--json"])

    assert (result.exit_code, result.stdout) == (0, "")
    assert len(out.read_text().splitlines()) == 2
    said = json.loads(result.stderr.splitlines()[-1])
    assert said["balanced"] is True
    assert said["seen"] == said["carried"] + said["left_out"]


def test_a_snapshot_is_compared_with_the_one_before(tmp_path: Path) -> None:
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_text(json.dumps([a_child(an_api_episode())]))
    new.write_text("[]")

    result = RUN.invoke(app, ["dfe-api", "--authority", "881", "--snapshot", "--previous", str(old), "--date", "2026-11-20", str(new)])

    assert result.exit_code == 0
    assert json.loads(result.stdout)["data"]["withdrawn_date"] == "2026-11-20"


def test_documents_of_a_table(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text("la_child_id,referral_date,kind,written_date,text\nC1,2026-01-05,referral,2026-01-05,words\n")

    result = RUN.invoke(app, ["documents", "--authority", "881", str(path)])

    assert result.exit_code == 0
    assert json.loads(result.stdout)["data"]["text"] == "words"


def test_an_unreadable_file_is_exit_code_1_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "broken.xml"
    path.write_text("<Message>")

    result = RUN.invoke(app, ["cin-census", str(path), "--authority", "881"])

    assert result.exit_code == 1
    assert "broken.xml: not well-formed XML, or cut off, at line 1" in result.stderr
    assert result.stderr.endswith("stopped early\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ["cin-census", "{file}"],
        ["cin-census", "no-such-file.xml", "--authority", "881"],
        ["cin-census", "{file}", "--authority", "8 8"],
        ["cin-census", "{file}", "--authority", "881", "--out", "x.jsonl", "--publish"],
        ["dfe-api", "--authority", "881", "{file}"],
        ["dfe-api", "--authority", "881", "--snapshot", "--date", "yesterday", "{file}"],
    ],
)
def test_wrong_usage_is_exit_code_2(census_file: Path, arguments: list[str]) -> None:
    result = RUN.invoke(app, [argument.format(file=census_file) for argument in arguments])

    assert result.exit_code == 2


@pytest.mark.parametrize("command", ["cin-census", "dfe-api", "documents"])
def test_help_shows_an_example(command: str) -> None:
    assert f"ecda-stream import {command}" in " ".join(RUN.invoke(app, [command, "--help"]).stdout.split())
