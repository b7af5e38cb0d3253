"""What training gives: a model ready to be released, with everything that is to be said about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ecda_stream.definition import StreamDefinition
from ecda_stream.score.model import Model
from ecda_stream.training.baselines import Baselines
from ecda_stream.training.evaluate import Evaluation
from ecda_stream.training.pool import Folded
from ecda_stream.training.split import Window
from ecda_stream.training.table import Rows


@dataclass(frozen=True)
class Order:
    """What to train, and with which lots."""

    version: str
    trained_on: Literal["simulated", "real"]
    history_years: int
    seed: int


@dataclass(frozen=True)
class Counted:
    """What lies in a window."""

    window: Window
    triggers: int
    families: int
    returned: int
    reached: Mapping[str, int]
    """How many came back and reached at least this level in the window after it."""
    positives: int


@dataclass(frozen=True)
class Firing:
    """How the threshold fired in the test window, before any capacity."""

    flagged: int
    flagged_positives: int
    group_share: float
    """Share of families and days with an alert."""
    arrived_too_late: int
    """Triggers that came too late to be alerted about, whatever their score."""


@dataclass(frozen=True)
class Importance:
    """How much a feature moves scores: the mean size of what it adds, against the average trigger, and its extremes; log-odds."""

    feature: str
    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Trained:
    """The model, what it was made of, and how good it is."""

    definition: StreamDefinition
    order: Order
    model: Model
    baselines: Baselines
    logs: tuple[Folded, ...]
    excluded: Mapping[str, int]
    lag_days: int
    embargo_days: int
    windows: Mapping[str, Counted]
    importance: tuple[Importance, ...]
    evaluation: Evaluation
    firing: Firing
    unknown_to_truth: int


def count(rows: Rows, window: Window, definition: StreamDefinition) -> Counted:
    """Count what lies in a window."""
    return Counted(
        window=window,
        triggers=len(rows),
        families=len(set(rows.family)),
        returned=int(rows.returned.sum()),
        reached={level.name: int((rows.reached >= rung).sum()) for rung, level in enumerate(definition.levels, start=1)},
        positives=int(rows.escalated.sum()),
    )
