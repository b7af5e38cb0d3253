"""A discrete distribution, as tables of national statistics give it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate
from random import Random


@dataclass(frozen=True, slots=True)
class Shares:
    """Labels with shares that sum to 1, in the order of the table."""

    labels: tuple[str, ...]
    shares: tuple[float, ...]
    cumulative: tuple[float, ...]

    @classmethod
    def of(cls, weights: Mapping[str, float]) -> Shares:
        """Return the distribution whose shares are proportional to the weights: tables in percent seldom sum to 100.0."""
        total = sum(weights.values())
        shares = tuple(weight / total for weight in weights.values())
        return cls(tuple(weights), shares, tuple(accumulate(shares[:-1])))

    def draw(self, rng: Random) -> str:
        """Return one label."""
        return self.at(rng.random())

    def at(self, quantile: float) -> str:
        """Return the label at a quantile in [0, 1), in the order of the table."""
        return self.labels[bisect_right(self.cumulative, quantile)]

    def share(self, label: str) -> float:
        """Return the share of one label."""
        return self.shares[self.labels.index(label)]

    def without(self, *labels: str) -> Shares:
        """Return the distribution among the other labels."""
        return Shares.of({label: share for label, share in zip(self.labels, self.shares, strict=True) if label not in labels})


def draw_within_band(bands: Shares, rng: Random) -> int:
    """Return days from a table whose labels are the upper ends of its bands; shorter is likelier within a band."""
    upper = int(bands.draw(rng))
    place = bands.labels.index(str(upper))
    lower = 0 if place == 0 else int(bands.labels[place - 1])
    return lower + 1 + int((upper - lower - 1) * rng.random() ** 1.3)
