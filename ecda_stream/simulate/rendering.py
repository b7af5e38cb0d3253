"""From a record to its source event: the CloudEvents envelope, the people as the system names them, the text of a document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from ecda_stream.contract.events import PREFIX
from ecda_stream.simulate.authority import Authority
from ecda_stream.simulate.course import Course
from ecda_stream.simulate.days import YEAR_DAYS, iso, utc_timestamp
from ecda_stream.simulate.happening import Happening
from ecda_stream.simulate.household import SURNAMES, Adult, Child
from ecda_stream.simulate.identities import Identifier, Identities, relations_of
from ecda_stream.simulate.narrative import Names, write_note
from ecda_stream.simulate.recording import Record

NAMED = frozenset({"referral.received.v1", "contact.received.v1", "closure.recorded.v1", "police.incident_notified.v1"})
"""Types that come with names and address; the others with identifiers, birth date and sex only."""
RELATIONS_IN = frozenset({"referral.received.v1"})
MOTHER_STATED, SIBLINGS_STATED = 0.8, 0.9
ETHNICITY_MISSING = 0.06
FAMILY_MOVES_EVERY_DAYS = 900
PRONOUNS = {"F": "she", "M": "he"}


class Renderer:
    """Renders the records of one family; texts have random numbers of their own, so that another wording changes nothing else."""

    def __init__(self, course: Course, authority: Authority, identities: Identities, rng: Random, pen: Random) -> None:
        self._course = course
        self._authority = authority
        self._identities = identities
        self._rng = rng
        self._pen = pen
        self._states_relations = rng.random() < authority.states_relations
        self._ethnicity_asked = rng.random() > ETHNICITY_MISSING
        self._worker = f"{rng.choice('ABCDEFGHJKLMNPRSTW')}. {rng.choice(SURNAMES)}"
        self._school = f"{rng.choice(SURNAMES)} {rng.choice(('Primary', 'Academy', 'School'))}"
        self._sources = {name: f"/{authority.code}/{name}" for name in authority.systems}

    def render(self, record: Record) -> dict[str, Any] | None:
        """Return the structured CloudEvent; None if the system knows none of the people by an identifier."""
        happening = record.happening
        system = self._authority.systems[happening.system]
        data: dict[str, Any] = dict(happening.fields)
        if happening.children:
            data["people"] = people = [person for person in self._people(record) if person["identifiers"]]
            if not people:
                return None
            if happening.type_name in RELATIONS_IN and self._states_relations:
                self._state_relations(data, happening, record)
        if happening.episode is not None:
            data["referral_date"] = iso(self._course.episodes[happening.episode].referral)
            data["episode_id"] = f"E{self._course.number}-{happening.episode}"
        if system.gives_family_id and happening.children:
            data["family_id"] = self._identities.family_id
        if happening.type_name == "closure.recorded.v1" and not system.gives_stage:
            del data["closed_stage"]
        if happening.type_name == "document.recorded.v1":
            data["text"] = self._write(happening)
        event: dict[str, Any] = {
            "specversion": "1.0",
            "id": record.event_id,
            "source": self._sources[happening.system],
            "type": PREFIX + happening.type_name,
            "authority": self._authority.code,
            "data": data,
        }
        if not system.date_only:
            event["recordedtime"] = utc_timestamp(record.day, record.minute)
            if record.minute_happened is not None:
                event["time"] = utc_timestamp(happening.day, record.minute_happened)
            if record.revision:
                event["revision"] = record.revision
        return event

    def _people(self, record: Record) -> list[dict[str, Any]]:
        happening = record.happening
        if happening.type_name == "person.merged.v1":
            return [
                {"role": "child", "identifiers": _as_json([identifier])} for identifier in self._identities.both(happening.children[0])
            ]
        return [self._child(place, record) for place in happening.children]

    def _child(self, place: int, record: Record) -> dict[str, Any]:
        happening = record.happening
        child = self._course.household.children[place]
        born = child.birth <= record.day
        episode = happening.episode if happening.episode is not None else self._episode_on(happening.day)
        given = self._identities.of(child, happening.system, episode, child.age_years(happening.day), self._rng)
        person: dict[str, Any] = {"role": "child", "identifiers": _as_json(given), "sex": child.sex if born else "U"}
        person["birth_date" if born else "expected_birth_date"] = iso(child.birth)
        if happening.type_name in NAMED:
            person |= self._details(child, born, happening)
        if happening.fields.get("closure_reason") == "RC2":
            person["death_date"] = iso(happening.day)
        return person

    def _details(self, child: Child, born: bool, happening: Happening) -> dict[str, Any]:
        details: dict[str, Any] = {"forename": child.forename if born else "Unborn", "surname": child.surname}
        details["postcode"] = self._postcode_on(happening.day)
        if happening.system == "social_care":
            details["ethnicity"] = child.ethnicity if self._ethnicity_asked else "NOBT"
            details["disabilities"] = list(child.disabilities) or ["NONE"]
        return details

    def _postcode_on(self, day: int) -> str:
        postcodes = self._course.household.postcodes
        return postcodes[day // FAMILY_MOVES_EVERY_DAYS % len(postcodes)]

    def _episode_on(self, day: int) -> int:
        return max((episode.number for episode in self._course.episodes if episode.referral <= day), default=0)

    def _state_relations(self, data: dict[str, Any], happening: Happening, record: Record) -> None:
        """Add the mother and the other children of the episode, and what they are to the child."""
        assert happening.episode is not None
        others: list[dict[str, Any]] = []
        if self._rng.random() < MOTHER_STATED:
            others.append(self._adult(self._course.household.mother, self._identities.of_mother(self._rng)))
        for entry in self._course.episodes[happening.episode].children:
            if entry.child.place not in happening.children and self._rng.random() < SIBLINGS_STATED:
                others.append({**self._child(entry.child.place, record), "role": "sibling"})
        if others:
            data["people"] = [*data["people"], *others]
            data["relations"] = relations_of([person["role"] for person in data["people"]])

    def _adult(self, adult: Adult, identifiers: Sequence[Identifier]) -> dict[str, Any]:
        return {
            "role": adult.role,
            "identifiers": _as_json(identifiers),
            "forename": adult.forename,
            "surname": adult.surname,
            "birth_date": iso(adult.birth),
        }

    def _write(self, happening: Happening) -> str:
        household = self._course.household
        child = household.children[happening.children[0]]
        siblings = tuple(
            other.forename for other in household.children if other is not child and other.birth <= happening.day < other.adult_from
        )
        names = Names(
            child=child.forename if child.birth <= happening.day else "Unborn",
            mother=household.mother.forename,
            father=household.father.forename,
            partner=household.partner.forename if household.partner else None,
            siblings=siblings,
            worker=self._worker,
            school=self._school if (happening.day - child.birth) / YEAR_DAYS >= 4.5 else None,
            child_pronoun=PRONOUNS.get(child.sex, "they") if child.birth <= happening.day else "they",
        )
        return write_note(happening.fields["kind"], happening.mentions, names, self._course.team.style, self._pen)


def _as_json(identifiers: Sequence[Identifier]) -> list[Mapping[str, str]]:
    return [{"kind": kind, "value": value} for kind, value in identifiers]
