"""One family from beginning to end: its course, what was recorded of it as lines of EVENTS, and the truth about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ecda_stream.contract.canonical import to_canonical_json
from ecda_stream.simulate.authority import SYSTEMS, Authority
from ecda_stream.simulate.casework import Casework
from ecda_stream.simulate.chance import chance_of
from ecda_stream.simulate.closing import Closing
from ecda_stream.simulate.course import Course
from ecda_stream.simulate.documents import write_documents
from ecda_stream.simulate.happening import Happening
from ecda_stream.simulate.identities import Identities, draw_identities, merge_records, person_name
from ecda_stream.simulate.life import live
from ecda_stream.simulate.recording import Desk, Record
from ecda_stream.simulate.rendering import Renderer
from ecda_stream.simulate.school import summarise_attendance
from ecda_stream.simulate.world import World

TYPES = (
    "contact.received.v1",
    "referral.received.v1",
    "assessment.started.v1",
    "assessment.completed.v1",
    "s47.started.v1",
    "s47.completed.v1",
    "cp_conference.held.v1",
    "cp_plan.started.v1",
    "cp_plan.reviewed.v1",
    "cp_plan.ended.v1",
    "cin_plan.started.v1",
    "cin_plan.ended.v1",
    "cla.started.v1",
    "cla.placement_changed.v1",
    "cla.ended.v1",
    "pre_proceedings.started.v1",
    "pre_proceedings.ended.v1",
    "early_help.started.v1",
    "early_help.ended.v1",
    "closure.recorded.v1",
    "closure.retracted.v1",
    "worker.changed.v1",
    "missing.started.v1",
    "missing.ended.v1",
    "sdq.recorded.v1",
    "document.recorded.v1",
    "person.merged.v1",
    "record.retracted.v1",
    "school.attendance_summarised.v1",
    "school.excluded.v1",
    "police.incident_notified.v1",
    "housing.case_changed.v1",
)
"""What a simulated world holds, besides `extract.completed.v1`; a line names its type by the place in this list."""

KEY_LENGTH = 10 + 3 + 7 + 5 + 1 + 2
"""Minute sent, place of the authority, family, number in the family, system, type: digits in front of each line, so that sorting the
lines as bytes sorts them in the order of recording, and counting them needs no parsing."""


@dataclass(frozen=True, slots=True)
class Told:
    """What one family adds to the two files."""

    lines: tuple[bytes, ...]
    """Each with its key in front."""
    truth: tuple[bytes, ...]
    known: int
    """Children whom social care knows."""


@dataclass(frozen=True, slots=True)
class Lived:
    """The course of a family, and its casework as it really was."""

    course: Course
    happenings: tuple[Happening, ...]
    closures: dict[int, Closing]
    """Number of a closure among the happenings -> its planted risk."""


def live_family(number: int, authority: Authority, world: World) -> Lived:
    """Return what happened to a family, recorded or not."""
    course = live(number, authority, world)
    rng = chance_of(world.seed, authority.code, number, "casework")
    casework = Casework(course, world, rng)
    casework.write()
    happenings = casework.happenings + course.surroundings.happenings
    return Lived(course, tuple(happenings), casework.closures)


def tell_family(lived: Lived, authority: Authority, world: World) -> Told:
    """Return the lines and the truth of a family; nothing of one whom social care came to know only after the end of the years."""
    course = lived.course
    rng = chance_of(world.seed, authority.code, course.number, "recording")
    identities = draw_identities(authority, course.number, course.household, len(course.episodes), rng)
    happenings = [
        *lived.happenings,
        *write_documents(course, rng),
        *summarise_attendance(course, world.end, rng),
        *merge_records(identities, course, rng),
    ]
    desk = Desk(course, authority, world, rng)
    renderer = Renderer(course, authority, identities, rng, chance_of(world.seed, authority.code, course.number, "texts"))
    lines: list[bytes] = []
    recorded: dict[int, Record] = {}
    known: set[int] = set()
    for number, happening in enumerate(happenings):
        if happening.day > world.end + 60:
            continue
        line = b""
        for record in desk.record(number, happening):
            if not record.delay_days:
                event = renderer.render(record)
                line = to_canonical_json(event) if event else b""
            if line:
                lines.append(_key(record, authority, course.number, len(lines)) + line)
                if record.is_final and record.happening.type_name == happening.type_name:
                    recorded[number] = record
                if happening.system == "social_care":
                    known.update(happening.children)
    if not known:
        return Told((), (), 0)
    truth = _truth(lived, happenings, recorded, identities, authority)
    return Told(tuple(lines), tuple(to_canonical_json(entry) for entry in truth), len(known))


def _key(record: Record, authority: Authority, family: int, number: int) -> bytes:
    system, kind = SYSTEMS.index(record.happening.system), TYPES.index(record.happening.type_name)
    return b"%010d%03d%07d%05d%d%02d" % (record.sent, authority.place, family, number, system, kind)


def _truth(
    lived: Lived, happenings: list[Happening], recorded: dict[int, Record], identities: Identities, authority: Authority
) -> Iterator[dict[str, Any]]:
    family = f"{authority.code}/{lived.course.number}"
    for (agency, kind, value), person in sorted(identities.used.items()):
        yield {
            "kind": "identifier",
            "authority": authority.code,
            "agency": agency,
            "identifier_kind": kind,
            "value": value,
            "person": person,
            "family": family,
        }
    for number, record in recorded.items():
        happening = happenings[number]
        common = {
            "authority": authority.code,
            "source": f"/{authority.code}/{happening.system}",
            "event_id": record.event_id,
            "person": person_name(authority.code, lived.course.number, happening.children[0]),
        }
        if number in lived.closures:
            closing = lived.closures[number]
            yield {
                "kind": "closure",
                **common,
                "family": family,
                "closing_day": happening.fields["closure_date"],
                "probability": round(closing.probability, 6),
                "probability_observable": round(closing.probability_observable, 6),
                "returned": closing.returned,
                "to_s47": closing.to_s47,
                "escalated": closing.escalated,
            }
        elif happening.type_name == "document.recorded.v1":
            mentions = [
                {"concept": mention.concept, "status": mention.status, "whose": mention.whose} for mention in happening.mentions
            ]
            yield {"kind": "document", **common, "mentions": mentions}
