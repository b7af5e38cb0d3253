"""From one or several logs to a model with everything that its card says, measured out of time and out of family."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
import sklearn

from ecda_stream.definition import StreamDefinition
from ecda_stream.errors import BadDefinition
from ecda_stream.score.model import Model, Training
from ecda_stream.score.stream import Stream
from ecda_stream.training.additive import Additive, average, probabilities_of, shape_values
from ecda_stream.training.baselines import Baselines, Logistic, counting_feature, fit_logistic, regressions_of
from ecda_stream.training.bench import Bench
from ecda_stream.training.calibrate import calibrate, share_of_groups, threshold_at
from ecda_stream.training.compile import compile_trees
from ecda_stream.training.evaluate import CEILING, EVENT_COUNT, MODEL, UNRESTRICTED, Scores, evaluate
from ecda_stream.training.fit import Scorer, fit_resampled, fit_unrestricted
from ecda_stream.training.gather import Say
from ecda_stream.training.labels import embargo_days
from ecda_stream.training.pool import Pool, Source, pool
from ecda_stream.training.sigmoid import expit
from ecda_stream.training.split import Split, divide
from ecda_stream.training.table import Flags, Floats, Rows, as_date
from ecda_stream.training.tabulate import tabulate
from ecda_stream.training.trained import Counted, Firing, Importance, Order, Trained, count

FEWEST_POSITIVES = 10
"""In each window; below it a figure is an anecdote."""


def train(sources: Sequence[Source], stream: Stream, order: Order, processes: int, say: Say = lambda part: None) -> Trained:
    """Fold logs and learn from all of them together."""
    return learn(pool(sources, stream, order.history_years, processes, say), stream.definition, order)


def learn(pooled: Pool, definition: StreamDefinition, order: Order) -> Trained:
    """Split, fit, calibrate and measure.

    The released shapes are fitted to everybody in the fit window. Threshold, calibration and every figure come from scores that five
    other such fits gave, each to the families that it had not seen. Raises BadDefinition if the logs are too short, have too few
    outcomes, or teach nothing.
    """
    seed = order.seed
    rows = pooled.rows
    embargo = embargo_days(definition, pooled.lag_days)
    split = divide(as_date(rows.day.min()), as_date(rows.day.max()), embargo)
    bench = Bench.of(rows, split, seed)
    windows = {name: count(rows.take(bench.windows[name]), window, definition) for name, window in split.windows.items()}
    _refuse_too_few(windows)

    regressions = regressions_of(definition.features)

    def additive(values: Floats, outcomes: Flags) -> Additive:
        boosted = [compile_trees(trees, rows.features, values) for trees in fit_resampled(values, outcomes, seed)]
        return average([average(boosted), tabulate(fit_logistic(definition.features, values, outcomes), rows.features, values)])

    fitted, tested = bench.windows["fit"], bench.windows["test"]
    shapes = additive(rows.values[fitted], rows.escalated[fitted])
    scores = bench.cross(partial(_fit_scorer, additive, rows))
    log_odds = {name: bench.cross(partial(_fit_scorer, fit, rows)) for name, fit in regressions.items()}
    joined = bench.cross(lambda values, outcomes: fit_unrestricted(values, outcomes, seed).decide)
    model = _model(order, definition, shapes, bench, scores, _training(windows, split, definition, pooled.lexicons))
    counted = counting_feature(definition)
    seen = np.zeros(len(rows)) if pooled.observable is None else pooled.observable
    measured = tested & ~np.isnan(seen)
    scored = {
        MODEL: Scores(scores[measured], probabilities_of(model, scores[measured])),
        EVENT_COUNT: Scores(np.nan_to_num(rows.column(counted)[measured])),
        **{name: Scores(found[measured], expit(found[measured])) for name, found in log_odds.items()},
        UNRESTRICTED: Scores(joined[measured]),
        **({} if pooled.observable is None else {CEILING: Scores(seen[measured])}),
    }
    return Trained(
        definition=definition,
        order=order,
        model=model,
        baselines=Baselines(
            event_count=counted, **{name: fit(rows.values[fitted], rows.escalated[fitted]) for name, fit in regressions.items()}
        ),
        logs=pooled.logs,
        excluded=pooled.excluded,
        lag_days=pooled.lag_days,
        embargo_days=embargo,
        windows=windows,
        importance=_importance(shapes, rows.take(fitted)),
        evaluation=evaluate(rows.take(measured), scored, seed),
        firing=_fire(rows.take(tested), scores[tested], model.threshold, definition),
        unknown_to_truth=int((tested & np.isnan(seen)).sum()),
    )


def _fit_scorer(fit: Callable[[Floats, Flags], Additive | Logistic], rows: Rows, values: Floats, outcomes: Flags) -> Scorer:
    fitted = fit(values, outcomes)
    return lambda values: fitted.score(rows.features, values)


def _refuse_too_few(windows: Mapping[str, Counted]) -> None:
    few = [
        f"{name}, {one.window.first} to {one.window.last}: {one.positives} positive of {one.triggers}"
        for name, one in windows.items()
        if one.positives < FEWEST_POSITIVES or one.triggers - one.positives < FEWEST_POSITIVES
    ]
    if few:
        raise BadDefinition(f"the logs: fewer than {FEWEST_POSITIVES} triggers of either outcome in a window", few)


def _training(windows: Mapping[str, Counted], split: Split, definition: StreamDefinition, lexicons: frozenset[str]) -> Training:
    fit, calibration = windows["fit"], windows["calibration"]
    return Training(
        first_day=fit.window.first,
        last_day=fit.window.last,
        triggers=fit.triggers,
        positives=fit.positives,
        calibration_first_day=calibration.window.first,
        calibration_last_day=calibration.window.last,
        calibration_triggers=calibration.triggers,
        calibration_positives=calibration.positives,
        known_by=split.known_by,
        definition=definition.digest,
        lexicons=tuple(sorted(lexicons)),
        libraries={"python": platform.python_version(), "numpy": np.__version__, "scikit-learn": sklearn.__version__},
    )


def _model(order: Order, definition: StreamDefinition, shapes: Additive, bench: Bench, scores: Floats, training: Training) -> Model:
    """Return the model: its probabilities and its threshold come from the calibration slice, scored out of family."""
    later = bench.windows["calibration"]
    rows, scores = bench.rows.take(later), scores[later]
    threshold = threshold_at(scores, definition.policy.alert_share)
    return Model(
        format=2,
        stream=definition.stream,
        version=order.version,
        scale="log_odds",
        trained_on=order.trained_on,
        threshold=threshold,
        alert_rate=share_of_groups(scores, rows.family, rows.day, threshold),
        intercept=shapes.intercept,
        shapes=shapes.shapes,
        calibration=calibrate(scores, rows.escalated, rows.family, shapes.span, order.seed),
        training=training,
    )


def _importance(shapes: Additive, rows: Rows) -> tuple[Importance, ...]:
    found = []
    for shape in shapes.shapes:
        added = shape_values(shape, rows.column(shape.feature))
        found.append(Importance(shape.feature, float(np.abs(added).mean()), float(added.min()), float(added.max())))
    return tuple(sorted(found, key=lambda one: (-one.mean, one.feature)))


def _fire(rows: Rows, scores: Floats, threshold: float, definition: StreamDefinition) -> Firing:
    flagged = scores >= threshold
    waited = (rows.arrived_on - rows.day).astype(np.int64)
    return Firing(
        flagged=int(flagged.sum()),
        flagged_positives=int((flagged & rows.escalated).sum()),
        group_share=share_of_groups(scores, rows.family, rows.day, threshold),
        arrived_too_late=int((waited > definition.policy.latest_arrival_days).sum()),
    )
