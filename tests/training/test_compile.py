"""The lookup tables give what scikit-learn's trees give, on every kind of value."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ecda_stream.score.model import Model
from ecda_stream.training.additive import additive_of, score_rows, shape_values
from ecda_stream.training.compile import compile_trees
from ecda_stream.training.fit import Trees, fit_additive, fit_unrestricted
from ecda_stream.training.labels import Labelled
from ecda_stream.training.table import Flags, Floats
from ecda_stream.training.trained import Trained

FEATURES = ["counts", "days", "always_missing", "constant", "rarely_missing", "noise"]


@pytest.fixture(scope="module")
def made() -> tuple[Floats, Flags]:
    lots = np.random.default_rng(3)
    rows = 4000
    values = np.column_stack(
        [
            lots.poisson(2, rows),
            np.where(lots.random(rows) < 0.4, np.nan, lots.exponential(200, rows)),
            np.full(rows, np.nan),
            np.ones(rows),
            np.where(lots.random(rows) < 0.01, np.nan, lots.normal(0, 1, rows)),
            lots.integers(0, 5, rows),
        ]
    ).astype(np.float64)
    chance = 1 / (1 + np.exp(3 - 0.6 * values[:, 0] - 1.5 * (np.nan_to_num(values[:, 1], nan=900) < 100) - np.nan_to_num(values[:, 4])))
    return values, lots.random(rows) < chance


@pytest.fixture(scope="module")
def trees(made: tuple[Floats, Flags]) -> Trees:
    return fit_additive(*made, seed=1)


def probes(trees: Trees, rows: int = 3000) -> Floats:
    """Return random vectors of thresholds, their neighbours on both sides, missing values and values far outside."""
    lots = np.random.default_rng(5)
    thresholds: dict[int, set[float]] = {place: {0.0} for place in range(len(FEATURES))}
    for [tree] in trees.classifier._predictors:
        for node in tree.nodes:
            if not node["is_leaf"] and math.isfinite(node["num_threshold"]):
                thresholds[int(trees.columns[node["feature_idx"]])].add(float(node["num_threshold"]))
    columns = []
    for place in range(len(FEATURES)):
        near = [
            x
            for threshold in thresholds[place]
            for x in (threshold, math.nextafter(threshold, math.inf), math.nextafter(threshold, -math.inf))
        ]
        columns.append(lots.choice([*near, -1e9, 1e9, 0.0, -0.0, math.nan, math.nan, lots.normal()], rows))
    return np.column_stack(columns)


def test_tables_equal_the_trees_on_thresholds_their_neighbours_and_missing_values(made: tuple[Floats, Flags], trees: Trees) -> None:
    compiled = compile_trees(trees, FEATURES, made[0])

    for values in (probes(trees), made[0]):
        assert np.abs(compiled.score(FEATURES, values) - trees.decide(values)).max() < 1e-9


def test_a_feature_that_never_splits_has_no_table(made: tuple[Floats, Flags], trees: Trees) -> None:
    names = [shape.feature for shape in compile_trees(trees, FEATURES, made[0]).shapes]

    assert "counts" in names
    assert not {"always_missing", "constant"} & set(names)


def test_each_table_adds_nothing_on_average(made: tuple[Floats, Flags], trees: Trees) -> None:
    for shape in compile_trees(trees, FEATURES, made[0]).shapes:
        column = made[0][:, FEATURES.index(shape.feature)]

        assert abs(np.mean([shape.value_at(x) for x in column])) < 1e-12
        assert list(shape.edges) == sorted(set(shape.edges))
        assert len(shape.values) == len(shape.edges) + 1


def test_a_whole_column_is_looked_up_as_one_value_is(made: tuple[Floats, Flags], trees: Trees) -> None:
    probed = probes(trees, rows=300)
    for shape in compile_trees(trees, FEATURES, made[0]).shapes:
        column = probed[:, FEATURES.index(shape.feature)]

        assert shape_values(shape, column).tolist() == [shape.value_at(x) for x in column]


def test_trees_that_join_features_are_refused(made: tuple[Floats, Flags]) -> None:
    with pytest.raises(ValueError, match="not additive"):
        compile_trees(fit_unrestricted(*made, seed=1), FEATURES, made[0])


def test_the_span_holds_every_score(made: tuple[Floats, Flags], trees: Trees) -> None:
    compiled = compile_trees(trees, FEATURES, made[0])
    low, high = compiled.span

    scores = compiled.score(FEATURES, probes(trees))

    assert low - 1e-9 <= scores.min() <= scores.max() <= high + 1e-9


def test_many_rows_are_scored_as_the_worker_scores_one(trained: Trained, labelled: Labelled) -> None:
    model: Model = trained.model
    rows = labelled.rows.take(np.arange(len(labelled.rows)) % 9 == 0)

    one_by_one = [model.total(model.contributions(dict(zip(rows.features, values, strict=True)))) for values in rows.values.tolist()]

    assert np.abs(score_rows(model, rows) - one_by_one).max() < 1e-12
    assert additive_of(model).intercept == model.intercept


def test_the_same_rows_give_the_same_trees(made: tuple[Floats, Flags]) -> None:
    values, outcomes = made

    once, again = (compile_trees(fit_additive(values, outcomes, seed=1), FEATURES, values) for _ in range(2))

    assert once == again
