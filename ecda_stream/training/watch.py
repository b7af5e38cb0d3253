"""What is noted of each entry on its way into the fold, because the state does not keep it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time, timedelta

from ecda_stream.contract.entry import Entry, LogRecord
from ecda_stream.contract.envelope import LONDON
from ecda_stream.definition import StreamDefinition
from ecda_stream.score.stream import EVERY
from ecda_stream.training.aftermath import types_of_label
from ecda_stream.training.harvest import Harvest

Rewrite = Callable[[Entry], Entry]

_A_DAY = timedelta(days=1)


class Watch:
    """Looks at the entries of one partition as the fold draws them."""

    def __init__(self, harvest: Harvest, definition: StreamDefinition) -> None:
        self._harvest = harvest
        self._trigger_type = definition.trigger.type
        self._label_types = types_of_label(definition)
        self._last: Entry | None = None
        self.offset = -1
        self.died: dict[str, date] = {}
        """Dates of death, by token of an identifier."""

    def through(self, records: Iterable[LogRecord], rewrite: Rewrite | None) -> Iterator[LogRecord]:
        """Yield the records, each entry rewritten if so wished, and note when they arrived and whose death they state."""
        for record in records:
            self.offset = record.offset
            self._last = None
            if record.value is not None:
                if rewrite:
                    record = record.model_copy(update={"value": rewrite(record.value)})
                assert record.value is not None
                self._note(record.value)
            yield record

    def note_news(self) -> None:
        """Note how long the entry drawn last took to arrive, if it can make a label; to be called where it was news.

        Corrections come later than what they correct and would make recording look slower than it is.
        """
        entry = self._last
        if entry is not None and entry.type in self._label_types:
            self._harvest.lag_days[lag_days(entry.happened_at, entry.arrived_at)] += 1

    def _note(self, entry: Entry) -> None:
        self._last = entry
        harvest = self._harvest
        harvest.entries += 1
        day = entry.arrived_at.astimezone(LONDON).date()
        harvest.arrived.setdefault(entry.authority, Counter())[day] += 1
        if entry.type == self._trigger_type:
            harvest.triggers_arrived.setdefault(entry.authority, Counter())[day] += 1
        for person in entry.people:
            if person.death_date is not None:
                self.died.update({identifier.token: person.death_date for identifier in person.identifiers})

    def close(self) -> None:
        """Let what came for every authority count for each: an authority's log goes on while days begin in it."""
        everyone = self._harvest.arrived.pop(EVERY, Counter())
        for days in self._harvest.arrived.values():
            days.update(everyone)


def lag_days(happened_at: date, arrived_at: datetime) -> int:
    """Return the days from the beginning of the day it happened until it had arrived, rounded up and never negative.

    >>> from datetime import UTC
    >>> lag_days(date(2026, 1, 5), datetime(2026, 1, 5, tzinfo=UTC)), lag_days(date(2026, 1, 5), datetime(2026, 1, 6, 9, tzinfo=UTC))
    (0, 2)
    """
    return max(0, math.ceil((arrived_at - datetime.combine(happened_at, time(), LONDON)) / _A_DAY))
