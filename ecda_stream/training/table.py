"""Triggers as columns: what each looked like when it was scored first, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecda_stream.training.aftermath import Aftermath

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Days = NDArray[np.datetime64]
"""In whole days; NaT where there is none."""
Texts = NDArray[np.object_]


@dataclass(frozen=True)
class Row:
    """One trigger: the values of its first score, and everything else as it is known at the end of the log."""

    event_id: str
    authority: str
    person: str
    family: str
    day: date
    arrived_on: date
    age_months: int | None
    partition: int
    offset: int
    values: Floats
    aftermath: Aftermath


@dataclass(frozen=True)
class Rows:
    """Many triggers: column by column, one value a trigger; `values` has one column a feature, NaN where it has no value."""

    features: tuple[str, ...]
    event_id: Texts
    authority: Texts
    person: Texts
    family: Texts
    day: Days
    arrived_on: Days
    age_months: Floats
    partition: Ints
    offset: Ints
    values: Floats
    returned_on: Days
    escalated_on: Days
    reached: Ints
    left_on: Days
    left_why: Texts

    def __len__(self) -> int:
        return len(self.event_id)

    @classmethod
    def of(cls, features: Sequence[str], rows: Sequence[Row]) -> Rows:
        """Return rows as columns."""
        return cls(
            features=tuple(features),
            event_id=_texts([row.event_id for row in rows]),
            authority=_texts([row.authority for row in rows]),
            person=_texts([row.person for row in rows]),
            family=_texts([row.family for row in rows]),
            day=_days([row.day for row in rows]),
            arrived_on=_days([row.arrived_on for row in rows]),
            age_months=np.array([np.nan if row.age_months is None else row.age_months for row in rows], dtype=np.float64),
            partition=np.array([row.partition for row in rows], dtype=np.int64),
            offset=np.array([row.offset for row in rows], dtype=np.int64),
            values=np.array([row.values for row in rows], dtype=np.float64).reshape(len(rows), len(features)),
            returned_on=_days([row.aftermath.returned_on for row in rows]),
            escalated_on=_days([row.aftermath.escalated_on for row in rows]),
            reached=np.array([row.aftermath.reached for row in rows], dtype=np.int64),
            left_on=_days([row.aftermath.left_on for row in rows]),
            left_why=_texts([row.aftermath.left_why for row in rows]),
        )

    @property
    def escalated(self) -> Flags:
        """Return the label."""
        return ~np.isnat(self.escalated_on)

    @property
    def returned(self) -> Flags:
        """Return which triggers returned at all."""
        return ~np.isnat(self.returned_on)

    def take(self, which: Flags | Ints) -> Rows:
        """Return some of the rows, by mask or place."""
        columns = {field.name: getattr(self, field.name)[which] for field in fields(self) if field.name != "features"}
        return replace(self, **columns)

    def column(self, feature: str) -> Floats:
        """Return the values of one feature."""
        return self.values[:, self.features.index(feature)]


def join(tables: Sequence[Rows]) -> Rows:
    """Return the rows of all tables, in their order; they have the same features."""
    names = [field.name for field in fields(Rows) if field.name != "features"]
    return Rows(tables[0].features, *(np.concatenate([getattr(table, name) for table in tables]) for name in names))


def as_date(day: Any) -> date:
    """Return a day of a column as a date."""
    found: date = np.datetime64(day, "D").astype(date)
    return found


def _texts(items: list[str]) -> Texts:
    column = np.empty(len(items), dtype=object)
    column[:] = items
    return column


def _days(items: list[Any]) -> Days:
    return np.array(items, dtype="datetime64[D]")
