"""From events to alerts over files alone, with nothing personal in what comes out."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.commands.cases import CHILD, NARRATIVE, ROOT, events, write_events
from tests.commands.conftest import Run

PERSONAL = (CHILD, NARRATIVE, "Dilly", "Notareal", "stopped drinking", f"closure.recorded.v1-{CHILD}")


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_every_event_is_an_entry_or_a_refusal(made: Path) -> None:
    tally = json.loads((made / "admit.stdout").read_text())

    assert tally["records"] == len(events()) + 1
    assert tally["entries"] == len(lines(made / "log.jsonl")) == len(events())
    assert tally["refused"] == {"not-json": 1}
    assert [line["refusal"]["reason_code"] for line in lines(made / "refusals.jsonl")] == ["not-json"]


def test_refused_records_give_the_exit_code_for_bad_records(made: Path) -> None:
    assert (made / "admit.code").read_text() == "3"


@pytest.mark.parametrize("name", ["log.jsonl", "out/scores.jsonl", "out/alerts.jsonl", "admit.stdout"])
def test_nothing_personal_comes_out(made: Path, name: str) -> None:
    text = (made / name).read_text(encoding="utf-8")

    assert text
    assert [secret for secret in PERSONAL if secret in text] == []


def test_the_fourth_closure_in_two_years_asks_for_a_review_until_a_closure_is_retracted(made: Path) -> None:
    alerts = [line["value"] for line in lines(made / "out/alerts.jsonl")]

    assert [(alert["revision"], alert["status"], alert["closing_day"]) for alert in alerts] == [
        (0, "open", "2025-05-16"),
        (1, "withdrawn", "2025-05-16"),
    ]


def test_the_same_log_gives_the_same_files_byte_for_byte(made: Path, tmp_path: Path, run: Run) -> None:
    again = run("replay", "re_referral", made / "log.jsonl", "--out", tmp_path, "--json")

    assert again.exit_code == 0
    assert json.loads(again.stdout)["alerts"] == 2
    assert all((tmp_path / name).read_bytes() == (made / "out" / name).read_bytes() for name in ("scores.jsonl", "alerts.jsonl"))


def test_without_secrets_admit_says_which_and_how_to_make_them(made: Path, tmp_path: Path, run: Run) -> None:
    env = {"ECDA_SECRET_FILE": "", "ECDA_REVIEW_PUBLIC_KEY_FILE": str(made / "secrets/review_public.key")}

    result = run("admit", made / "events.jsonl", "--out", tmp_path / "log.jsonl", env=env)

    assert result.exit_code == 1
    assert "ECDA_SECRET_FILE" in result.stderr
    assert not (tmp_path / "log.jsonl").exists()


def test_secrets_can_come_from_the_environment(made: Path, tmp_path: Path, run: Run) -> None:
    write_events(tmp_path / "events.jsonl")
    env = {
        "ECDA_SECRET_FILE": str(made / "secrets/pseudonymisation.key"),
        "ECDA_REVIEW_PUBLIC_KEY_FILE": str(made / "secrets/review_public.key"),
    }

    run("admit", tmp_path / "events.jsonl", "--out", tmp_path / "log.jsonl", "--arrive", "recorded", env=env)

    assert (tmp_path / "log.jsonl").read_bytes() == (made / "log.jsonl").read_bytes()


def test_golden_files_are_replaced_only_from_the_log_beside_them(made: Path, tmp_path: Path, run: Run) -> None:
    golden = tmp_path / "streams/re_referral/golden"
    golden.mkdir(parents=True)
    shutil.copy(ROOT / "streams/re_referral/stream.yaml", golden.parent)
    shutil.copy(made / "log.jsonl", golden)
    env = {"ECDA_STREAMS_DIR": str(tmp_path / "streams")}

    elsewhere = run("replay", "re_referral", made / "log.jsonl", "--write", env=env)
    untouched = sorted(path.name for path in golden.iterdir())
    beside = run("replay", "re_referral", golden / "log.jsonl", "--write", env=env)

    assert (elsewhere.exit_code, untouched) == (2, ["log.jsonl"])
    assert beside.exit_code == 0
    assert sorted(path.name for path in golden.iterdir()) == ["alerts.jsonl", "log.jsonl", "scores.jsonl"]
    assert (golden / "alerts.jsonl").read_bytes() == (made / "out/alerts.jsonl").read_bytes()


def test_a_line_that_is_no_record_of_a_log_is_named_by_its_number(made: Path, tmp_path: Path, run: Run) -> None:
    (tmp_path / "log.jsonl").write_bytes((made / "log.jsonl").read_bytes() + b"{}\n")

    result = run("replay", "re_referral", tmp_path / "log.jsonl", "--out", tmp_path)

    assert result.exit_code == 1
    assert f"line {len(events()) + 1}" in result.stderr


def test_replay_must_know_where_to_write(made: Path, run: Run) -> None:
    assert run("replay", "re_referral", made / "log.jsonl").exit_code == 2
