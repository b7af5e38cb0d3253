"""Splits follow time with the embargo between, and nobody's family stands on two sides."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecda_stream.errors import BadDefinition
from ecda_stream.training.bench import Bench
from ecda_stream.training.labels import Labelled, embargo_days
from ecda_stream.training.split import divide, folds_of
from ecda_stream.training.table import Flags, Floats, as_date
from tests.training.worlds import the_definition

FIRST = date(2020, 1, 1)


def test_two_thirds_for_training_of_which_a_quarter_calibrates_and_a_third_for_the_test() -> None:
    """1,200 days without the embargo of 545: 800 and 400; 600 to fit, 200 to calibrate."""
    split = divide(FIRST, FIRST + timedelta(days=1200 + 545 - 1), 545)

    assert (split.fit.first, split.fit.last) == (FIRST, FIRST + timedelta(days=599))
    assert (split.calibration.first, split.calibration.last) == (FIRST + timedelta(days=600), FIRST + timedelta(days=799))
    assert split.known_by == split.test.first == FIRST + timedelta(days=799 + 545)
    assert split.test.last == FIRST + timedelta(days=1744)


@given(st.integers(12, 4000), st.integers(1, 900))
def test_windows_follow_each_other_and_the_test_begins_when_everything_was_known(usable: int, embargo: int) -> None:
    split = divide(FIRST, FIRST + timedelta(days=usable + embargo - 1), embargo)

    assert split.fit.first <= split.fit.last < split.calibration.first <= split.calibration.last < split.test.first <= split.test.last
    assert (split.calibration.first - split.fit.last).days == 1
    assert (split.test.first - split.calibration.last).days == embargo


def test_a_log_that_the_embargo_swallows_is_refused() -> None:
    with pytest.raises(BadDefinition, match="embargo"):
        divide(FIRST, FIRST + timedelta(days=550), 545)


def test_the_embargo_is_the_horizon_and_the_recording_lag() -> None:
    assert embargo_days(the_definition(), 60) == 605


def test_a_family_has_one_fold_whatever_else_is_there(labelled: Labelled) -> None:
    rows = labelled.rows
    folds = dict(zip(rows.family, folds_of(rows, 1), strict=True))
    some = rows.take(np.arange(len(rows)) % 3 == 0)

    assert set(folds.values()) == {0, 1, 2, 3, 4}
    assert all(folds[name] == fold for name, fold in zip(some.family, folds_of(some, 1), strict=True))
    assert list(folds_of(rows, 2)) != list(folds_of(rows, 1))


def test_no_row_is_scored_by_a_fit_that_saw_its_family_or_anything_outside_the_fit_window(labelled: Labelled) -> None:
    """The fit remembers who was in it, by the one value that each row has: its place."""
    places = np.arange(len(labelled.rows), dtype=np.float64)
    rows = labelled.rows.__class__(**{**vars(labelled.rows), "values": places[:, None]})
    split = divide(as_date(rows.day.min()), as_date(rows.day.max()), 545)
    bench = Bench.of(rows, split, seed=1)
    seen: list[tuple[set[str], set[str]]] = []

    def fit(values: Floats, outcomes: Flags) -> object:
        fitted = values[:, 0].astype(int)
        assert all(split.fit.first <= as_date(day) <= split.fit.last for day in rows.day[fitted])

        def score(new: Floats) -> Floats:
            scored = new[:, 0].astype(int)
            seen.append((set(rows.family[fitted]), set(rows.family[scored])))
            return np.zeros(len(new))

        return score

    scores = bench.cross(fit)  # type: ignore[arg-type]

    assert len(seen) == 5
    assert all(not fitted & scored for fitted, scored in seen)
    later = bench.windows["calibration"] | bench.windows["test"]
    assert np.array_equal(~np.isnan(scores), later)
