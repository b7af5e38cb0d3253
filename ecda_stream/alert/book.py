"""The policy's book for one entry: what stood before the entry is read, what the entry changes is kept, and written once at the end.

So an entry that is folded again over a later state sees what it saw the first time: nothing here reads what stands at its own offset.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Literal

from ecda_stream.alert.days import known_authorities, not_before, week_of
from ecda_stream.alert.decide import Decided, last_decision, write_decision
from ecda_stream.alert.group import Group, Part, alert_id_of, read_group, write_group
from ecda_stream.alert.guardrail import Counts, count
from ecda_stream.alert.settle import settle
from ecda_stream.alert.stops import Stop, stop_in_force
from ecda_stream.contract.alert import Alert, Notice
from ecda_stream.contract.canonical import hash_of
from ecda_stream.contract.entry import Entry
from ecda_stream.contract.score import Position, ScoreRecord
from ecda_stream.definition import Mode
from ecda_stream.score.stream import EVERY, Stream
from ecda_stream.score.triggers import Scored, last_score, write_score
from ecda_stream.state import Draft, as_of


class Book:
    """What is scored, decided, held and stopped, as this entry has left it so far."""

    def __init__(self, draft: Draft, entry: Entry, at: Position, stream: Stream) -> None:
        self.draft = draft
        self.entry = entry
        self.at = at
        self.stream = stream
        self.policy = stream.definition.policy
        self.today: dict[str, date] = {}
        """The running day of each authority that this entry concerns."""
        self.stops: dict[str, Stop] = {}
        """Stops and resets that came with this entry, by authority."""
        self.scores: list[ScoreRecord] = []
        self._notices: list[Notice] = []
        self._groups: dict[str, Group] = {}
        self._scored: dict[str, Scored] = {}
        self._decided: dict[str, Decided] = {}
        self._held_records: dict[str, ScoreRecord] = {}
        self._places: defaultdict[str, dict[str, None]] = defaultdict(dict)
        self._counts: defaultdict[str, Counts] = defaultdict(Counts)

    @property
    def before(self) -> int:
        """Return the last offset before this entry."""
        return self.at.offset - 1

    def authorities(self) -> list[str]:
        """Return whom the entry is from, or all known ones for one that is from every authority."""
        every = self.entry.authority == EVERY
        return known_authorities(self.draft, self.before) if every else [self.entry.authority]

    def group(self, name: str, authority: str) -> Group:
        """Return a group."""
        if name not in self._groups:
            self._groups[name] = read_group(self.draft, name, authority, self.at.offset)
        return self._groups[name]

    def group_of_alert(self, alert_id: str) -> Group | None:
        """Return the group of an alert that was published before, or None."""
        known = as_of(self.draft.get("policy", f"alert_id/{alert_id}"), self.before)
        return self.group(known[0][1], known[0][2]) if known else None

    def held_groups(self, authority: str) -> list[Group]:
        """Return the groups whose alerts are held."""
        this_week = week_of(self.today[authority])
        names: dict[str, None] = {}
        for weeks in range(self.policy.expires_after_days // 7 + 2, -1, -1):
            key = f"held/{authority}/{(this_week - timedelta(weeks=weeks)).isoformat()}"
            names.update(dict.fromkeys(name for _, name in as_of(self.draft.get("policy", key), self.before)))
        # By its parts: what this entry has let expire is still held by its status.
        return [group for name in names if (group := self.group(name, authority)).standing == "held"]

    def due_groups(self, authority: str, day: date) -> list[Group]:
        """Return the groups whose time may be over at the beginning of a day."""
        due = as_of(self.draft.get("policy", f"due/{authority}/{day.isoformat()}"), self.before)
        return [self.group(name, authority) for _, name in due]

    def last_scored(self, event_id: str) -> Scored | None:
        """Return the last score of a trigger."""
        return self._scored.get(event_id) or last_score(self.draft, event_id, self.at.offset)

    def last_decided(self, event_id: str) -> Decided | None:
        """Return the last decision about a trigger."""
        return self._decided.get(event_id) or last_decision(self.draft, event_id, self.at.offset)

    def held_record(self, event_id: str) -> ScoreRecord:
        """Return the last score record of a trigger that is held."""
        stored = as_of(self.draft.get("policy", f"held_record/{event_id}"), self.before)
        return self._held_records.get(event_id) or ScoreRecord.model_validate(stored[-1][1])

    def mode(self, authority: str) -> Mode:
        """Return the mode in force."""
        return self.stream.mode_in_force(self.draft, authority, self.at.offset)

    def stop(self, authority: str) -> Stop | None:
        """Return why alerting is stopped, or None."""
        stop = self.stops.get(authority) or stop_in_force(self.draft, authority, self.before)
        return stop if stop is not None and stop.cause is not None else None

    def has_place(self, group: Group) -> bool:
        """Return whether a group's alert can go out this week: it has a place already, or there is a free one."""
        taken = self._taken(group.authority)
        return group.name in taken or len(taken) < self.policy.capacity(group.authority)

    def take_place(self, group: Group) -> None:
        """Let a group's alert go out, in one of the week's places."""
        if group.name not in self._taken(group.authority):
            self._places[group.authority][group.name] = None
        group.raised_anew = True

    def _taken(self, authority: str) -> set[str]:
        key = _week_key(authority, self.today[authority])
        return {name for _, name in as_of(self.draft.get("policy", key), self.before)} | self._places[authority].keys()

    def keep(self, event_id: str, record: ScoreRecord, content: str, decided: Decided) -> None:
        """Keep a score record with the decision that it carries."""
        self.scores.append(record)
        self._scored[event_id] = Scored(record.revision, content, record.outcome)
        self._decided[event_id] = decided
        if decided.standing == "held":
            self._held_records[event_id] = record

    def join(self, group: Group, event_id: str, part: Part | None, record: ScoreRecord, counted: int = 0) -> None:
        """Give a trigger its part in a group, or take it away; `counted` is what the guardrail counts with it, as bits."""
        if part is not None or event_id in group.parts:
            group.record = record
        group.touched[event_id] = group.touched.get(event_id, 0) | counted
        if part is None:
            group.parts.pop(event_id, None)
        else:
            group.parts[event_id] = part

    def count(self, authority: str, counts: Counts) -> None:
        """Count what was decided for the first time."""
        self._counts[authority] += counts

    def give_notice(
        self, authority: str, status: Literal["stopped", "resumed"], cause: str, words: str, figures: Mapping[str, float] | None = None
    ) -> None:
        """Say among the alerts that alerting stops or goes on; in shadow nothing is sent."""
        mode = self.mode(authority)
        if mode == "shadow":
            return
        self._notices.append(
            Notice(
                kind="notice",
                notice_id=hash_of("notice", self.stream.definition.stream, authority),
                stream=self.stream.definition.stream,
                mode=mode,
                authority=authority,
                status=status,
                cause=cause,
                words=words,
                since=self._now(authority),
                figures=figures or {},
                caused_by=self.at,
            )
        )

    def close(self) -> list[Alert | Notice]:
        """Write everything, and return what is to be published."""
        offset = self.at.offset
        for event_id, scored in self._scored.items():
            write_score(self.draft, event_id, scored, offset)
            write_decision(self.draft, event_id, self._decided[event_id], offset)
        for event_id, record in self._held_records.items():
            self._append(f"held_record/{event_id}", record.model_dump(mode="json", exclude_none=True))
        for authority, counts in self._counts.items():
            count(self.draft, authority, self.today[authority], counts, offset)
        for authority, names in self._places.items():
            for name in names:
                self._append(_week_key(authority, self.today[authority]), name)
        return [*self._notices, *filter(None, map(self._close_group, self._groups.values()))]

    def _close_group(self, group: Group) -> Alert | None:
        if not (group.touched or group.expires or group.verdict):
            return None
        before = group.status
        today = self.today[group.authority]
        alert = settle(group, self.stream.definition, self._now(group.authority), today, self.at)
        write_group(self.draft, group, self.at.offset)
        if group.status == "held" and before != "held":
            self._append(f"held/{group.authority}/{week_of(today).isoformat()}", group.name)
            self._append(_due_key(group.authority, today + timedelta(days=self.policy.expires_after_days)), group.name)
        if alert is not None and alert.revision == 0:
            self._append(f"alert_id/{alert_id_of(alert.stream, group.name)}", group.name, group.authority)
        if alert is not None and group.status == "open" and before != "open":
            self._append(_due_key(group.authority, alert.expires_on), group.name)
        return alert

    def _now(self, authority: str) -> datetime:
        return not_before(self.entry.arrived_at, self.today[authority])

    def _append(self, key: str, *item: Any) -> None:
        self.draft.append("policy", key, [self.at.offset, *item])


def _week_key(authority: str, day: date) -> str:
    return f"week/{authority}/{week_of(day).isoformat()}"


def _due_key(authority: str, last_day: date) -> str:
    """Where a group stands whose time is over after a last day."""
    return f"due/{authority}/{(last_day + timedelta(days=1)).isoformat()}"
