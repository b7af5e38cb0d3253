"""Whether what a source says it sent is in the log: an extract's counts against the entries since the source's extract before.

In memory and for operations only. A source is judged from the second extract on that this process sees, for only then is it known what
came from an extract's first record on; a restart forgets, and so does the loss of the partition.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field

from ecda_stream.contract.entry import Entry
from ecda_stream.contract.events import PREFIX
from ecda_stream.contract.events.control import ExtractCompleted
from ecda_stream.worker.metrics import Metrics
from ecda_stream.worker.series import PartitionSeries, Series


@dataclass
class _Source:
    """What came from one system of one authority."""

    extract: str
    """The extract completed last, by its event's id."""
    arrived: Counter[str] | None = None
    """What came with it, by type; None for the first, of which nobody counted the beginning."""
    since: Counter[str] = field(default_factory=Counter)
    """What came after it."""


class Extracts:
    """Counts entries by source, from extract to extract."""

    def __init__(self, stream: str, metrics: Metrics) -> None:
        self._stream = stream
        self._metrics = metrics
        self._series = PartitionSeries()
        self._sources: dict[tuple[int, str, str], _Source] = {}
        self._counted: dict[int, int] = {}

    def count(self, partition: int, offset: int, entry: Entry, *, repeated: bool) -> None:
        """Count one durable entry; `repeated` if it says nothing new, which is no second extract but did arrive."""
        if offset <= self._counted.get(partition, -1):  # handed out again after a rebalance
            return
        self._counted[partition] = offset
        if entry.type != ExtractCompleted.type_name:
            source = self._sources.get((partition, entry.authority, entry.system))
            if source is not None:
                source.since[entry.type] += 1
        elif not repeated:
            self._complete(partition, entry)

    def keep_only(self, partitions: Collection[int]) -> None:
        """Forget every other partition: what comes into it now, another worker sees."""
        self._series.keep_only(partitions)
        self._sources = {key: source for key, source in self._sources.items() if key[0] in partitions}
        self._counted = {partition: offset for partition, offset in self._counted.items() if partition in partitions}

    def _complete(self, partition: int, entry: Entry) -> None:
        system = str(entry.facts.get("system"))
        source = self._sources.get((partition, entry.authority, system))
        if source is None:
            self._sources[(partition, entry.authority, system)] = _Source(entry.event_id)
            return
        if entry.event_id != source.extract:
            source.extract, source.arrived = entry.event_id, source.since
        elif source.arrived is not None:  # the same extract with other counts: what came late belongs to it
            source.arrived += source.since
        source.since = Counter()
        if source.arrived is not None:
            self._show(partition, entry.authority, system, _promised(entry), source.arrived)

    def _show(self, partition: int, authority: str, system: str, promised: Counter[str], arrived: Counter[str]) -> None:
        labels = (self._stream, authority, system)
        there = sum(min(number, arrived[type_name]) for type_name, number in promised.items())
        values: dict[Series, float] = {
            (self._metrics.extract_promised, labels): promised.total(),
            (self._metrics.extract_arrived, labels): there,
        }
        self._series.show(partition, f"{authority}/{system}", values)


def _promised(entry: Entry) -> Counter[str]:
    """Return the extract's counts by type; sources name types with the prefix and without."""
    counts = entry.facts.get("counts")
    promised: Counter[str] = Counter()
    for type_name, number in counts.items() if isinstance(counts, dict) else ():
        promised[type_name.removeprefix(PREFIX)] += number
    return promised
