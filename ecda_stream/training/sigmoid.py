"""Logistic regression on one number: calibrates a score, and says how far a calibration is off."""

from __future__ import annotations

import numpy as np

from ecda_stream.training.table import Flags, Floats

MOST_STEPS = 60
CLOSE = 1e-10
RIDGE = 1e-6
"""Keeps the slope finite where a resample happens to be separable; far below anything that a real slice says."""


def fit_line(
    scores: Floats, outcomes: Flags, weights: Floats | None = None, start: tuple[float, float] = (1.0, 0.0)
) -> tuple[float, float]:
    """Return slope and intercept of P = 1 / (1 + exp(-(slope * score + intercept))), of greatest likelihood (Platt 1999, no targets).

    Newton's method with halved steps. Without both outcomes there is no line: NaN.
    """
    weights = np.ones(len(scores)) if weights is None else weights
    positives = float(weights @ outcomes)
    if not 0 < positives < float(weights.sum()):
        return np.nan, np.nan
    middle = float(np.average(scores, weights=weights))
    spread = float(np.sqrt(np.average((scores - middle) ** 2, weights=weights)))
    if spread == 0:
        rate = positives / float(weights.sum())
        return 0.0, float(np.log(rate / (1 - rate)))
    x = (scores - middle) / spread
    line = np.array([start[0] * spread, start[1] + start[0] * middle])
    loss = _loss(line, x, outcomes, weights)
    for _ in range(MOST_STEPS):
        probability = expit(line[0] * x + line[1])
        wrong = weights * (probability - outcomes)
        curvature = weights * probability * (1 - probability)
        gradient = np.array([wrong @ x + RIDGE * line[0], wrong.sum()])
        cross = curvature @ x
        hessian = np.array([[curvature @ (x * x) + RIDGE, cross], [cross, curvature.sum() + RIDGE]])
        step = np.linalg.solve(hessian, gradient)
        while (after := _loss(line - step, x, outcomes, weights)) > loss + CLOSE:
            step = step / 2
        line, loss = line - step, after
        if np.abs(step).max() < CLOSE * 100:
            break
    return float(line[0] / spread), float(line[1] - line[0] * middle / spread)


def expit(x: Floats) -> Floats:
    """Return 1 / (1 + exp(-x)), without overflow."""
    return np.exp(-np.logaddexp(0.0, -x))


def _loss(line: Floats, x: Floats, outcomes: Flags, weights: Floats) -> float:
    linear = line[0] * x + line[1]
    return float(weights @ (np.logaddexp(0.0, linear) - outcomes * linear)) + RIDGE * float(line[0]) ** 2 / 2
