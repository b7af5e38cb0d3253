"""The value of one feature with the dated entries behind it."""

from __future__ import annotations

from dataclasses import dataclass

from ecda_stream.history.fact import Fact

MOST_EVIDENCE = 5
"""Dated entries shown behind one value, the latest; how many there are is said with them."""


@dataclass(frozen=True)
class FeatureValue:
    """One value (NaN: there is none) and all entries behind it, in order of happening."""

    value: float
    evidence: tuple[Fact, ...]

    @property
    def latest(self) -> tuple[Fact, ...]:
        """Return the latest entries, which are shown."""
        return self.evidence[-MOST_EVIDENCE:]
