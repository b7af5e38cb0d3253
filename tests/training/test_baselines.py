"""The simple models beside every figure: what they are, and that their numbers in JSON say the same as scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from ecda_stream.errors import BadDefinition
from ecda_stream.training.baselines import PENALTY, Baselines, counting_feature, fit_logistic, regressions_of
from ecda_stream.training.evaluate import LOGISTIC, LOGISTIC_JOINT
from tests.training.worlds import the_definition


def specs_of(*names: str) -> list[object]:
    return [spec for name in names for spec in the_definition().features if spec.name == name]


def test_the_count_is_the_one_over_the_most_types() -> None:
    assert counting_feature(the_definition()) == "events_2y"


def test_a_stream_that_counts_nothing_has_no_such_baseline() -> None:
    definition = the_definition()
    bare = definition.model_copy(update={"features": tuple(spec for spec in definition.features if spec.measure != "count")})

    with pytest.raises(BadDefinition, match="no count"):
        counting_feature(bare)


def test_the_regression_is_scikit_learns_on_features_prepared_by_hand() -> None:
    lots = np.random.default_rng(2)
    count, age = lots.poisson(2, 800).astype(float), np.where(lots.random(800) < 0.2, np.nan, lots.integers(0, 18, 800).astype(float))
    outcomes = lots.random(800) < 1 / (1 + np.exp(2 - 0.5 * count))
    values = np.column_stack([count, age, np.full(800, 3.0), np.full(800, np.nan)])

    fitted = fit_logistic(specs_of("events_2y", "age_years", "plans_cp", "days_since_closure"), values, outcomes)  # type: ignore[arg-type]
    names = ["events_2y", "age_years", "plans_cp", "days_since_closure"]

    logged, filled = np.log(1 + count), np.where(np.isnan(age), np.nanmedian(age), age)
    design = np.column_stack(
        [
            (logged - logged.mean()) / logged.std(),
            np.zeros(800),
            (filled - filled.mean()) / filled.std(),
            np.isnan(age),
        ]
    )
    expected = LogisticRegression(C=PENALTY, max_iter=2000, tol=1e-6).fit(design, outcomes).decision_function(design)
    assert [term.feature for term in fitted.terms] == ["events_2y", "age_years"]
    assert np.abs(fitted.score(names, values) - expected).max() < 1e-6


def test_it_survives_being_written_and_read() -> None:
    lots = np.random.default_rng(4)
    values = lots.poisson(2, (300, 1)).astype(float)
    fitted = fit_logistic(specs_of("events_2y"), values, values[:, 0] > 2)  # type: ignore[arg-type]
    baselines = Baselines(event_count="events_2y", logistic=fitted)

    read = Baselines.model_validate_json(baselines.model_dump_json())

    assert read == baselines
    assert read.logistic.score(["events_2y"], values).tolist() == fitted.score(["events_2y"], values).tolist()


def test_where_nothing_varies_it_gives_the_base_rate() -> None:
    outcomes = np.arange(100) < 20

    fitted = fit_logistic(specs_of("events_2y"), np.ones((100, 1)), outcomes)  # type: ignore[arg-type]

    assert fitted.score(["events_2y"], np.ones((1, 1))) == pytest.approx([np.log(0.2 / 0.8)])


def test_one_regression_is_given_each_feature_by_itself_and_one_the_joint_ones_too() -> None:
    specs = the_definition().features
    lots = np.random.default_rng(5)
    values, outcomes = lots.integers(0, 2, (200, len(specs))).astype(float), lots.random(200) < 0.3

    given = {name: [term.feature for term in fit(values, outcomes).terms] for name, fit in regressions_of(specs).items()}

    assert given[LOGISTIC_JOINT] == [spec.name for spec in specs]
    assert given[LOGISTIC] == [spec.name for spec in specs if spec.measure != "together"]
    assert len(given[LOGISTIC]) < len(given[LOGISTIC_JOINT])


def test_without_joint_features_there_is_one_regression() -> None:
    specs = [spec for spec in the_definition().features if not spec.together]

    assert list(regressions_of(specs)) == [LOGISTIC]
