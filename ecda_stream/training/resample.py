"""Bootstraps by family: brothers and sisters are not independent, so a family is drawn with all its triggers or not at all."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ecda_stream.training.table import Floats, Ints, Texts


def family_weights(families: Texts, times: int, seed: int) -> Iterator[Floats]:
    """Yield, for each resample, how often each row is in it: as many families are drawn as there are, with replacement."""
    _, of_row = np.unique(families.astype(str), return_inverse=True)
    place: Ints = of_row.astype(np.int64)
    count = int(place.max()) + 1 if len(place) else 0
    lots = np.random.default_rng(seed)
    for _ in range(times):
        drawn = np.bincount(lots.integers(0, count, count), minlength=count)
        yield drawn[place].astype(np.float64)
