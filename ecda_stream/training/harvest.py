"""What folding a log gives to training."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from ecda_stream.training.table import Row


@dataclass
class Harvest:
    """Rows, and what must be known of the log to label them."""

    rows: list[Row] = field(default_factory=list)
    not_scored: Counter[str] = field(default_factory=Counter)
    """Triggers that are no rows, by reason."""
    lag_days: Counter[int] = field(default_factory=Counter)
    """How long the entries that make labels took to arrive."""
    arrived: dict[str, Counter[date]] = field(default_factory=dict)
    """Entries of each authority by the London day on which they arrived: between the first and the last of them its log was kept."""
    triggers_arrived: dict[str, Counter[date]] = field(default_factory=dict)
    """The same of triggers alone. Other agencies may have begun to record years earlier, and an extract also names the early days of
    whatever was open when it begins.
    """
    lexicons: set[str] = field(default_factory=set)
    entries: int = 0
    refused: Counter[str] = field(default_factory=Counter)

    def add(self, other: Harvest) -> None:
        """Add what another partition gave; each authority lies in one partition."""
        self.rows += other.rows
        self.not_scored += other.not_scored
        self.lag_days += other.lag_days
        self.arrived |= other.arrived
        self.triggers_arrived |= other.triggers_arrived
        self.lexicons |= other.lexicons
        self.entries += other.entries
        self.refused += other.refused
