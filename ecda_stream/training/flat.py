"""An evaluation as plain JSON: one key a figure, with `_low` and `_high` beside it."""

from __future__ import annotations

from typing import Any

from ecda_stream.definition import StreamDefinition
from ecda_stream.training.evaluate import CEILING, MODEL, PLANTED, Evaluation
from ecda_stream.training.figures import Figure
from ecda_stream.training.naming import plural_of


def flatten(evaluation: Evaluation, definition: StreamDefinition) -> dict[str, Any]:
    """Return the figures of the model under their own names, those of what it is compared with under theirs in front.

    Rounded to six places: beyond them two machines may differ.
    """
    flat: dict[str, Any] = {
        plural_of(definition): evaluation.rows,
        "positives": evaluation.positives,
        "families": evaluation.families,
        **_three("base_rate", evaluation.base_rate),
    }
    for name, figures in evaluation.figures.items():
        for measure, one in figures.items():
            flat |= _three(_key(name, measure), one)
    if evaluation.ratio is not None:
        flat |= _three("capture_ratio", evaluation.ratio)
    if evaluation.planted_ratio is not None:
        flat |= _three("planted_capture_ratio", evaluation.planted_ratio)
    for name, lead in evaluation.leads.items():
        flat |= _three(f"{PLANTED}_lead_over_{name}", lead)
    return flat


def _key(name: str, measure: str) -> str:
    if name == MODEL:
        return measure
    return measure.replace("capture", CEILING) if name == CEILING and measure.startswith("capture") else f"{name}_{measure}"


def _three(name: str, one: Figure) -> dict[str, float | None]:
    return {name: _round(one.value), f"{name}_low": _round(one.low), f"{name}_high": _round(one.high)}


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 6)
