"""One partition of a log, folded as the worker folds it, as rows: the first score of each trigger and what became of it."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from ecda_stream.contract.envelope import LONDON
from ecda_stream.contract.score import ScoreRecord
from ecda_stream.definition import StreamDefinition
from ecda_stream.errors import InvalidEvent
from ecda_stream.history.timeline import known
from ecda_stream.identity.families import family_of
from ecda_stream.identity.people import members_of, root_of
from ecda_stream.replay import State, fold
from ecda_stream.score.stream import Stream
from ecda_stream.score.triggers import Trigger, read_trigger
from ecda_stream.state import Draft, as_of
from ecda_stream.training.aftermath import follow
from ecda_stream.training.harvest import Harvest
from ecda_stream.training.parts import Part, read_part
from ecda_stream.training.table import Floats, Row
from ecda_stream.training.watch import Rewrite, Watch


@dataclass
class _Standing:
    """What the score records of a trigger said: the values of the first with the outcome scored, the reason of the last."""

    authority: str
    values: Floats | None = None
    not_scored: str | None = None


def harvest_part(part: Part, stream: Stream, rewrite: Rewrite | None = None) -> Harvest:
    """Fold one partition and return its rows; an entry that the fold refuses is counted and left out, as in the worker.

    A row's values are those of the score records, never computed again. `rewrite` replaces each entry before it is folded.
    """
    definition = stream.definition
    harvest = Harvest()
    watch = Watch(harvest, definition)
    standings: dict[str, _Standing] = {}
    states: dict[int, State] = {}

    def refuse(_: object, error: InvalidEvent) -> None:
        harvest.refused[error.reason_code] += 1

    for _, outcome in fold(watch.through(read_part(part, harvest.refused), rewrite), stream, refuse, states):
        if outcome.news == "new":
            watch.note_news()
        for record in outcome.scores:
            standing = standings.setdefault(record.event_id, _Standing(record.authority))
            standing.not_scored = record.reason
            if standing.values is None and record.outcome == "scored":
                standing.values = _values(record, definition)
                harvest.lexicons.update(record.digests.lexicon)
    watch.close()
    state = states.get(part.partition, {})
    draft = Draft(lambda table, key: state.get((table, key)))
    for standing in standings.values():
        if standing.not_scored is not None:
            harvest.not_scored[standing.not_scored] += 1
    harvest.rows = _rows(draft, standings, watch, definition, part.partition)
    return harvest


def _values(record: ScoreRecord, definition: StreamDefinition) -> Floats:
    values = [record.features[spec.name] for spec in definition.features]
    return np.array([math.nan if value is None else value for value in values], dtype=np.float64)


def _rows(draft: Draft, standings: Mapping[str, _Standing], watch: Watch, definition: StreamDefinition, partition: int) -> list[Row]:
    """Return a row for each trigger that stands scored, as everything is known at the last entry."""
    end = watch.offset
    died: dict[str, date] = {}
    for token, day in watch.died.items():
        for _, owner in as_of(draft.get("identifiers", token), end)[:1]:
            died[root_of(draft, owner, end)] = day
    triggers: dict[str, list[Trigger]] = defaultdict(list)
    for event_id, standing in standings.items():
        trigger = read_trigger(draft, event_id, end)
        if trigger is not None and standing.not_scored is None:
            triggers[root_of(draft, trigger.person, end)].append(trigger)
    rows = []
    for person, of_person in triggers.items():
        since = min(trigger.fact.day for trigger in of_person)
        facts = [fact for name in members_of(draft, person, end) for fact in known(draft, name, end, since)]
        # Relations that ended count too: whoever was ever related shares a history and must not stand on both sides of a split.
        family = family_of(draft, person, end, date.min).name
        for trigger in of_person:
            standing = standings[trigger.event_id]
            assert standing.values is not None
            after = follow(facts, trigger.fact.day, definition, died.get(person))
            rows.append(
                Row(
                    event_id=trigger.event_id,
                    authority=standing.authority,
                    person=person,
                    family=family,
                    day=trigger.fact.day,
                    arrived_on=trigger.arrived_at.astimezone(LONDON).date(),
                    age_months=trigger.fact.age_months,
                    partition=partition,
                    offset=trigger.offset,
                    values=standing.values,
                    aftermath=after,
                )
            )
    return sorted(rows, key=lambda row: (row.offset, row.event_id))
