"""A released model on other logs: the same measures as on its card, next to the baselines that were released with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from ecda_stream.errors import BadDefinition
from ecda_stream.score.model import Model
from ecda_stream.score.stream import Stream
from ecda_stream.training.additive import probabilities_of, score_rows
from ecda_stream.training.baselines import Baselines, counting_feature
from ecda_stream.training.evaluate import (
    BOOTSTRAPS,
    CEILING,
    EVENT_COUNT,
    LOGISTIC,
    LOGISTIC_JOINT,
    MODEL,
    Evaluation,
    Scores,
    evaluate,
)
from ecda_stream.training.gather import Say
from ecda_stream.training.losses import score_without_losses
from ecda_stream.training.pool import Pool, Source, pool
from ecda_stream.training.reading import ReadingTally, compare_reading
from ecda_stream.training.sigmoid import expit
from ecda_stream.training.table import as_date


@dataclass(frozen=True)
class Plan:
    """What to study: which model, from which day on, how, and with which lots."""

    model: Model
    baselines: Baselines | None
    since: date
    """Triggers before it are left out."""
    history_years: int
    processes: int
    seed: int
    losses: bool
    bootstraps: int = BOOTSTRAPS


@dataclass(frozen=True)
class Study:
    """What was found, and on which rows."""

    first: date
    last: date
    too_early: int
    """Labelled triggers from before `since`."""
    unknown_to_truth: int
    excluded: Mapping[str, int]
    lag_days: int
    evaluation: Evaluation
    losses: Evaluation | None
    reading: ReadingTally | None


def study(sources: Sequence[Source], stream: Stream, plan: Plan, say: Say = lambda part: None) -> Study:
    """Fold the logs, label what can be labelled, and measure the model on it."""
    return measure(pool(sources, stream, plan.history_years, plan.processes, say), sources, stream, plan, say)


def measure(pooled: Pool, sources: Sequence[Source], stream: Stream, plan: Plan, say: Say = lambda part: None) -> Study:
    """Measure the model on the labelled rows of logs.

    Where there is truth, triggers that it does not know are left out, so that model and ceiling are measured on the same rows. Raises
    BadDefinition if no row is left or none is positive.
    """
    late_enough = pooled.rows.day >= np.datetime64(plan.since)
    known = np.ones(len(pooled.rows), dtype=np.bool_) if pooled.observable is None else ~np.isnan(pooled.observable)
    chosen = pooled.take(late_enough & known)
    if not len(chosen.rows) or not chosen.rows.escalated.any():
        raise BadDefinition("the log", [f"no positive label among {len(chosen.rows)} labelled triggers on or after {plan.since}"])
    return Study(
        first=as_date(chosen.rows.day.min()),
        last=as_date(chosen.rows.day.max()),
        too_early=int((~late_enough).sum()),
        unknown_to_truth=int((late_enough & ~known).sum()),
        excluded=pooled.excluded,
        lag_days=pooled.lag_days,
        evaluation=evaluate(chosen.rows, _scored(chosen, stream, plan), plan.seed, plan.bootstraps),
        losses=_losses(chosen, sources, stream, plan, say) if plan.losses else None,
        reading=_reading(sources) if plan.losses else None,
    )


def _scored(chosen: Pool, stream: Stream, plan: Plan) -> dict[str, Scores]:
    rows = chosen.rows
    scores = score_rows(plan.model, rows)
    scored = {MODEL: Scores(scores, probabilities_of(plan.model, scores))}
    counted = plan.baselines.event_count if plan.baselines else counting_feature(stream.definition)
    scored[EVENT_COUNT] = Scores(np.nan_to_num(rows.column(counted)))
    if plan.baselines is not None:
        for name, fitted in ((LOGISTIC, plan.baselines.logistic), (LOGISTIC_JOINT, plan.baselines.logistic_joint)):
            if fitted is not None:
                log_odds = fitted.score(rows.features, rows.values)
                scored[name] = Scores(log_odds, expit(log_odds))
    if chosen.observable is not None:
        scored[CEILING] = Scores(chosen.observable)
    return scored


def _losses(chosen: Pool, sources: Sequence[Source], stream: Stream, plan: Plan, say: Say) -> Evaluation:
    scores = score_without_losses(chosen, sources, stream, lambda rows: score_rows(plan.model, rows), plan.processes, say)
    ranked = {name: Scores(found) for name, found in scores.items()}
    if chosen.observable is not None:
        ranked[CEILING] = Scores(chosen.observable)
    return evaluate(chosen.rows, ranked, plan.seed, plan.bootstraps)


def _reading(sources: Sequence[Source]) -> ReadingTally:
    tally = ReadingTally()
    for source in sources:
        if source.truth is not None:
            compare_reading(source.log, source.truth, tally)
    return tally
