"""A released version: model.json, baselines.json, metrics.json, card.md, three pictures, and the checksums of all."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from ecda_stream.errors import BadDefinition
from ecda_stream.files.stream import CHECKSUMS
from ecda_stream.score.model import parse_model
from ecda_stream.training.baselines import BASELINES
from ecda_stream.training.card import write_card
from ecda_stream.training.flat import flatten
from ecda_stream.training.naming import plural_of
from ecda_stream.training.plots import draw_calibration, draw_capture, draw_shapes
from ecda_stream.training.readable import to_readable_json
from ecda_stream.training.trained import Counted, Trained

FILES = frozenset({"model.json", BASELINES, "metrics.json", "card.md", "capture.png", "calibration.png", "shapes.png", CHECKSUMS})


def release(trained: Trained, out: Path, command: str) -> None:
    """Write everything about a model into a folder; the same log and order give the same bytes.

    `command` goes onto the card, so it names no path of this machine.
    """
    model = trained.model.model_dump(mode="json", exclude_none=True)
    parse_model(model, trained.definition)  # what a worker would refuse is not written
    out.mkdir(parents=True, exist_ok=True)
    _write(out / "model.json", to_readable_json(model))
    _write(out / BASELINES, to_readable_json(trained.baselines.model_dump(mode="json")))
    _write(out / "metrics.json", to_readable_json(metrics_of(trained)))
    _write(out / "card.md", write_card(trained, command))
    draw_capture(trained, out / "capture.png")
    draw_calibration(trained, out / "calibration.png")
    draw_shapes(trained, out / "shapes.png")
    files = [out / name for name in sorted(FILES - {CHECKSUMS})]
    _write(out / CHECKSUMS, "\n".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}" for path in files))


def check_folder(out: Path) -> None:
    """Raise BadDefinition if a folder holds anything but an earlier release, which a release replaces."""
    others = sorted(path.name for path in out.iterdir() if path.name not in FILES) if out.is_dir() else []
    if others:
        raise BadDefinition(str(out), [f"{name} does not belong into a released version" for name in others])


def metrics_of(trained: Trained) -> dict[str, Any]:
    """Return metrics.json."""
    firing, evaluation = trained.firing, trained.evaluation
    return {
        **flatten(evaluation, trained.definition),
        "model": trained.model.version,
        "trained_on": trained.order.trained_on,
        "label": trained.definition.label.model_dump(mode="json"),
        "logs": [{"sha256": log.sha256, "entries": log.entries, "refused": dict(log.refused)} for log in trained.logs],
        "recording_lag_days": trained.lag_days,
        "embargo_days": trained.embargo_days,
        "history_years": trained.order.history_years,
        "seed": trained.order.seed,
        "excluded": dict(trained.excluded),
        "unknown_to_truth": trained.unknown_to_truth,
        "windows": {name: _window(one, trained) for name, one in trained.windows.items()},
        "threshold": {
            "score": trained.model.threshold,
            "share": round(firing.flagged / trained.windows["test"].triggers, 6),
            "precision": round(firing.flagged_positives / firing.flagged, 6) if firing.flagged else None,
            "share_of_families_and_days": round(firing.group_share, 6),
            "arrived_too_late_for_an_alert": firing.arrived_too_late,
        },
        "calibration_bins": [
            {"foretold": round(one.foretold, 6), "happened": _rounded(one.happened.to_json()), "rows": one.rows}
            for one in evaluation.bins
        ],
        "importance": {one.feature: _rounded([one.mean, one.low, one.high]) for one in trained.importance},
    }


def _window(one: Counted, trained: Trained) -> dict[str, Any]:
    return {
        "first": one.window.first.isoformat(),
        "last": one.window.last.isoformat(),
        plural_of(trained.definition): one.triggers,
        "families": one.families,
        "returned": one.returned,
        "positives": one.positives,
        "reached": dict(one.reached),
    }


def _rounded(values: list[float | None] | list[float]) -> list[float | None]:
    return [None if value is None else round(value, 6) for value in values]


def _write(path: Path, text: str) -> None:
    path.write_text(text.rstrip("\n") + "\n", encoding="utf-8")
