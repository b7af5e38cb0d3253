"""The simple models that every report shows beside the released one: one count, and logistic regression on the same features.

Where the stream declares joint features there are two regressions: one that is given each feature by itself, as an analyst would begin,
and one that is given the joint ones too, which says what the trees add. All are released as numbers in JSON, to be compared on other
logs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Field
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from ecda_stream.contract.base import Published
from ecda_stream.definition import StreamDefinition
from ecda_stream.errors import BadDefinition
from ecda_stream.feature_spec import FeatureSpec
from ecda_stream.training.evaluate import LOGISTIC, LOGISTIC_JOINT
from ecda_stream.training.fit import ONE_THREAD
from ecda_stream.training.table import Flags, Floats

COUNTED = frozenset({"count", "distinct", "since_last", "since_first", "between", "findings", "concepts", "words"})
"""Measures whose values are long-tailed and never negative: their logarithm, log(1 + x), goes into the regression."""

PENALTY = 0.003
"""scikit-learn's C, chosen as the trees' settings were: of 0.003 to 1 the one with the least log loss on the calibration slice."""


BASELINES = "baselines.json"


class Term(Published):
    """What one feature adds: coefficient * (x' - mean) / deviation, where x' is x, its logarithm or, without a value, the median."""

    feature: str
    logarithm: bool
    median: float
    mean: float
    deviation: Annotated[float, Field(gt=0)]
    coefficient: float
    missing: float
    """Added where the feature has no value."""

    def adds(self, column: Floats) -> Floats:
        """Return what it adds at each value of a column."""
        prepared = _prepare(column, self.logarithm)
        absent = np.isnan(prepared)
        added: Floats = (
            self.coefficient * (np.where(absent, self.median, prepared) - self.mean) / self.deviation + self.missing * absent
        )
        return added


class Logistic(Published):
    """Logistic regression with median imputation, indicators of missing values and standardised features."""

    intercept: float
    terms: tuple[Term, ...]

    def score(self, features: Sequence[str], values: Floats) -> Floats:
        """Return the log-odds of many triggers."""
        scores = np.full(len(values), self.intercept)
        for term in self.terms:
            scores += term.adds(values[:, features.index(term.feature)])
        return scores


class Baselines(Published):
    """baselines.json."""

    event_count: str
    """The feature that is the count."""
    logistic: Logistic
    logistic_joint: Logistic | None = None
    """With the joint features too."""


def read_baselines(folder: Path) -> Baselines | None:
    """Return the baselines that were released with a model; None if there are none."""
    path = folder / BASELINES
    return Baselines.model_validate_json(path.read_bytes()) if path.is_file() else None


def counting_feature(definition: StreamDefinition) -> str:
    """Return the feature that counts entries of the person over the most types: attention received, whatever it was.

    Raises BadDefinition if the stream counts nothing.
    """
    counts = [spec for spec in definition.features if spec.measure == "count" and spec.scope == "person" and not spec.where]
    if not counts:
        raise BadDefinition(f"stream {definition.stream}", ["features: no count of the person's entries to compare a model with"])
    return max(counts, key=lambda spec: (len(spec.of), spec.window_days)).name


def fit_logistic(specs: Sequence[FeatureSpec], values: Floats, outcomes: Flags) -> Logistic:
    """Fit the regression; a feature with one value only is left out."""
    terms: list[Term] = []
    columns: list[Floats] = []
    for place, spec in enumerate(specs):
        prepared = _prepare(values[:, place], spec.measure in COUNTED)
        absent = np.isnan(prepared)
        if absent.all():
            continue
        median = float(np.median(prepared[~absent]))
        filled = np.where(absent, median, prepared)
        varies = bool(np.ptp(filled) > 0)
        if not varies and not absent.any():
            continue
        mean, deviation = float(np.mean(filled)), float(np.std(filled)) if varies else 1.0
        columns += [(filled - mean) / deviation, absent.astype(np.float64)]
        terms.append(
            Term(
                feature=spec.name,
                logarithm=spec.measure in COUNTED,
                median=median,
                mean=mean,
                deviation=deviation,
                coefficient=0.0,
                missing=0.0,
            )
        )
    if not terms:
        rate = float(np.mean(outcomes))
        return Logistic(intercept=float(np.log(rate / (1 - rate))), terms=())
    with threadpool_limits(ONE_THREAD):
        fitted = LogisticRegression(C=PENALTY, max_iter=2000, tol=1e-6).fit(np.column_stack(columns), outcomes.astype(np.int64))
    weights = fitted.coef_[0]
    return Logistic(
        intercept=float(fitted.intercept_[0]),
        terms=tuple(
            term.model_copy(update={"coefficient": float(weights[2 * place]), "missing": float(weights[2 * place + 1])})
            for place, term in enumerate(terms)
        ),
    )


def regressions_of(specs: Sequence[FeatureSpec]) -> Mapping[str, Callable[[Floats, Flags], Logistic]]:
    """Return how to fit each regression to values of all these features: without the joint ones, and where there are any, with them."""
    alone = [place for place, spec in enumerate(specs) if not spec.together]
    fits: dict[str, Callable[[Floats, Flags], Logistic]] = {
        LOGISTIC: lambda values, outcomes: fit_logistic([specs[place] for place in alone], values[:, alone], outcomes)
    }
    if len(alone) < len(specs):
        fits[LOGISTIC_JOINT] = lambda values, outcomes: fit_logistic(specs, values, outcomes)
    return fits


def _prepare(column: Floats, logarithm: bool) -> Floats:
    return np.log1p(np.maximum(column, 0)) if logarithm else column
