"""A planted signal is recovered out of time and out of family; with outcomes dealt anew nothing is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ecda_stream.errors import BadDefinition
from ecda_stream.training.bench import Bench
from ecda_stream.training.evaluate import CEILING, EVENT_COUNT, MODEL, Scores, evaluate
from ecda_stream.training.fit import fit_additive
from ecda_stream.training.labels import Labelled
from ecda_stream.training.parts import survey
from ecda_stream.training.pool import Source
from ecda_stream.training.split import divide
from ecda_stream.training.table import as_date
from ecda_stream.training.train import train
from ecda_stream.training.trained import Order, Trained
from tests.builders import a_stream
from tests.training.worlds import a_world, write_log


def test_the_feature_that_was_planted_moves_scores_most(trained: Trained) -> None:
    first, second = trained.importance[:2]

    assert first.feature == "missing_episodes_1y"
    assert first.mean > 1.5 * second.mean


def test_more_of_it_never_lowers_the_score_by_much(trained: Trained) -> None:
    [shape] = [shape for shape in trained.model.shapes if shape.feature == "missing_episodes_1y"]

    values = [shape.value_at(count) for count in (0.0, 1.0, 2.0, 4.0)]

    assert values == sorted(values)
    assert values[-1] - values[0] > 2


def test_it_beats_the_event_count_and_comes_near_the_ceiling(trained: Trained) -> None:
    figures = trained.evaluation.figures
    model, count, ceiling = (figures[name]["auc"].value for name in (MODEL, EVENT_COUNT, CEILING))

    assert model is not None
    assert count is not None
    assert ceiling is not None
    assert model > count + 0.05
    assert model > ceiling - 0.05
    assert trained.evaluation.ratio is not None
    assert trained.evaluation.ratio.value is not None
    assert trained.evaluation.ratio.value > 0.75


def test_probabilities_hold_in_the_test_window(trained: Trained) -> None:
    slope = trained.evaluation.figures[MODEL]["calibration_slope"]

    assert slope.low is not None
    assert slope.high is not None
    assert slope.low < 1 < slope.high


def test_figures_are_of_the_test_window_alone(trained: Trained, labelled: Labelled) -> None:
    test = trained.windows["test"]
    tested = test.window.holds(labelled.rows)

    assert trained.evaluation.rows == test.triggers == tested.sum()
    assert trained.evaluation.positives == test.positives == labelled.rows.escalated[tested].sum()
    assert test.window.first == trained.model.training.known_by if trained.model.training else False


def test_about_the_share_of_the_policy_lies_above_the_threshold(trained: Trained) -> None:
    calibration = trained.windows["calibration"].triggers

    assert trained.model.alert_rate is not None
    assert 0 < trained.model.alert_rate < 2 * 0.06
    assert trained.firing.flagged / trained.windows["test"].triggers == pytest.approx(0.06, abs=0.05)
    assert calibration > 100


def test_with_outcomes_dealt_anew_nothing_is_captured(labelled: Labelled) -> None:
    rows = labelled.rows
    dealt = replace(rows, escalated_on=np.random.default_rng(11).permutation(rows.escalated_on))
    split = divide(as_date(rows.day.min()), as_date(rows.day.max()), 545)
    bench = Bench.of(dealt, split, seed=1)

    scores = bench.cross(lambda values, outcomes: fit_additive(values, outcomes, seed=1).decide)
    later = ~np.isnan(scores)
    found = evaluate(dealt.take(later), {MODEL: Scores(scores[later])}, seed=1, bootstraps=20).figures[MODEL]

    assert found["auc"].value == pytest.approx(0.5, abs=0.08)
    assert found["capture_at_10"].value == pytest.approx(0.1, abs=0.07)


def test_a_log_with_too_few_outcomes_is_refused(tmp_path: Path) -> None:
    few = survey(write_log(tmp_path / "log.jsonl", a_world(families=12).events))

    with pytest.raises(BadDefinition, match="fewer than 10 triggers"):
        train([Source(few)], a_stream(), Order("x", "simulated", history_years=1, seed=1), processes=1)
