"""From what happened to what was recorded, and when: lateness, corrections, duplicates, retractions, records without a reason.

Nothing here changes what happened. What would be recorded after the end of the years is not recorded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from ecda_stream.contract.canonical import hash_of
from ecda_stream.simulate.authority import Authority, System
from ecda_stream.simulate.course import Course
from ecda_stream.simulate.days import MINUTES_A_DAY, iso, working_day_from
from ecda_stream.simulate.happening import Happening
from ecda_stream.simulate.world import World

SAME_DAY, NEXT_WORKING_DAY, WITHIN_A_WEEK, WITHIN_A_MONTH = 0.58, 0.25, 0.115, 0.04
"""When social care enters something; the rest comes within four months. A team's lateness multiplies the last three."""
OFFICE_MINUTES = (8 * 60, 18 * 60 + 30)
ANY_MINUTES = (3 * 60, 23 * 60 + 29)
"""Never between midnight and three, where the hour of a clock change would be ambiguous."""
NIGHTLY_BATCH_MINUTE = 5 * 60 + 30

CLOSURE_MOVED = 0.025
MISTAKEN_CLOSURE = 0.012
SOURCE_CORRECTED = 0.015
FACTORS_CORRECTED = 0.02
TEXT_REVISED = 0.03
DUPLICATED = 0.01
WRONGLY_FILED = 0.015
RETRACTED_AS_RECORD = 0.6
"""Of mistaken closures; the others are told by `closure.retracted`."""
TIMED = frozenset({"contact.received.v1", "referral.received.v1", "police.incident_notified.v1", "missing.started.v1"})
"""Types that have a time of day in systems that keep times."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a happening, as a system sends it."""

    event_id: str
    happening: Happening
    day: int
    minute: int
    """When it was entered, London time."""
    revision: int = 0
    minute_happened: int | None = None
    delay_days: int = 0
    """A duplicate is sent again, unchanged, so many days later."""
    is_final: bool = True
    """Whether it says of its happening what is true."""

    @property
    def sent(self) -> int:
        """Return when it was sent, in minutes."""
        return (self.day + self.delay_days) * MINUTES_A_DAY + self.minute


class Desk:
    """Records one family's happenings as its authority's systems do."""

    def __init__(self, course: Course, authority: Authority, world: World, rng: Random) -> None:
        self._course = course
        self._authority = authority
        self._world = world
        self._rng = rng
        self._tail = 1 - SAME_DAY - NEXT_WORKING_DAY

    def record(self, number: int, happening: Happening) -> Iterator[Record]:
        """Yield all records of the happening with a number in its family, those after the end of the years left out."""
        event_id = self._id(happening.system, number)
        for record in self._versions(event_id, happening):
            if record.day > self._world.end:
                continue
            yield record
            if self._rng.random() < DUPLICATED:
                again = replace(record, delay_days=self._rng.randint(1, 20), is_final=False)
                if again.day + again.delay_days <= self._world.end:
                    yield again

    def _id(self, system: str, *parts: object) -> str:
        return hash_of(self._authority.code, system, str(self._course.number), *map(str, parts))

    def _versions(self, event_id: str, happening: Happening) -> Iterator[Record]:
        first = self._enter(event_id, happening)
        chance = self._rng.random()
        match happening.type_name:
            case "closure.recorded.v1":
                yield from self._record_closure(first, chance)
            case "referral.received.v1" if "primary_need_code" not in happening.fields:
                yield first  # that nothing was done is known, and entered, when the case is closed
                yield self._correct(first, {**happening.fields, "referral_no_further_action_flag": True}, 0, 7)
            case "referral.received.v1" if chance < SOURCE_CORRECTED:
                yield self._wrong(first, {**happening.fields, "referral_source": "10"})
                yield self._correct(first, happening.fields, 2, 60)
            case "assessment.completed.v1" if chance < FACTORS_CORRECTED and len(happening.fields["factors"]) > 1:
                yield self._wrong(first, {**happening.fields, "factors": happening.fields["factors"][:1]})
                yield self._correct(first, happening.fields, 2, 60)
            case "document.recorded.v1" if chance < TEXT_REVISED and len(happening.mentions) > 1:
                yield replace(first, happening=replace(happening, mentions=happening.mentions[:-1]), is_final=False)
                yield self._correct(first, happening.fields, 1, 30)
            case "police.incident_notified.v1" if chance < WRONGLY_FILED:
                yield first
                yield from self._file_wrongly(first)
            case _:
                yield first

    def _record_closure(self, first: Record, chance: float) -> Iterator[Record]:
        happening = first.happening
        fields, day = happening.fields, happening.day
        assert happening.episode is not None
        episode = self._course.episodes[happening.episode]
        unexplained = self._world.rates.closure_reason.share("unknown")
        if chance < MISTAKEN_CLOSURE and day - episode.referral > 30:
            yield from self._close_by_mistake(first, day - self._rng.randint(12, min(60, day - episode.referral - 5)))
        elif chance < MISTAKEN_CLOSURE + CLOSURE_MOVED:
            wrong = max(episode.referral, day - self._rng.randint(1, 14))
            if self._rng.random() < 0.3:
                wrong = min(day + self._rng.randint(1, 7), first.day)
            yield self._wrong(replace(first, happening=replace(happening, day=wrong)), {**fields, "closure_date": iso(wrong)})
            yield self._correct(first, fields, 3, 60)
        elif chance > 1 - unexplained and fields["closed_stage"] not in ("nfa", "assessment"):
            yield self._wrong(first, {name: value for name, value in fields.items() if name != "closure_reason"})
            yield self._correct(first, fields, 2, 21)
        else:
            yield first

    def _close_by_mistake(self, closed: Record, day: int) -> Iterator[Record]:
        """A closure recorded too early, taken back, and recorded under the same id when the case is closed."""
        happening = closed.happening
        mistaken = replace(happening, day=day, fields={**happening.fields, "closure_date": iso(day)})
        first = replace(self._enter(closed.event_id, mistaken, late=False), is_final=False)
        yield first
        retracted = self._after(first, 1, 8)
        date = iso(retracted.day)
        if self._rng.random() < RETRACTED_AS_RECORD:
            fields: Mapping[str, Any] = {"event_id": closed.event_id, "retraction_date": date}
            taken_back = Happening("record.retracted.v1", "social_care", retracted.day, (), fields)
        else:
            fields = {"retraction_date": date, "previous_closure_date": iso(day)}
            taken_back = Happening("closure.retracted.v1", "social_care", retracted.day, happening.children, fields, happening.episode)
        yield replace(
            retracted, event_id=self._id("social_care", closed.event_id, "retracted"), happening=taken_back, minute_happened=None
        )
        real = replace(closed, revision=1)
        if real.sent <= retracted.sent:
            real = replace(self._after(retracted, 1, 3), event_id=closed.event_id, happening=happening, revision=1)
        yield real

    def _file_wrongly(self, right: Record) -> Iterator[Record]:
        """The police filed another family's incident here as well, and take it back."""
        wrong_id = self._id("police", right.event_id, "wrong")
        other = replace(right.happening, fields={**right.happening.fields, "domestic_abuse_flag": True, "risk_grade": "high"})
        wrong = replace(right, event_id=wrong_id, happening=other, is_final=False)
        yield wrong
        retracted = self._after(wrong, 2, 40)
        fields = {"event_id": wrong_id, "retraction_date": iso(retracted.day)}
        taken_back = Happening("record.retracted.v1", "police", retracted.day, (), fields)
        yield replace(retracted, event_id=self._id("police", wrong_id, "retracted"), happening=taken_back, minute_happened=None)

    def _wrong(self, first: Record, fields: Mapping[str, Any]) -> Record:
        return replace(first, happening=replace(first.happening, fields=fields), is_final=False)

    def _correct(self, first: Record, fields: Mapping[str, Any], shortest_days: int, longest_days: int) -> Record:
        later = self._after(first, shortest_days, longest_days)
        return replace(later, happening=replace(first.happening, fields=fields), revision=1)

    def _after(self, record: Record, shortest_days: int, longest_days: int) -> Record:
        """Return the record entered again later, on a working day."""
        day = working_day_from(record.day + self._rng.randint(shortest_days, longest_days))
        minute = self._rng.randint(*OFFICE_MINUTES)
        if day == record.day:
            minute = max(minute, record.minute + 1)
        return replace(record, day=day, minute=minute, is_final=True)

    def _enter(self, event_id: str, happening: Happening, late: bool = True) -> Record:
        """Return when the happening was first entered."""
        rng, day = self._rng, happening.day
        happened: int | None = None
        match happening.system:
            case "police":
                happened = rng.randint(*ANY_MINUTES)
                entered, minute = day + rng.choice((1, 1, 1, 2, 3)), NIGHTLY_BATCH_MINUTE + rng.randrange(20)
            case "education":
                wait = rng.randint(1, 12) if happening.type_name == "school.excluded.v1" else rng.randint(5, 25)
                entered, minute = day + wait, NIGHTLY_BATCH_MINUTE + rng.randrange(60)
            case "housing":
                entered, minute = working_day_from(day + int(rng.expovariate(1 / 3))), rng.randint(*OFFICE_MINUTES)
            case _:
                if happening.type_name in TIMED:
                    happened = rng.randint(OFFICE_MINUTES[0], OFFICE_MINUTES[1] - 90)
                entered = day + self._lag_days() if late else day
                minute = rng.randint(*OFFICE_MINUTES)
                if entered == day and working_day_from(day) == day:
                    minute = max(minute, (happened or 0) + rng.randint(5, 60))
                else:
                    entered = working_day_from(entered)
        system: System = self._authority.systems[happening.system]
        timed = happened if happening.type_name in TIMED and not system.date_only else None
        return Record(event_id, happening, entered, minute, minute_happened=timed)

    def _lag_days(self) -> int:
        """Return how many days after it happened something is entered."""
        lateness = self._course.team.lateness
        tail = min(0.8, self._tail * lateness)
        chance = self._rng.random()
        if chance > tail:
            same = SAME_DAY / (SAME_DAY + NEXT_WORKING_DAY)
            return 0 if (chance - tail) / (1 - tail) < same else 1
        chance /= tail
        if chance < WITHIN_A_WEEK / self._tail:
            return self._rng.randint(2, 7)
        if chance < (WITHIN_A_WEEK + WITHIN_A_MONTH) / self._tail:
            return self._rng.randint(8, 30)
        return self._rng.randint(31, 120)
