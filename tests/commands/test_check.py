"""`check` tells everything that is wrong at once; `codes` what events may hold."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.commands.cases import ROOT
from tests.commands.conftest import Run


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Definitions, lexicon and models of our own to break."""
    (tmp_path / "streams/re_referral").mkdir(parents=True)
    shutil.copy(ROOT / "streams/re_referral/stream.yaml", tmp_path / "streams/re_referral")
    shutil.copytree(ROOT / "streams/lexicon", tmp_path / "streams/lexicon")
    shutil.copytree(ROOT / "models/re_referral", tmp_path / "models/re_referral")
    return tmp_path


def check(run: Run, project: Path, *options: str) -> tuple[int, str, str]:
    env = {"ECDA_STREAMS_DIR": str(project / "streams"), "ECDA_MODELS_DIR": str(project / "models")}
    result = run("check", "re_referral", *options, env=env)
    return result.exit_code, result.stdout, result.stderr


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_good_stream_shows_its_digests_and_its_features_by_scope(run: Run, project: Path) -> None:
    code, stdout, _ = check(run, project, "--json")

    shown = json.loads(stdout)
    assert code == 0
    assert (shown["stream"], shown["faults"], set(shown["models"])) == ("re_referral", [], {"baseline-1", "2026.1", "2026.2", "2026.3"})
    assert {len(shown[name]) for name in ("definition", "lexicon")} == {16}
    assert set(shown["features"]) == {"person", "episode", "family", "household"}


def test_the_text_says_the_same(run: Run, project: Path) -> None:
    code, stdout, _ = check(run, project)

    assert code == 0
    assert "features of the person" in stdout
    assert "  * closures_2y" in stdout


def test_every_fault_of_definition_lexicon_and_model_is_told_at_once(run: Run, project: Path) -> None:
    definition = project / "streams/re_referral/stream.yaml"
    replace(definition, "escalated_level: conference", "escalated_level: nowhere")
    replace(definition, "name: referrals_180d,", "name: ethnicity,")
    replace(definition, "type: closure.recorded.v1", "type: closure.imagined.v1")
    (project / "streams/lexicon/cues.yaml").unlink()
    (project / "models/re_referral/baseline-1/card.md").write_text("changed", encoding="utf-8")

    code, stdout, stderr = check(run, project)

    assert (code, stdout) == (1, "")
    for fault in (
        "label.escalated_level: no such level",
        "serve evaluation only",
        "closure.imagined.v1 is no event type",
        "cues.yaml cannot be read",
        "card.md is not the file that was released",
    ):
        assert fault in stderr


def test_a_model_that_is_named_and_not_there_is_a_fault(run: Run, project: Path) -> None:
    replace(project / "streams/re_referral/stream.yaml", 'model: "2026.3"', "model: baseline-2")

    code, _, stderr = check(run, project)

    assert (code, "baseline-2 is named and not installed" in stderr) == (1, True)


def test_a_stream_in_the_folder_of_another_is_a_fault(run: Run, project: Path) -> None:
    replace(project / "streams/re_referral/stream.yaml", "stream: re_referral", "stream: other")

    code, _, stderr = check(run, project)

    assert (code, "its folder is re_referral" in stderr) == (1, True)


def test_faults_can_be_read_by_a_program(run: Run, project: Path) -> None:
    (project / "models/re_referral/baseline-1/model.json").unlink()

    code, stdout, _ = check(run, project, "--json")

    assert code == 1
    assert "model.json is listed and missing" in "".join(json.loads(stdout)["faults"])


def test_a_code_table_is_listed_with_its_labels(run: Run) -> None:
    shown = json.loads(run("codes", "reasonforclosure", "--json").stdout)

    assert shown["RC1"] == "Adopted"


def test_without_a_table_all_tables_are_named(run: Run) -> None:
    assert {"ReferralSource", "ReasonForClosure", "AssessmentFactors"} <= set(run("codes").stdout.split())


def test_a_table_that_does_not_exist_is_a_usage_error(run: Run) -> None:
    assert run("codes", "NoSuchTable").exit_code == 2
