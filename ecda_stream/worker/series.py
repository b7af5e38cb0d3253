"""Gauges of what one partition holds; they go with the partition, for another worker shows them then."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from prometheus_client import Gauge

Series = tuple[Gauge, tuple[str, ...]]
"""A gauge and the values of its labels."""


class PartitionSeries:
    """The series that stand for each partition; one that is no longer set is removed, since a value that stands still looks true."""

    def __init__(self) -> None:
        self._shown: dict[int, dict[str, set[Series]]] = {}

    def show(self, partition: int, about: str, values: Mapping[Series, float]) -> None:
        """Set the series about something in a partition, and remove those of before that are not among them."""
        shown = self._shown.setdefault(partition, {})
        for (gauge, labels), value in values.items():
            gauge.labels(*labels).set(value)
        for gauge, labels in shown.get(about, set()) - values.keys():
            gauge.remove(*labels)
        shown[about] = set(values)

    def keep_only(self, partitions: Collection[int]) -> None:
        """Remove the series of every other partition."""
        for gone in self._shown.keys() - set(partitions):
            for gauge, labels in set().union(*self._shown.pop(gone).values()):
                gauge.remove(*labels)
