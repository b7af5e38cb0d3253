"""Figures with intervals: a loop gives the same bootstrap, model and ceiling share resamples, and what was planted is found again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from ecda_stream.training.aftermath import Aftermath
from ecda_stream.training.evaluate import CEILING, EVENT_COUNT, LOGISTIC, MODEL, PLANTED, Evaluation, Scores, evaluate
from ecda_stream.training.resample import family_weights
from ecda_stream.training.sigmoid import expit
from ecda_stream.training.table import Floats, Row, Rows

DAY = date(2020, 1, 1)


def after(worse: bool) -> Aftermath:
    return Aftermath(None, 0, DAY if worse else None, None, "")


def rows_of(outcomes: list[bool], families: list[str]) -> Rows:
    rows = [
        Row(
            f"e{place}",
            "881",
            f"P{place}",
            family,
            DAY,
            DAY,
            100,
            0,
            place,
            np.zeros(1),
            Aftermath(None, 0, DAY if worse else None, None, ""),
        )
        for place, (worse, family) in enumerate(zip(outcomes, families, strict=True))
    ]
    return Rows.of(["one"], rows)


def a_sample(rows: int = 6000, seed: int = 5) -> tuple[Rows, Floats]:
    """Return rows whose chances are known."""
    lots = np.random.default_rng(seed)
    chances = expit(lots.normal(-2.5, 1.3, rows))
    outcomes = (lots.random(rows) < chances).tolist()
    return rows_of(outcomes, [f"F{place // 2}" for place in range(rows)]), chances


@pytest.fixture(scope="module")
def perfect() -> Evaluation:
    rows, chances = a_sample()
    scored = {
        MODEL: Scores(np.log(chances / (1 - chances)), chances),
        EVENT_COUNT: Scores(np.zeros(len(rows))),
        CEILING: Scores(chances),
    }
    return evaluate(rows, scored, seed=1, bootstraps=200)


def test_an_interval_is_what_drawing_families_in_a_loop_gives() -> None:
    outcomes = [True, False, False, True, False, True, False, False]
    families = ["A", "A", "B", "B", "C", "C", "C", "D"]
    scores = np.array([8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0])
    rows = rows_of(outcomes, families)

    found = evaluate(rows, {MODEL: Scores(scores)}, seed=9, bootstraps=300).base_rate

    lots = np.random.default_rng(9)
    names = sorted(set(families))
    rates = []
    for _ in range(300):
        drawn = [names[place] for place in lots.integers(0, len(names), len(names))]
        sample = [outcome for name in drawn for outcome, family in zip(outcomes, families, strict=True) if family == name]
        rates.append(sum(sample) / len(sample))
    assert found.value == 3 / 8
    assert (found.low, found.high) == pytest.approx(tuple(np.percentile(rates, (2.5, 97.5))))


def test_a_family_is_drawn_with_all_its_rows_or_not_at_all() -> None:
    families = np.array(["A", "B", "A", "C", "A"], dtype=object)

    for weights in family_weights(families, times=50, seed=2):
        assert weights[0] == weights[2] == weights[4]
        assert weights[0] + weights[1] + weights[3] == 3


def test_scores_that_are_the_planted_chances_reach_the_ceiling_in_every_resample(perfect: Evaluation) -> None:
    assert perfect.ratio is not None
    assert (perfect.ratio.value, perfect.ratio.low, perfect.ratio.high) == (1.0, 1.0, 1.0)


def test_planted_chances_are_calibrated(perfect: Evaluation) -> None:
    slope, intercept = (perfect.figures[MODEL][name] for name in ("calibration_slope", "calibration_intercept"))

    assert slope.low is not None
    assert slope.high is not None
    assert slope.low < 1 < slope.high
    assert intercept.low is not None
    assert intercept.high is not None
    assert intercept.low < 0 < intercept.high
    for one in perfect.bins:
        assert one.happened.low is not None
        assert one.happened.high is not None
        assert one.happened.low - 0.02 <= one.foretold <= one.happened.high + 0.02


def test_scores_that_say_nothing_capture_what_chance_does(perfect: Evaluation) -> None:
    assert perfect.figures[EVENT_COUNT]["capture_at_10"].value == pytest.approx(0.1, abs=0.04)
    assert perfect.figures[EVENT_COUNT]["auc"].value == 0.5


def test_precision_is_capture_times_base_rate_over_share(perfect: Evaluation) -> None:
    figures = perfect.figures[MODEL]
    assert perfect.base_rate.value is not None
    assert figures["capture_at_6"].value is not None

    assert figures["precision_at_6"].value == pytest.approx(figures["capture_at_6"].value * perfect.base_rate.value / 0.06)


def test_brier_is_the_mean_squared_distance() -> None:
    rows = rows_of([True, False], ["A", "B"])

    found = evaluate(rows, {MODEL: Scores(np.array([1.0, 0.0]), np.array([0.8, 0.4]))}, seed=1, bootstraps=5)

    assert found.figures[MODEL]["brier"].value == pytest.approx((0.2**2 + 0.4**2) / 2)


def test_outcomes_dealt_anew_leave_nothing_to_capture() -> None:
    rows, chances = a_sample()
    dealt = replace(rows, escalated_on=np.random.default_rng(1).permutation(rows.escalated_on))

    found = evaluate(dealt, {MODEL: Scores(chances)}, seed=1, bootstraps=50).figures[MODEL]

    assert found["capture_at_6"].value == pytest.approx(0.06, abs=0.03)
    assert found["auc"].value == pytest.approx(0.5, abs=0.03)


def test_planted_capture_is_what_outcomes_dealt_again_and_again_give_on_average() -> None:
    rows, chances = a_sample(rows=1500)
    lots = np.random.default_rng(8)
    noisy = chances * np.exp(lots.normal(0, 0.7, len(chances)))
    found = evaluate(rows, {MODEL: Scores(noisy), CEILING: Scores(chances)}, seed=1, bootstraps=10).figures[MODEL][PLANTED].value
    top = noisy >= np.sort(noisy)[-90]

    dealt = lots.random((4000, len(chances))) < chances
    captured = dealt[:, top].sum(axis=1) / dealt.sum(axis=1)

    assert found == pytest.approx(captured.mean(), abs=4 * captured.std() / 4000**0.5)


def test_a_lead_is_the_difference_of_planted_captures_on_the_same_resamples() -> None:
    rows, chances = a_sample()
    noisy = chances * np.exp(np.random.default_rng(9).normal(0, 1, len(chances)))
    scored = {MODEL: Scores(chances), LOGISTIC: Scores(noisy), CEILING: Scores(chances)}

    found = evaluate(rows, scored, seed=1, bootstraps=200)
    lead, [model, logistic] = found.leads[LOGISTIC], [found.figures[name][PLANTED] for name in (MODEL, LOGISTIC)]

    assert (lead.value, model.value, logistic.value, lead.low, lead.high) != (None,) * 5
    assert lead.value == pytest.approx((model.value or 0) - (logistic.value or 0))
    assert 0 < (lead.low or 0) < (lead.value or 0) < (lead.high or 0)
    assert found.planted_ratio is not None
    assert (found.planted_ratio.value, found.planted_ratio.low, found.planted_ratio.high) == (1, 1, 1)


def test_without_truth_nothing_planted_is_claimed() -> None:
    rows, chances = a_sample(rows=600)

    found = evaluate(rows, {MODEL: Scores(chances), EVENT_COUNT: Scores(chances)}, seed=1, bootstraps=5)

    assert (found.planted_ratio, dict(found.leads)) == (None, {})
    assert PLANTED not in found.figures[MODEL]
