"""The planted probabilities are calibrated against what happened, and what can be believed of a frailty is right on average.

One closure of each family, so that the closures compared are independent of each other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import sqrt

import pytest

from ecda_stream.simulate.closing import Closing

from .worlds import END, lived_families

FAMILIES = 2000
BINS = 8


def one_closing_a_family(episode: int) -> list[Closing]:
    """The closure of one child in a certain episode: to take the last one would look into the future."""
    closings = []
    for _, lived in lived_families(FAMILIES):
        scored = [
            closing for closing in lived.course.closings if closing.episode == episode and closing.is_scored and closing.day <= END
        ]
        closings += scored[:1]
    return closings


def bins_by(key: Callable[[Closing], float], closings: Sequence[Closing]) -> list[list[Closing]]:
    ranked = sorted(closings, key=key)
    size = len(ranked) // BINS
    return [ranked[place * size : (place + 1) * size] for place in range(BINS)]


@pytest.mark.parametrize("episode", [0, 1, 2])
def test_of_closures_with_one_planted_probability_that_share_escalates(episode: int) -> None:
    for group in bins_by(lambda closing: closing.probability, one_closing_a_family(episode)):
        expected = sum(closing.probability for closing in group)
        deviation = sqrt(sum(closing.probability * (1 - closing.probability) for closing in group))

        assert sum(closing.escalated for closing in group) == pytest.approx(expected, abs=4 * deviation + 0.5)


def test_the_highest_bin_holds_most_of_the_risk() -> None:
    groups = bins_by(lambda closing: closing.probability, one_closing_a_family(0))

    assert sum(closing.escalated for closing in groups[-1]) > sum(closing.escalated for group in groups[:-2] for closing in group)


@pytest.mark.parametrize("episode", [1, 2, 3])
def test_the_mean_frailty_of_families_with_one_posterior_mean_is_that_mean(episode: int) -> None:
    for group in bins_by(lambda closing: closing.posterior_mean_frailty, one_closing_a_family(episode)):
        believed = sum(closing.posterior_mean_frailty for closing in group) / len(group)
        frailties = [closing.frailty for closing in group]
        mean = sum(frailties) / len(group)
        error = sqrt(sum((frailty - mean) ** 2 for frailty in frailties)) / len(group)

        assert believed == pytest.approx(mean, abs=4 * error)


def test_families_with_a_past_are_told_apart_by_it() -> None:
    third = one_closing_a_family(2)

    assert max(closing.posterior_mean_frailty for closing in third) > 2
    assert min(closing.posterior_mean_frailty for closing in third) < 1.2
