"""Probabilities with their ranges, the threshold and how often it fires."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from ecda_stream.errors import BadDefinition
from ecda_stream.score.model import Calibration
from ecda_stream.training.calibrate import calibrate, share_of_groups, threshold_at
from ecda_stream.training.sigmoid import expit, fit_line
from ecda_stream.training.table import Flags, Floats, Texts


def made(rows: int = 3000, slope: float = 0.8, seed: int = 1) -> tuple[Floats, Flags, Texts]:
    """Return scores whose true calibration is known, two rows a family."""
    lots = np.random.default_rng(seed)
    scores = lots.normal(-2, 1.2, rows)
    families = np.array([f"F{place // 2}" for place in range(rows)], dtype=object)
    return scores, lots.random(rows) < expit(slope * scores - 0.3), families


@pytest.fixture(scope="module")
def calibrated() -> Calibration:
    scores, outcomes, families = made()
    return calibrate(scores, outcomes, families, (-9.0, 5.0), seed=1)


@pytest.mark.parametrize("weighted", [False, True])
def test_the_line_is_the_one_of_greatest_likelihood(weighted: bool) -> None:
    scores, outcomes, _ = made()
    weights = np.random.default_rng(3).integers(0, 4, len(scores)).astype(float) if weighted else np.ones(len(scores))

    slope, intercept = fit_line(scores, outcomes, weights)

    unpenalised = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(scores[:, None], outcomes, sample_weight=weights)
    assert slope == pytest.approx(unpenalised.coef_[0, 0], abs=1e-4)
    assert intercept == pytest.approx(unpenalised.intercept_[0], abs=1e-4)


def test_a_line_needs_both_outcomes_and_survives_a_perfect_split() -> None:
    scores = np.array([0.0, 1.0, 2.0, 3.0])

    assert np.isnan(fit_line(scores, np.array([False] * 4))[0])
    assert np.isfinite(fit_line(scores, scores > 1)).all()
    assert fit_line(np.ones(4), scores > 2) == pytest.approx((0.0, np.log(1 / 3)))


def test_the_planted_calibration_is_found(calibrated: Calibration) -> None:
    assert calibrated.slope == pytest.approx(0.8, abs=0.15)
    assert calibrated.intercept == pytest.approx(-0.3, abs=0.3)


def test_a_range_holds_its_probability_at_every_score(calibrated: Calibration) -> None:
    for score in np.linspace(-9, 5, 997):
        low, high = calibrated.range_at(score)

        assert 0 <= low <= calibrated.probability(score) <= high <= 1


def test_a_range_is_narrow_where_there_are_many_and_wide_where_there_are_few(calibrated: Calibration) -> None:
    def width(score: float) -> float:
        low, high = calibrated.range_at(score)
        return (high - low) / calibrated.probability(score)

    assert width(-2) < 0.35
    assert calibrated.triggers_near(-2) > 50
    assert calibrated.triggers_near(5) == 0


def test_every_row_stands_behind_the_point_that_the_worker_would_name() -> None:
    scores, outcomes, families = made(rows=400)
    found = calibrate(scores, outcomes, families, (-9.0, 5.0), seed=1)

    nearest = [min(found.points, key=lambda point: (abs(point.score - score), point.score)).score for score in scores]

    assert [point.triggers for point in found.points] == [nearest.count(point.score) for point in found.points]
    assert sum(point.triggers for point in found.points) == 400


def test_a_score_that_does_not_rise_with_the_outcome_is_not_released() -> None:
    scores, outcomes, families = made()

    with pytest.raises(BadDefinition, match="does not rise"):
        calibrate(-scores, outcomes, families, (-5.0, 9.0), seed=1)


@pytest.mark.parametrize(("share", "threshold"), [(0.2, 5.0), (0.4, 4.0), (0.39, 5.0), (0.1, 5.0), (0.9, 2.0)])
def test_the_threshold_is_the_lowest_score_that_no_more_than_the_share_reaches(share: float, threshold: float) -> None:
    """Of five scores 1, 2, 2, 4, 5 one reaches 5, two reach 4, four reach 2."""
    assert threshold_at(np.array([1.0, 2.0, 2.0, 4.0, 5.0]), share) == threshold


def test_alerts_are_counted_by_family_and_day() -> None:
    scores = np.array([5.0, 5.0, 1.0, 1.0, 5.0])
    families = np.array(["A", "A", "A", "B", "B"], dtype=object)
    days = np.array(["2026-01-05", "2026-01-05", "2026-01-06", "2026-01-05", "2026-01-07"], dtype="datetime64[D]")

    assert share_of_groups(scores, families, days, threshold=5.0) == 2 / 4
