"""How good scores are on rows that nobody's model saw, with 95 % intervals over families, next to the baselines and the ceiling.

Ceiling: the capture of the realised outcomes ranked by the planted probability of what could be observed. Nothing can do better but by
luck; the share of it that a model reaches (`capture_ratio`) says how much it leaves, whatever the world it is tested in.

Where the truth is given, the same captures are also measured of the planted probability itself (`planted_capture`): what would be
captured on average if everything happened again and again from where it stood. The luck of outcomes drops out, which decides between
models that lie close.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ecda_stream.training.figures import SHARES, Figure, Figures, figure, percent
from ecda_stream.training.ranking import area_under_curve, average_precision, capture, lots_of, rank
from ecda_stream.training.resample import family_weights
from ecda_stream.training.sigmoid import fit_line
from ecda_stream.training.table import Flags, Floats, Ints, Rows

BOOTSTRAPS = 1000
MODEL, EVENT_COUNT, LOGISTIC, UNRESTRICTED, CEILING = "model", "event_count", "logistic", "unrestricted", "ceiling"
LOGISTIC_JOINT = "logistic_joint"
BASELINES = (EVENT_COUNT, LOGISTIC, LOGISTIC_JOINT)
HEADLINE = 0.06
"""The share at which a model is compared with the ceiling."""
PLANTED = f"planted_capture_at_{percent(HEADLINE)}"
CURVE = tuple(place / 100 for place in range(101))
BINS = 12


@dataclass(frozen=True)
class Scores:
    """What ranks the rows, and where it claims one, the probability of each."""

    scores: Floats
    probabilities: Floats | None = None


@dataclass(frozen=True)
class Bin:
    """Rows with similar probabilities: what was foretold on average, and what happened."""

    foretold: float
    happened: Figure
    rows: int


@dataclass(frozen=True)
class Evaluation:
    """Every measure of every score on the same rows, and the curves behind the plots."""

    rows: int
    positives: int
    families: int
    base_rate: Figure
    figures: Mapping[str, Figures]
    """By what was scored, then by measure."""
    ratio: Figure | None
    """Capture of the model at the headline share as a share of the ceiling's."""
    planted_ratio: Figure | None
    """The same of the planted probability."""
    leads: Mapping[str, Figure]
    """Planted probability that the model captures at the headline share, less what a baseline captures of it, by baseline."""
    curves: Mapping[str, tuple[Figure, ...]]
    """Capture at 0, 1, ... 100 % of the rows."""
    bins: tuple[Bin, ...]


@dataclass(frozen=True)
class _Measured:
    """What was measured on the rows, and on each resample of them."""

    whole: Mapping[str, Floats]
    resampled: Sequence[Mapping[str, Floats]]

    def figures(self, name: str) -> tuple[Figure, ...]:
        return tuple(
            figure(value, np.array([one[name][place] for one in self.resampled]))
            for place, value in enumerate(self.whole[name].tolist())
        )

    def ratio(self, above: str, below: str, place: int) -> Figure:
        return self._figure(lambda one: float(one[above][place] / one[below][place]) if one[below][place] > 0 else np.nan)

    def lead(self, first: str, second: str) -> Figure:
        return self._figure(lambda one: float(one[first][0] - one[second][0]))

    def _figure(self, of: Callable[[Mapping[str, Floats]], float]) -> Figure:
        return figure(of(self.whole), np.array([of(one) for one in self.resampled]))


def evaluate(rows: Rows, scored: Mapping[str, Scores], seed: int, bootstraps: int = BOOTSTRAPS) -> Evaluation:
    """Measure scores of the same rows on the same resamples; the first of `scored` is the model."""
    outcomes, lots = rows.escalated, lots_of(rows.event_id)
    rankings = {name: rank(given.scores, outcomes, lots) for name, given in scored.items()}
    planted = scored[CEILING].scores if CEILING in scored else None
    expected = {} if planted is None else {name: rank(given.scores, planted, lots) for name, given in scored.items()}
    model = next(iter(scored))
    bins = _bins(scored[model].probabilities)

    def measure(weights: Floats) -> dict[str, Floats]:
        measured = {"base_rate": np.array([np.average(outcomes, weights=weights)])}
        for name, given in scored.items():
            curve = capture(rankings[name], weights, CURVE)
            at = capture(rankings[name], weights, SHARES)
            measured[f"curve/{name}"] = curve
            measured[f"captures/{name}"] = at
            measured[f"precisions/{name}"] = at * measured["base_rate"] / np.asarray(SHARES)
            ranked = (area_under_curve(rankings[name], weights), average_precision(rankings[name], weights))
            measured[f"ranked/{name}"] = np.array(ranked)
            if name in expected:
                measured[f"planted/{name}"] = capture(expected[name], weights, (HEADLINE,))
            if given.probabilities is not None:
                measured[f"probabilities/{name}"] = _of_probabilities(given.probabilities, outcomes, weights)
        if bins is not None:
            measured["bins"] = _rates(bins, outcomes, weights)
        return measured

    taken = _Measured(measure(np.ones(len(rows))), [measure(weights) for weights in family_weights(rows.family, bootstraps, seed)])
    found = {name: taken.figures(name) for name in taken.whole}
    return Evaluation(
        rows=len(rows),
        positives=int(outcomes.sum()),
        families=len(set(rows.family)),
        base_rate=found["base_rate"][0],
        figures={name: _named(name, found) for name in scored},
        ratio=taken.ratio(f"captures/{model}", f"captures/{CEILING}", SHARES.index(HEADLINE)) if expected else None,
        planted_ratio=taken.ratio(f"planted/{model}", f"planted/{CEILING}", 0) if expected else None,
        leads={name: taken.lead(f"planted/{model}", f"planted/{name}") for name in BASELINES if name in expected},
        curves={name: found[f"curve/{name}"] for name in scored},
        bins=_filled(bins, scored[model].probabilities, found.get("bins", ())),
    )


def _of_probabilities(probabilities: Floats, outcomes: Flags, weights: Floats) -> Floats:
    """Return the Brier score, and slope and intercept of the outcomes on the log-odds: 1 and 0 where calibration is right."""
    held = np.clip(probabilities, 1e-12, 1 - 1e-12)
    brier = np.average((probabilities - outcomes) ** 2, weights=weights)
    return np.array([brier, *fit_line(np.log(held / (1 - held)), outcomes, weights)])


def _named(name: str, found: Mapping[str, tuple[Figure, ...]]) -> Figures:
    named = {
        **{f"capture_at_{percent(share)}": one for share, one in zip(SHARES, found[f"captures/{name}"], strict=True)},
        **{f"precision_at_{percent(share)}": one for share, one in zip(SHARES, found[f"precisions/{name}"], strict=True)},
        **dict(zip(("auc", "ap"), found[f"ranked/{name}"], strict=True)),
    }
    if f"planted/{name}" in found:
        [named[PLANTED]] = found[f"planted/{name}"]
    if f"probabilities/{name}" in found:
        named |= dict(zip(("brier", "calibration_slope", "calibration_intercept"), found[f"probabilities/{name}"], strict=True))
    return named


def _bins(probabilities: Floats | None) -> Ints | None:
    """Return the bin of each row: equally many rows in each, but for equal probabilities, which stay together."""
    if probabilities is None or not len(probabilities):
        return None
    cuts = np.unique(np.quantile(probabilities, [place / BINS for place in range(1, BINS)]))
    return np.searchsorted(cuts, probabilities, side="right").astype(np.int64)


def _rates(bins: Ints, outcomes: Flags, weights: Floats) -> Floats:
    count = int(bins.max()) + 1
    rows = np.bincount(bins, weights, count)
    positives = np.bincount(bins, weights * outcomes, count)
    rates: Floats = np.divide(positives, rows, out=np.full(count, np.nan), where=rows > 0)
    return rates


def _filled(bins: Ints | None, probabilities: Floats | None, happened: tuple[Figure, ...]) -> tuple[Bin, ...]:
    if bins is None or probabilities is None:
        return ()
    return tuple(
        Bin(float(probabilities[bins == place].mean()), happened[place], int((bins == place).sum()))
        for place in range(len(happened))
        if (bins == place).any()
    )
