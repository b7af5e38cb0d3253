"""Half of the model is a regression, written as steps; the whole is the mean of models, table by table."""

from __future__ import annotations

import numpy as np
import pytest

from ecda_stream.training.additive import average
from ecda_stream.training.baselines import Logistic, fit_logistic
from ecda_stream.training.compile import compile_trees
from ecda_stream.training.fit import RESAMPLED_SHARE, RESAMPLES, _draw, fit_resampled
from ecda_stream.training.table import Flags, Floats
from ecda_stream.training.tabulate import STEPS, tabulate
from tests.training.worlds import the_definition

NAMES = ["events_2y", "age_years", "days_since_closure", "plans_cp"]


@pytest.fixture(scope="module")
def made() -> tuple[Floats, Flags]:
    lots = np.random.default_rng(6)
    rows = 2500
    values = np.column_stack(
        [
            lots.poisson(2, rows),
            np.where(lots.random(rows) < 0.1, np.nan, lots.integers(0, 18, rows)),
            np.where(lots.random(rows) < 0.4, np.nan, lots.exponential(300, rows)),
            np.full(rows, np.nan),
        ]
    ).astype(np.float64)
    return values, lots.random(rows) < 1 / (1 + np.exp(3 - 0.5 * values[:, 0]))


def regression_of(values: Floats, outcomes: Flags) -> Logistic:
    specs = {spec.name: spec for spec in the_definition().features}
    return fit_logistic([specs[name] for name in NAMES], values, outcomes)


@pytest.fixture(scope="module")
def regression(made: tuple[Floats, Flags]) -> Logistic:
    return regression_of(*made)


def test_steps_equal_the_regression_where_a_feature_has_few_values(made: tuple[Floats, Flags]) -> None:
    values = made[0].copy()
    values[:, 2] = 200 * (values[:, 2] // 200)
    regression = regression_of(values, made[1])
    tables = tabulate(regression, NAMES, values)

    assert np.abs(tables.score(NAMES, values) - regression.score(NAMES, values)).max() < 1e-9


def test_steps_follow_the_regression_where_a_feature_has_many_values(made: tuple[Floats, Flags], regression: Logistic) -> None:
    tables = tabulate(regression, NAMES, made[0])
    [days] = [shape for shape in tables.shapes if shape.feature == "days_since_closure"]
    errors = tables.score(NAMES, made[0]) - regression.score(NAMES, made[0])

    assert len(days.values) == STEPS
    assert abs(errors.mean()) < 1e-9
    assert errors.std() < 0.05 * regression.score(NAMES, made[0]).std()


def test_each_table_of_the_regression_adds_nothing_on_average(made: tuple[Floats, Flags], regression: Logistic) -> None:
    for shape in tabulate(regression, NAMES, made[0]).shapes:
        column = made[0][:, NAMES.index(shape.feature)]

        assert abs(np.mean([shape.value_at(x) for x in column])) < 1e-9


def test_the_mean_of_models_scores_the_mean_of_their_scores(made: tuple[Floats, Flags], regression: Logistic) -> None:
    values, outcomes = made
    models = [compile_trees(trees, NAMES, values) for trees in fit_resampled(values, outcomes, seed=1)]
    models.append(tabulate(regression, NAMES, values))
    edges = [[edge for model in models for shape in model.shapes if shape.feature == name for edge in shape.edges] for name in NAMES]
    lots = np.random.default_rng(7)
    near = np.column_stack([lots.choice([*found, -1e9, 1e9, np.nan, 0.0], 500) for found in edges])

    for probed in (near, np.nextafter(near, -np.inf), values):
        together = average(models).score(NAMES, probed)

        assert np.abs(together - np.mean([model.score(NAMES, probed) for model in models], axis=0)).max() < 1e-9


def test_resamples_differ_and_are_the_same_each_time(made: tuple[Floats, Flags]) -> None:
    values, outcomes = made
    once, again = ([trees.decide(values) for trees in fit_resampled(values, outcomes, seed=1)] for _ in range(2))

    assert len(once) == RESAMPLES
    assert all((one == other).all() for one, other in zip(once, again, strict=True))
    assert not (once[0] == once[1]).all()


def test_a_resample_has_the_same_share_of_either_outcome() -> None:
    """Ten positives in a hundred rows: by chance alone a resample would have more of them or fewer."""
    outcomes = np.arange(100) % 10 == 0
    for seed in range(20):
        drawn = _draw(outcomes, np.random.default_rng(seed))

        assert outcomes[drawn].sum() == RESAMPLED_SHARE * 10
        assert len(set(drawn.tolist())) == len(drawn) == RESAMPLED_SHARE * 100
