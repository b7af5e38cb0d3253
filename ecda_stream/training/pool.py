"""Several logs as one set of rows: the same person in two of them would be two, and so are their families."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ecda_stream.definition import StreamDefinition
from ecda_stream.score.stream import Stream
from ecda_stream.training.gather import Say, gather
from ecda_stream.training.harvest import Harvest
from ecda_stream.training.labels import Labelled, label
from ecda_stream.training.parts import LogFile
from ecda_stream.training.table import Floats, Ints, Rows, Texts, join
from ecda_stream.training.truth import Truth, observable


@dataclass(frozen=True)
class Source:
    """A log, and its truth where somebody planted one."""

    log: LogFile
    truth: Truth | None = None


@dataclass(frozen=True)
class Folded:
    """A log by its bytes, and what the fold found in it."""

    sha256: str
    entries: int
    refused: Mapping[str, int]


@dataclass(frozen=True)
class Pool:
    """Labelled rows of several logs: which log each came from, and what was left out of all of them."""

    logs: tuple[Folded, ...]
    rows: Rows
    source: Ints
    observable: Floats | None
    """The planted probability of what could be observed; None without truth, NaN where it does not know a trigger."""
    excluded: Mapping[str, int]
    lag_days: int
    """The longest recording lag of the logs."""
    lexicons: frozenset[str]

    def take(self, which: np.typing.NDArray[np.bool_]) -> Pool:
        """Return the pool with some of its rows."""
        seen = None if self.observable is None else self.observable[which]
        return replace(self, rows=self.rows.take(which), source=self.source[which], observable=seen)


def pool(sources: Sequence[Source], stream: Stream, history_years: int, processes: int, say: Say) -> Pool:
    """Fold every log and label its rows, one after the other: what a fold leaves takes much more memory than its rows as columns."""
    harvests = (gather(one.log, stream, processes, say) for one in sources)
    return pool_harvests(sources, harvests, stream.definition, history_years)


def pool_harvests(sources: Sequence[Source], harvests: Iterable[Harvest], definition: StreamDefinition, history_years: int) -> Pool:
    """Label the rows of folded logs, each by what its own log says, and put them together."""
    logs: list[Folded] = []
    tables: list[Rows] = []
    seen: list[Floats] = []
    excluded: Counter[str] = Counter()
    lexicons: set[str] = set()
    lag_days = 0
    for one, harvest in zip(sources, harvests, strict=True):
        labelled = label(harvest, definition, history_years)
        tables.append(replace(labelled.rows, family=_apart(labelled, len(logs))))
        if one.truth is not None:
            seen.append(observable(labelled.rows, one.truth))
        logs.append(Folded(one.log.sha256, harvest.entries, dict(sorted(harvest.refused.items()))))
        excluded.update(labelled.excluded)
        lexicons |= harvest.lexicons
        lag_days = max(lag_days, labelled.lag_days)
    return Pool(
        logs=tuple(logs),
        rows=join(tables),
        source=np.repeat(np.arange(len(logs), dtype=np.int64), [len(table) for table in tables]),
        observable=np.concatenate(seen) if len(seen) == len(logs) else None,
        excluded=dict(sorted(excluded.items())),
        lag_days=lag_days,
        lexicons=frozenset(lexicons),
    )


def _apart(labelled: Labelled, place: int) -> Texts:
    """The names of the first log stand, so that a log alone falls into folds as it does among others."""
    families = np.empty(len(labelled.rows), dtype=object)
    families[:] = [f"{place}/{name}" if place else name for name in labelled.rows.family]
    return families
