"""`train` and `evaluate` as a person runs them."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from typer.testing import Result

from ecda_stream.files.stream import load_model
from ecda_stream.training.parts import LogFile
from ecda_stream.training.trained import Trained
from tests.builders import ROOT
from tests.commands.conftest import run_command
from tests.training.worlds import World, the_definition

KEYS = {
    "capture_at_6",
    "ceiling_at_6",
    "capture_ratio",
    "capture_ratio_low",
    "capture_ratio_high",
    "auc",
    "ap",
    "base_rate",
    "calibration_slope",
    "event_count_capture_at_6",
    "logistic_capture_at_6",
    "closures",
    "positives",
}


@pytest.fixture(scope="module")
def models(released: Path) -> Path:
    """Return a models folder with the project's own versions and the one released here."""
    shutil.copytree(ROOT / "models" / "re_referral", released.parent, dirs_exist_ok=True)
    return released.parent.parent


@pytest.fixture(scope="module")
def other(folder: Path, unlinked: World, secret_file: Path) -> list[str | Path]:
    """Return the arguments that name a log that the model was not trained on, with its truth."""
    assert unlinked.events
    return [folder / "unlinked.jsonl", "--truth", folder / "unlinked.truth.jsonl", "--secret-file", secret_file]


def evaluate(models: Path, *arguments: str | Path) -> Result:
    return run_command("evaluate", "re_referral", *arguments, "--processes", "1", env={"ECDA_MODELS_DIR": str(models)})


def test_train_writes_a_version_that_a_stream_can_load(
    log: LogFile, truth_file: Path, secret_file: Path, tmp_path: Path, trained: Trained
) -> None:
    out = tmp_path / "tiny-1"
    arguments: list[str | Path] = [
        "--truth",
        truth_file,
        "--secret-file",
        secret_file,
        "--history-years",
        "1",
        "--processes",
        "1",
        "--json",
    ]

    result = run_command("train", "re_referral", log.parts[0].path, "--out", out, *arguments)

    assert result.exit_code == 0, result.output
    metrics = json.loads(result.stdout)
    assert metrics.keys() >= KEYS
    assert metrics["closures"] == trained.evaluation.rows
    model = load_model(out, the_definition())
    assert (model.shapes, model.calibration, model.threshold) == (
        trained.model.shapes,
        trained.model.calibration,
        trained.model.threshold,
    )
    assert "ecda-stream train re_referral LOG --out DIR --version tiny-1" in (out / "card.md").read_text()


def test_evaluate_says_everything_as_json(models: Path, other: list[str | Path]) -> None:
    result = evaluate(models, *other, "--model", "tiny-1", "--history-years", "1", "--losses", "--json")

    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found.keys() >= KEYS
    assert found["losses"].keys() >= {"as_is", "true_links", "true_facts", "both", "ceiling"}
    assert found["losses"]["as_is"] == found["capture_at_6"]
    assert found["losses"]["ceiling"] == found["ceiling_at_6"]
    assert found["reading"]["documents"] == 0


def test_nothing_is_measured_from_before_the_day_on_which_everything_was_known(
    models: Path, other: list[str | Path], trained: Trained
) -> None:
    assert trained.model.training is not None
    known_by = trained.model.training.known_by.isoformat()

    result = evaluate(models, other[0], "--model", "tiny-1", "--history-years", "1", "--json")

    assert json.loads(result.stdout)["first_day"] >= known_by
    assert json.loads(result.stdout)["too_early"] > 100
    assert "warning" not in result.stderr


def test_whoever_insists_on_an_earlier_day_is_warned(models: Path, other: list[str | Path]) -> None:
    result = evaluate(models, other[0], "--model", "tiny-1", "--history-years", "1", "--from", "2016-01-01")

    assert result.exit_code == 0, result.output
    assert "not out of time" in result.stderr
    assert "capture_at_6" in result.stdout


def test_truth_needs_the_key_of_the_log(models: Path, other: list[str | Path]) -> None:
    result = evaluate(models, *other[:3], "--model", "tiny-1")

    assert result.exit_code == 1
    assert "--secret-file" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["--losses"], "--truth"), (["--model", "no-such"], "not installed")],
    ids=["losses without truth", "no such model"],
)
def test_what_cannot_be_done_is_said(models: Path, other: list[str | Path], arguments: list[str], message: str) -> None:
    result = evaluate(models, other[0], *arguments)

    assert result.exit_code in (1, 2)
    assert message in result.stderr
    assert "Traceback" not in result.output


def test_each_log_needs_its_truth(models: Path, other: list[str | Path]) -> None:
    assert evaluate(models, other[0], *other).exit_code == 2


@pytest.mark.parametrize("path", sorted((ROOT / "ecda_stream" / "training").glob("*.py")), ids=lambda path: path.stem)
def test_training_has_no_word_of_the_field(path: Path) -> None:
    """The words come from the definition: another stream has others."""
    words = r"child|closure|referr|safeguard|social|assessment|conference|section_?47|police|school|housing|plan_?s?\.started"

    assert re.findall(words, path.read_text(encoding="utf-8"), re.IGNORECASE) == []
