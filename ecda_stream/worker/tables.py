"""The fold's state: of each partition that this worker holds, read from its changelogs, and written only after they have it.

These are no Faust tables: Faust's recovery advances past records that its queues drop in a rebalance, logs an error and goes on.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from faust.types import TP

from ecda_stream.contract.canonical import to_canonical_json
from ecda_stream.errors import EcdaStreamError, Unavailable
from ecda_stream.state import TABLES, Key, Read, Table
from ecda_stream.worker.outbox import Sending
from ecda_stream.worker.positions import Positions, Superseded
from ecda_stream.worker.settings import Settings

log = logging.getLogger(__name__)

LONGEST_SILENCE_SECONDS = 30.0


class ForeignWriter(EcdaStreamError):
    """Somebody else wrote to the changelog of a partition that this worker holds; what is known of it cannot be trusted."""


@dataclass
class _Held:
    """The state of one partition."""

    data: dict[Table, dict[str, bytes]] = field(default_factory=lambda: {table: {} for table in TABLES})
    through: dict[Table, int] = field(default_factory=lambda: dict.fromkeys(TABLES, 0))
    """Up to which offset of its changelog each table is read or written."""

    def apply(self, table: Table, records: Sequence[Any], end: int) -> int:
        """Apply records of a table's changelog that stand before its end; return how many there were."""
        data = self.data[table]
        for number, record in enumerate(records):
            if record.offset >= end:
                return number
            if record.value is None:
                data.pop(record.key.decode(), None)
            else:
                data[record.key.decode()] = record.value
            self.through[table] = record.offset + 1
        return len(records)


class TableState:
    """The tables of one stream, for the partitions of the log that this worker holds.

    What is held is kept through a rebalance: for a partition that stays, only what its changelog has besides is read.
    """

    def __init__(self, settings: Settings, group: str, log_topic: str, positions: Positions) -> None:
        self._settings = settings
        self._log_topic = log_topic
        self._topics: dict[Table, str] = {table: f"{group}-{table}-changelog" for table in TABLES}
        self._held: dict[int, _Held] = {}
        self._reading: asyncio.Task[None] | None = None
        positions.on_assigned(self._begin)
        positions.on_revoked(self._end)

    async def draft(self) -> TableDraft:
        """Return an empty draft for one run, as soon as the changelogs of every partition held are read.

        Raises Superseded if the partitions are given out anew meanwhile, and whatever ended the reading.
        """
        reading = self._reading
        if reading is None:
            raise Superseded
        await asyncio.wait({reading})
        if reading.cancelled():
            raise Superseded
        reading.result()
        return TableDraft(self)

    def readers(self) -> dict[int, Read]:
        """Return how to look into each partition whose state is wholly there."""
        if self._reading is None or not self._reading.done() or self._reading.cancelled() or self._reading.exception():
            return {}
        return {partition: TableDraft(self).reader(partition) for partition in sorted(self._held)}

    def sizes(self) -> dict[Table, int]:
        """Return the keys held by each table."""
        return {table: sum(len(held.data[table]) for held in self._held.values()) for table in TABLES}

    def data_of(self, partition: int) -> Mapping[Table, Mapping[str, bytes]]:
        """Return what is stored for a partition that this worker holds."""
        return self._held[partition].data

    def changelog(self, table: Table) -> str:
        """Return the topic of a table's changes."""
        return self._topics[table]

    def write(self, partition: int, table: Table, offset: int, key: str, value: bytes) -> None:
        """Write a change that the changelog has at an offset.

        Raises ForeignWriter if that does not follow what is known of the changelog.
        """
        held = self._held[partition]
        if offset != held.through[table]:
            raise ForeignWriter(
                f"{self._topics[table]}[{partition}] was at offset {held.through[table]} and has this worker's change at {offset}: "
                "somebody else writes to it; see the runbook, state that cannot be trusted"
            )
        held.data[table][key] = value
        held.through[table] = offset + 1

    def _begin(self, assigned: Collection[TP]) -> None:
        partitions = sorted(tp.partition for tp in assigned if tp.topic == self._log_topic)
        self._held = {partition: self._held.get(partition) or _Held() for partition in partitions}
        self._reading = asyncio.get_running_loop().create_task(self._read(dict(self._held)))

    def give_up_reading(self) -> None:
        """End a reading that is under way: the worker stops, and whoever waits for the state need not."""
        if self._reading is not None and not self._reading.done():
            self._end()

    def _end(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
        self._reading = None

    async def _read(self, held: Mapping[int, _Held]) -> None:
        """Bring the state of partitions to the ends that their changelogs have now: all others have let go of them."""
        started = time.monotonic()
        consumer = AIOKafkaConsumer(
            **self._settings.client_options(), enable_auto_commit=False, max_partition_fetch_bytes=4 * 1024 * 1024
        )
        try:
            await consumer.start()
            number = await _catch_up(consumer, self._topics, held)
        finally:
            await consumer.stop()
        log.info("state of %d partitions read: %d changes in %.1f s", len(held), number, time.monotonic() - started)


async def _catch_up(consumer: AIOKafkaConsumer, topics: Mapping[Table, str], held: Mapping[int, _Held]) -> int:
    """Apply what changelogs have after what is held, up to where they end now; return how many changes there were."""
    everything = {
        TopicPartition(topic, partition): (table, state) for table, topic in topics.items() for partition, state in held.items()
    }
    if not everything:
        return 0
    number = 0
    consumer.assign(list(everything))
    ends, begins = await consumer.end_offsets(list(everything)), await consumer.beginning_offsets(list(everything))
    for tp, (table, state) in everything.items():
        if state.through[table] > ends[tp]:
            raise ForeignWriter(f"{tp.topic}[{tp.partition}] ends at {ends[tp]}; this worker knows it up to {state.through[table]}")
        state.through[table] = max(state.through[table], begins[tp])
        consumer.seek(tp, state.through[table])
    while behind := {tp: at for tp, at in everything.items() if await consumer.position(tp) < ends[tp]}:
        batches = await consumer.getmany(*behind, timeout_ms=int(LONGEST_SILENCE_SECONDS * 1000), max_records=2000)
        if not batches:
            raise Unavailable(f"the changelogs were silent for {LONGEST_SILENCE_SECONDS:.0f} s before their ends")
        for tp, records in batches.items():
            table, state = behind[tp]
            number += state.apply(table, records, ends[tp])
    for tp, (table, state) in everything.items():
        state.through[table] = ends[tp]
    return number


class TableDraft:
    """The state as one run of entries leaves it, before any of it is durable."""

    def __init__(self, state: TableState) -> None:
        self._state = state
        self._changes: dict[tuple[int, Key], Any] = {}
        self._sent: list[tuple[int, Key, bytes]] = []

    def reader(self, partition: int) -> Read:
        """Return how `step` reads the state of a partition."""
        data = self._state.data_of(partition)

        def read(table: Table, key: str) -> Any:
            changed = self._changes.get((partition, (table, key)))
            if changed is not None:
                return changed
            stored = data[table].get(key)
            return None if stored is None else json.loads(stored)

        return read

    def apply(self, partition: int, changes: Mapping[Key, Any]) -> None:
        """Put the changes of one entry on top."""
        for key, value in changes.items():
            self._changes[(partition, key)] = value

    def changelog(self) -> list[Sending]:
        """Return one changelog record for each key that the run touched."""
        self._sent = [(partition, key, to_canonical_json(value)) for (partition, key), value in self._changes.items()]
        return [Sending(self._state.changelog(table), partition, key.encode(), value) for partition, (table, key), value in self._sent]

    def write(self, offsets: Iterable[int]) -> None:
        """Write the changes to the state, now that the changelog has them at these offsets, in the order of `changelog`.

        Raises ForeignWriter if somebody else wrote to it in between.
        """
        for (partition, (table, key), value), offset in zip(self._sent, offsets, strict=True):
            self._state.write(partition, table, offset, key, value)
