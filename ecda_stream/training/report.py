"""What a training run or a study says, as rows of a table for a terminal and as one JSON object."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecda_stream.definition import StreamDefinition
from ecda_stream.training.evaluate import CEILING, PLANTED, Evaluation
from ecda_stream.training.figures import Figure
from ecda_stream.training.flat import flatten
from ecda_stream.training.naming import plural_of
from ecda_stream.training.reading import ReadingTally
from ecda_stream.training.study import Study
from ecda_stream.training.trained import Trained

Table = list[tuple[str, ...]]

HEADLINE = "capture_at_6"
SHOWN = (HEADLINE, PLANTED, "precision_at_6", "capture_at_10", "auc", "ap", "brier", "calibration_slope")


def table_of_windows(trained: Trained) -> Table:
    """Return the windows of a split with what lies in them."""
    head = ("window", "first day", "last day", plural_of(trained.definition), "families", "came back", trained.definition.label.name)
    rows = [
        (
            name,
            str(one.window.first),
            str(one.window.last),
            *(str(n) for n in (one.triggers, one.families, one.returned, one.positives)),
        )
        for name, one in trained.windows.items()
    ]
    return [head, *rows]


def table_of_figures(evaluation: Evaluation) -> Table:
    """Return the measures of everything that was scored, one line each, with 95 % intervals."""
    rows: Table = [("", *SHOWN)]
    for name, figures in evaluation.figures.items():
        rows.append((name, *(_written(figures[measure]) if measure in figures else "" for measure in SHOWN)))
    return rows


def table_of_losses(study: Study) -> Table:
    """Return what each mistake costs at the headline share."""
    if study.losses is None:
        return []
    return [("folded", HEADLINE), *((name, _written(figures[HEADLINE])) for name, figures in study.losses.figures.items())]


def table_of_counts(excluded: Mapping[str, int]) -> Table:
    """Return what was left out, by reason."""
    return [(str(count), reason) for reason, count in excluded.items()]


def describe_study(study: Study, version: str, definition: StreamDefinition) -> dict[str, Any]:
    """Return a study as one JSON object."""
    return {
        **flatten(study.evaluation, definition),
        "model": version,
        "first_day": study.first.isoformat(),
        "last_day": study.last.isoformat(),
        "too_early": study.too_early,
        "unknown_to_truth": study.unknown_to_truth,
        "excluded": dict(sorted(study.excluded.items())),
        "recording_lag_days": study.lag_days,
        **({} if study.losses is None else {"losses": _losses(study.losses)}),
        **({} if study.reading is None else {"reading": shares_of(study.reading)}),
    }


def shares_of(reading: ReadingTally) -> dict[str, Any]:
    """Return how much of what was planted was read, and how much of what was read was planted."""
    return {
        "documents": reading.documents,
        "mentions": reading.mentions,
        "concept_found": _share(reading.concept_found, reading.mentions),
        "status_found": _share(reading.status_found, reading.mentions),
        "findings_planted": _share(reading.findings_planted, reading.findings),
    }


def written_ratio(evaluation: Evaluation) -> str | None:
    """Return how much of the ceiling the model reaches, in words."""
    return None if evaluation.ratio is None else f"{HEADLINE} of the model / of the {CEILING}: {_written(evaluation.ratio)}"


def _losses(evaluation: Evaluation) -> dict[str, float | None]:
    flat: dict[str, float | None] = {}
    for name, figures in evaluation.figures.items():
        one = figures[HEADLINE]
        for suffix, value in (("", one.value), ("_low", one.low), ("_high", one.high)):
            flat[f"{name}{suffix}"] = None if value is None else round(value, 6)
    return flat


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 6) if whole else None


def _written(one: Figure) -> str:
    if one.value is None:
        return "no value"
    return f"{one.value:.3f}" if one.low is None or one.high is None else f"{one.value:.3f} [{one.low:.3f}, {one.high:.3f}]"
