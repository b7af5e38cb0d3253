"""Which rows have a label that can be believed: their outcome was seen to the end, and enough lay before them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from ecda_stream.definition import StreamDefinition
from ecda_stream.errors import BadDefinition
from ecda_stream.identity.pseudonymise import count_months
from ecda_stream.training.harvest import Harvest
from ecda_stream.training.table import Rows, Texts, as_date

LAG_QUANTILE = 0.99
WILD_SHARE = 0.001
"""Of the entries of a log, at either end, whose time of arrival is not believed: in back-tests it is a date that somebody typed."""
HISTORY_TOO_SHORT = "history-too-short"
NOT_YET_KNOWN = "outcome-not-yet-known"
TOO_OLD = "too-old-within-horizon"


@dataclass(frozen=True)
class Labelled:
    """The rows with a label, and how many triggers have none, by reason."""

    rows: Rows
    excluded: Mapping[str, int]
    lag_days: int
    """Recording lag: what 99 in 100 entries that make labels had arrived within."""


def horizon_days(definition: StreamDefinition) -> int:
    """Return the days after a trigger in which its outcome can happen."""
    return definition.label.returned_within_days + definition.label.escalated_within_days


def embargo_days(definition: StreamDefinition, lag: int) -> int:
    """Return the days after a trigger until its outcome has happened and is recorded."""
    return max(definition.label.embargo_days, horizon_days(definition)) + lag


def label(harvest: Harvest, definition: StreamDefinition, history_years: int) -> Labelled:
    """Leave out the rows whose label cannot be believed, each for one reason, the first that holds.

    Raises BadDefinition if no row is left.
    """
    rows = Rows.of([spec.name for spec in definition.features], harvest.rows)
    lag = recording_lag(harvest.lag_days)
    reasons = why_excluded(rows, harvest, definition, history_years, lag)
    excluded = harvest.not_scored + Counter(reason for reason in reasons if reason)
    kept = rows.take(reasons == "")
    if not len(kept):
        counted = [f"{reason}: {count}" for reason, count in sorted(excluded.items())] or ["it holds no trigger"]
        raise BadDefinition("the log: no trigger with a label", [*counted, f"recording lag: {lag} days"])
    return Labelled(kept, dict(sorted(excluded.items())), lag)


def recording_lag(lag_days: Mapping[int, int]) -> int:
    """Return the smallest number of days within which at least 99 % of the entries had arrived; 0 without entries.

    >>> recording_lag({0: 97, 3: 2, 90: 1})
    3
    """
    needed = math.ceil(LAG_QUANTILE * sum(lag_days.values()))
    for days, count in sorted(lag_days.items()):
        needed -= count
        if needed <= 0:
            return days
    return 0


def first_day(days: Counter[date]) -> date:
    """Return the day on which a log begins: of its entries in order of arrival one in a thousand, and at least one, is not believed.

    One wrong year must not make a log seem older than it is.
    """
    return sorted(days.elements())[min(_wild(days), days.total() - 1)]


def last_day(days: Counter[date]) -> date:
    """Return the day on which a log ends, in the same way: a date far in the future would make labels of nothing seem certain."""
    return sorted(days.elements(), reverse=True)[min(_wild(days), days.total() - 1)]


def _wild(days: Counter[date]) -> int:
    return math.ceil(WILD_SHARE * days.total())


def why_excluded(rows: Rows, harvest: Harvest, definition: StreamDefinition, history_years: int, lag: int) -> Texts:
    """Return for each row why it has no label; empty if it has one."""
    horizon = timedelta(days=horizon_days(definition))
    starts = {name: _years_later(first_day(days), history_years) for name, days in harvest.triggers_arrived.items()}
    ends = {name: last_day(days) for name, days in harvest.arrived.items()}
    reasons = np.empty(len(rows), dtype=object)
    for place in range(len(rows)):
        day, authority = as_date(rows.day[place]), rows.authority[place]
        if history_years and day < starts[authority]:
            reasons[place] = HISTORY_TOO_SHORT
        elif day + horizon + timedelta(days=lag) > ends[authority]:
            reasons[place] = NOT_YET_KNOWN
        elif _could_come_of_age(rows.age_months[place], day, day + horizon, definition):
            reasons[place] = TOO_OLD
        elif _left_before_outcome(rows, place, definition):
            reasons[place] = f"{rows.left_why[place]}-before-outcome"
        else:
            reasons[place] = ""
    return reasons


def _could_come_of_age(age_months: float, day: date, until: date, definition: StreamDefinition) -> bool:
    """Return whether the person could reach the oldest age by then; the age is known in completed months only."""
    return not math.isnan(age_months) and age_months + count_months(day, until) + 1 >= definition.trigger.oldest_age_months


def _left_before_outcome(rows: Rows, place: int, definition: StreamDefinition) -> bool:
    """Return whether the person left before the label was decided.

    It is decided by the escalation; else at the end of the window after the first return; else at the end of the window for one.
    """
    if np.isnat(rows.left_on[place]):
        return False
    if not np.isnat(rows.escalated_on[place]):
        decided = rows.escalated_on[place]
    elif not np.isnat(rows.returned_on[place]):
        decided = rows.returned_on[place] + definition.label.escalated_within_days
    else:
        decided = rows.day[place] + definition.label.returned_within_days
    return bool(rows.left_on[place] < decided)


def _years_later(day: date, years: int) -> date:
    return day.replace(year=day.year + years, day=min(day.day, 28) if day.month == 2 else day.day)
