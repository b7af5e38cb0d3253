"""A model that learns from several logs: each is labelled by what it says itself, and all are learnt from together."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ecda_stream.identity.tokens import Secret
from ecda_stream.training.gather import gather
from ecda_stream.training.harvest import Harvest
from ecda_stream.training.labels import Labelled, label
from ecda_stream.training.parts import LogFile, survey
from ecda_stream.training.pool import Pool, Source, pool_harvests
from ecda_stream.training.release import release
from ecda_stream.training.split import folds_of
from ecda_stream.training.train import learn
from ecda_stream.training.trained import Order, Trained
from ecda_stream.training.truth import Truth, read_truth
from tests.builders import a_stream
from tests.commands.conftest import run_command
from tests.training.worlds import a_world, the_definition, write_log, write_truth


@pytest.fixture(scope="module")
def second(folder: Path, secret: Secret) -> Source:
    """A second world, of other families."""
    world = a_world(families=150, seed=3)
    truth = read_truth(write_truth(folder / "second.truth.jsonl", world.truth), secret, the_definition())
    return Source(survey(write_log(folder / "second.jsonl", world.events)), truth)


@pytest.fixture(scope="module")
def both(log: LogFile, truth: Truth, harvest: Harvest, second: Source) -> Pool:
    harvests = [harvest, gather(second.log, a_stream(), processes=1)]
    return pool_harvests([Source(log, truth), second], harvests, the_definition(), history_years=1)


@pytest.fixture(scope="module")
def of_both(both: Pool) -> Trained:
    return learn(both, the_definition(), Order("tiny-2", "simulated", history_years=1, seed=1))


def test_each_log_is_labelled_as_it_would_be_alone(both: Pool, labelled: Labelled, second: Source) -> None:
    alone = label(gather(second.log, a_stream(), processes=1), the_definition(), history_years=1)

    assert both.logs[1].sha256 == second.log.sha256
    assert list(both.rows.event_id[both.source == 0]) == list(labelled.rows.event_id)
    assert list(both.rows.event_id[both.source == 1]) == list(alone.rows.event_id)
    assert list(both.rows.escalated[both.source == 1]) == list(alone.rows.escalated)
    assert sum(both.excluded.values()) == sum(labelled.excluded.values()) + sum(alone.excluded.values())


def test_the_first_log_falls_into_the_folds_into_which_it_falls_alone(both: Pool, labelled: Labelled) -> None:
    assert np.array_equal(folds_of(both.rows, seed=1)[both.source == 0], folds_of(labelled.rows, seed=1))


def test_all_of_them_are_learnt_from_and_measured_on(of_both: Trained, trained: Trained, both: Pool) -> None:
    assert of_both.windows["fit"].triggers > trained.windows["fit"].triggers
    assert of_both.evaluation.rows == of_both.windows["test"].triggers
    assert of_both.evaluation.families > trained.evaluation.families
    assert of_both.model.shapes != trained.model.shapes
    tested = of_both.windows["test"].window.holds(both.rows)
    assert set(both.source[tested]) == {0, 1}


def test_card_and_metrics_name_every_log(of_both: Trained, both: Pool, tmp_path: Path) -> None:
    release(of_both, tmp_path / "tiny-2", "ecda-stream train re_referral LOG_1 LOG_2 --out DIR")

    card = " ".join((tmp_path / "tiny-2" / "card.md").read_text(encoding="utf-8").split())
    metrics = json.loads((tmp_path / "tiny-2" / "metrics.json").read_text(encoding="utf-8"))
    for number, log in enumerate(both.logs, start=1):
        assert f"LOG_{number}: {log.entries} entries, SHA-256 `{log.sha256}`" in card
    assert [one["sha256"] for one in metrics["logs"]] == [log.sha256 for log in both.logs]
    assert [one["entries"] for one in metrics["logs"]] == [log.entries for log in both.logs]


def test_truth_is_given_for_every_log_or_for_none(
    log: LogFile, second: Source, truth_file: Path, secret_file: Path, tmp_path: Path
) -> None:
    arguments: list[str | Path] = [log.parts[0].path, second.log.parts[0].path, "--out", tmp_path / "x", "--truth", truth_file]

    result = run_command("train", "re_referral", *arguments, "--secret-file", secret_file)

    assert result.exit_code == 2
    assert "one for each LOG" in result.stderr
    assert not (tmp_path / "x").exists()
