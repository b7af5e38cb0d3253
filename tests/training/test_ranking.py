"""What a ranking is worth: captures counted by hand, AUC and average precision as scikit-learn has them, weights as repeated rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from ecda_stream.training.ranking import area_under_curve, average_precision, capture, lots_of, rank
from ecda_stream.training.table import Texts


def lots(count: int) -> Texts:
    return lots_of(np.array([f"e{place}" for place in range(count)], dtype=object))


def ones(count: int) -> np.typing.NDArray[np.float64]:
    return np.ones(count)


def test_capture_is_the_share_of_positives_among_the_highest_scores() -> None:
    """Ten rows, four positives: highest first they are + - + - - + - - - +."""
    outcomes = np.array([True, False, True, False, False, True, False, False, False, True])
    ranking = rank(np.arange(10, 0, -1).astype(float), outcomes, lots(10))

    assert capture(ranking, ones(10), (0.1, 0.2, 0.3, 0.6, 1.0)).tolist() == [1 / 4, 1 / 4, 2 / 4, 3 / 4, 1]


def test_a_row_that_the_share_cuts_counts_in_part() -> None:
    ranking = rank(np.array([2.0, 1.0]), np.array([True, False]), lots(2))

    assert capture(ranking, ones(2), (0.25,)).tolist() == [0.5]


def test_equal_scores_are_ordered_by_lot_and_never_by_outcome() -> None:
    outcomes = np.arange(1000) < 100
    tied = rank(np.zeros(1000), outcomes, lots(1000))
    turned = rank(np.zeros(1000), outcomes[::-1], lots(1000))

    assert tied.order.tolist() == turned.order.tolist()
    assert capture(tied, ones(1000), (0.5,))[0] == pytest.approx(0.5, abs=0.15)


scored = st.lists(st.tuples(st.integers(0, 6), st.booleans(), st.integers(0, 3)), min_size=2, max_size=40)


@given(scored)
def test_auc_and_average_precision_are_scikit_learns(rows: list[tuple[int, bool, int]]) -> None:
    scores, outcomes = np.array([float(score) for score, _, _ in rows]), np.array([outcome for _, outcome, _ in rows])
    ranking = rank(scores, outcomes, lots(len(rows)))

    if 0 < outcomes.sum() < len(rows):
        assert area_under_curve(ranking, ones(len(rows))) == pytest.approx(roc_auc_score(outcomes, scores))
        assert average_precision(ranking, ones(len(rows))) == pytest.approx(average_precision_score(outcomes, scores))
    else:
        assert np.isnan(area_under_curve(ranking, ones(len(rows))))


@given(scored)
def test_a_weight_of_n_is_the_row_n_times(rows: list[tuple[int, bool, int]]) -> None:
    scores, outcomes = np.array([float(score) for score, _, _ in rows]), np.array([outcome for _, outcome, _ in rows])
    weights = np.array([float(weight) for _, _, weight in rows])
    times = weights.astype(int)
    weighted = rank(scores, outcomes, lots(len(rows)))
    repeated = rank(np.repeat(scores, times), np.repeat(outcomes, times), np.repeat(lots(len(rows)), times))
    count = int(times.sum())

    for measure in (area_under_curve, average_precision):
        if count and 0 < np.repeat(outcomes, times).sum() < count:
            assert measure(weighted, weights) == pytest.approx(measure(repeated, ones(count)))
    if count and np.repeat(outcomes, times).any():
        shares = (0.06, 0.3, 0.5)
        assert capture(weighted, weights, shares) == pytest.approx(capture(repeated, ones(count), shares))
