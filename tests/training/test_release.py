"""A released version: complete, loadable, the same every time, and a card that says what it must."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from ecda_stream.errors import BadDefinition
from ecda_stream.files.stream import load_model
from ecda_stream.training.baselines import read_baselines
from ecda_stream.training.card import write_card
from ecda_stream.training.evaluate import MODEL
from ecda_stream.training.parts import LogFile
from ecda_stream.training.readable import to_readable_json
from ecda_stream.training.release import check_folder, release
from ecda_stream.training.trained import Order, Trained
from tests.training.conftest import COMMAND
from tests.training.worlds import the_definition

LARGEST_PICTURE_BYTES = 150_000
FILES = {"model.json", "baselines.json", "metrics.json", "card.md", "capture.png", "calibration.png", "shapes.png", "SHA256SUMS"}


@pytest.fixture(scope="module")
def card(released: Path) -> str:
    return (released / "card.md").read_text(encoding="utf-8")


def test_the_worker_loads_the_model_that_was_trained(released: Path, trained: Trained) -> None:
    assert load_model(released, the_definition()) == trained.model
    assert read_baselines(released) == trained.baselines


def test_there_is_nothing_but_data_and_pictures_and_none_is_large(released: Path) -> None:
    assert {path.name for path in released.iterdir()} == FILES
    for path in released.glob("*.png"):
        assert path.read_bytes().startswith(b"\x89PNG")
        assert path.stat().st_size < LARGEST_PICTURE_BYTES


def test_releasing_again_gives_the_same_bytes(released: Path, trained: Trained, tmp_path: Path) -> None:
    release(trained, tmp_path / "again", COMMAND)

    for name in FILES:
        assert (tmp_path / "again" / name).read_bytes() == (released / name).read_bytes()


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()

    with pytest.raises(BadDefinition, match=r"notes\.txt"):
        check_folder(tmp_path)


def test_two_regressions_are_released_and_shown(released: Path, card: str) -> None:
    baselines = read_baselines(released)

    assert baselines is not None
    assert baselines.logistic_joint is not None
    assert "logistic regression | logistic regression with joint features |" in card


def test_the_card_says_first_that_it_is_simulated(card: str) -> None:
    words = " ".join(card.replace(">", "").split())

    assert words.index("Trained on simulated data; it must not be used on real cases") < 60
    assert "## Must not be used for\n\n- Any real case." in card


def test_the_card_of_a_model_of_real_cases_does_not_say_so(trained: Trained) -> None:
    card = write_card(replace(trained, order=Order("tiny-1", "real", 1, 1)), COMMAND)

    assert "simulated" not in card
    assert "## Must not be used for" in card


def test_the_card_has_the_figures_with_intervals_beside_baselines_and_ceiling(card: str, trained: Trained) -> None:
    one = trained.evaluation.figures[MODEL]["capture_at_6"]
    assert one.value is not None
    assert one.low is not None
    assert one.high is not None

    assert f"| {100 * one.value:.1f} % [{100 * one.low:.1f}, {100 * one.high:.1f}] |" in card
    for column in ("this model", "logistic regression", "event count", "ceiling"):
        assert f"| {column} " in card


def test_the_card_names_every_feature_that_adds_something_where_it_has_no_value(card: str, trained: Trained) -> None:
    for shape in trained.model.shapes:
        assert shape.missing == 0 or f"`{shape.feature}`" in card


def test_the_card_says_what_the_label_is_and_is_not(card: str) -> None:
    assert "at most 365 days later" in card
    assert "`conference`, `child_protection_plan`, `pre_proceedings`, `looked_after`" in " ".join(card.split())
    assert "not of harm" in card


def test_no_file_names_a_path_of_this_machine_or_a_person(released: Path, log: LogFile) -> None:
    for name in ("card.md", "metrics.json", "model.json", "baselines.json"):
        text = (released / name).read_text(encoding="utf-8")

        assert str(log.parts[0].path.parent) not in text
        assert not re.search(r"(/home|/tmp|/root|/work)/", text)
        assert not re.search(r"t1_[0-9a-f]{32}", text)


def test_metrics_have_every_figure_by_name(released: Path, trained: Trained) -> None:
    metrics = json.loads((released / "metrics.json").read_text())

    assert metrics["closures"] == trained.windows["test"].triggers
    for name in (
        "capture_at_6",
        "ceiling_at_6",
        "capture_ratio",
        "event_count_capture_at_6",
        "logistic_capture_at_6",
        "auc",
        "base_rate",
    ):
        assert metrics[f"{name}_low"] <= metrics[name] <= metrics[f"{name}_high"]
    assert metrics["windows"]["fit"]["closures"] == trained.windows["fit"].triggers
    assert metrics["windows"]["test"]["reached"]["section_47"] >= metrics["windows"]["test"]["positives"]


def test_json_that_people_read_says_the_same(released: Path, trained: Trained) -> None:
    text = (released / "model.json").read_text()

    assert json.loads(text) == trained.model.model_dump(mode="json", exclude_none=True)
    assert to_readable_json(json.loads(text)) + "\n" == text
    assert len(text.splitlines()) > 20
