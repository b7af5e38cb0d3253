"""The identifiers of a family's people: which agency knows a child by which, with valid check digits unless somebody mistyped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

from ecda_stream.identity.identifiers import has_valid_nhs_check_digit, upn_check_letter
from ecda_stream.simulate.authority import Authority
from ecda_stream.simulate.course import Course
from ecda_stream.simulate.days import iso
from ecda_stream.simulate.happening import Happening
from ecda_stream.simulate.household import Child, Household

Identifier = tuple[str, str]
"""Kind and value."""

HAS_UPN, HAS_NHS_NUMBER = 0.93, 0.70
POLICE_KNOWS_LA_CHILD_ID, HOUSING_KNOWS_LA_CHILD_ID = 0.5, 0.3
SECOND_RECORD = 0.04
"""Chance, at each later episode, that a child is entered anew under another la_child_id (assumed)."""
SECOND_RECORD_WITHOUT_OTHERS = 0.7
"""Such a record seldom has the UPN or the NHS number: with them, it would have been found."""
MERGED = 0.5
MISTYPED = 0.002
SCHOOL_FROM_YEARS = 4.6
PLACES_IN_FAMILY = 8


@dataclass(frozen=True, slots=True)
class Records:
    """How one child is known."""

    la_child_ids: tuple[tuple[int, str], ...]
    """The episode from which on it is used, and the id; the second one stands beside the first until they are merged."""
    upn: str | None
    nhs_number: str | None
    police: str
    housing: str
    second_has_others: bool
    merged: bool

    def la_child_id(self, episode: int) -> str:
        """Return the id in use in an episode."""
        return next(value for first, value in reversed(self.la_child_ids) if first <= episode)

    @property
    def second_from(self) -> int | None:
        """Return the episode since which there is a second record that somebody later merges with the first."""
        return self.la_child_ids[1][0] if len(self.la_child_ids) > 1 and self.merged else None


@dataclass(frozen=True, slots=True)
class Identities:
    """How the people of one family are known, and which identifiers were used: the truth about linking."""

    authority: str
    family: int
    family_id: str
    mother: str
    by_child: tuple[Records, ...]
    used: dict[tuple[str, str, str], str] = field(default_factory=dict)
    """Agency, kind, value -> person."""

    def of(self, child: Child, system: str, episode: int, age_years: float, rng: Random) -> list[Identifier]:
        """Return the identifiers under which a system names a child in an event; empty if it does not know the child."""
        records = self.by_child[child.place]
        in_school = age_years >= SCHOOL_FROM_YEARS
        if system == "education":
            given = [("upn", records.upn)] if in_school and records.upn else []
        elif system == "police":
            given = [("police:nominal", records.police)]
            if rng.random() < POLICE_KNOWS_LA_CHILD_ID:
                given.append(("la_child_id", records.la_child_id(episode)))
        elif system == "housing":
            given = [("housing:household_member", records.housing)]
            if rng.random() < HOUSING_KNOWS_LA_CHILD_ID:
                given.append(("la_child_id", records.la_child_id(episode)))
        else:
            value = records.la_child_id(episode)
            given = [("la_child_id", value)]
            if value == records.la_child_ids[0][1] or records.second_has_others:
                given += [("upn", records.upn)] if records.upn and in_school else []
                given += [("nhs_number", records.nhs_number)] if records.nhs_number and age_years >= 0 else []
        return [
            (kind, self._use(system, kind, value, person_name(self.authority, self.family, child.place), rng)) for kind, value in given
        ]

    def both(self, place: int) -> list[Identifier]:
        """Return the two la_child_ids of a child, the surviving one first."""
        person = person_name(self.authority, self.family, place)
        ids: list[Identifier] = [("la_child_id", value) for _, value in self.by_child[place].la_child_ids]
        for kind, value in ids:
            self.used[("social_care", kind, value)] = person
        return ids

    def of_mother(self, rng: Random) -> list[Identifier]:
        """Return how social care names the mother."""
        kind = "social_care:adult_id"
        return [(kind, self._use("social_care", kind, self.mother, f"{self.authority}/{self.family}/mother", rng))]

    def _use(self, system: str, kind: str, value: str, person: str, rng: Random) -> str:
        if kind in ("upn", "nhs_number") and rng.random() < MISTYPED:
            value = mistype(value, rng)
        self.used[(system, kind, value)] = person
        return value


def person_name(authority: str, family: int, place: int) -> str:
    """Return the name of a child in truth.jsonl."""
    return f"{authority}/{family}/{place}"


def draw_identities(authority: Authority, family: int, household: Household, episodes: int, rng: Random) -> Identities:
    """Return the identifiers of a family that has so many episodes; no two children of an authority share one."""
    return Identities(
        authority=authority.code,
        family=family,
        family_id=f"F{_scrambled(family, 9_999_991):07d}",
        mother=f"A{_scrambled(family, 9_999_991):07d}",
        by_child=tuple(
            _draw_records(authority, family * PLACES_IN_FAMILY + child.place, episodes, rng) for child in household.children
        ),
    )


def _draw_records(authority: Authority, number: int, episodes: int, rng: Random) -> Records:
    ids = [(-1, f"C{_scrambled(2 * number, 99_999_989):08d}")]
    second = next((episode for episode in range(1, episodes) if rng.random() < SECOND_RECORD), None)
    if second is not None:
        ids.append((second, f"C{_scrambled(2 * number + 1, 99_999_989):08d}"))
    return Records(
        la_child_ids=tuple(ids),
        upn=make_upn(authority.code, number) if rng.random() < HAS_UPN else None,
        nhs_number=make_nhs_number(number) if rng.random() < HAS_NHS_NUMBER else None,
        police=f"N{_scrambled(number, 99_999_989):08d}",
        housing=f"H{_scrambled(number, 99_999_989):08d}",
        second_has_others=rng.random() >= SECOND_RECORD_WITHOUT_OTHERS,
        merged=rng.random() < MERGED,
    )


def make_upn(authority: str, number: int) -> str:
    """Return the unique pupil number of the child with a number: check letter, authority, nine digits."""
    lea = authority if len(authority) == 3 and authority.isdigit() else "999"
    body = f"{lea}{_scrambled(number, 999_999_937):09d}"
    return upn_check_letter(body) + body


def make_nhs_number(number: int) -> str:
    """Return the NHS number of the child with a number; it begins with 9, as those of test patients do."""
    return next(digits for digits in _nhs_candidates(number) if has_valid_nhs_check_digit(digits))


def _nhs_candidates(number: int) -> Iterator[str]:
    for attempt in range(8):
        first = f"9{_scrambled(8 * number + attempt, 99_999_989):08d}"
        total = sum(int(digit) * weight for digit, weight in zip(first, range(10, 1, -1), strict=True))
        yield f"{first}{(11 - total % 11) % 11 % 10}"


def mistype(value: str, rng: Random) -> str:
    """Return an identifier with one of its middle digits wrong: its check digit no longer fits."""
    place = rng.randrange(2, len(value) - 1)
    return f"{value[:place]}{(int(value[place]) + rng.randrange(1, 10)) % 10}{value[place + 1 :]}"


def _scrambled(number: int, prime: int) -> int:
    """Return another number for each number below the prime, so that ids do not tell who is whose sibling."""
    return (number + 1_000_003) * 387_420_489 % prime


def merge_records(identities: Identities, course: Course, rng: Random) -> list[Happening]:
    """Return the merging of every second record that is found to be one, some time after it was made."""
    merges: list[Happening] = []
    for place, records in enumerate(identities.by_child):
        if records.second_from is None:
            continue
        episode = course.episodes[records.second_from]
        if any(entry.child.place == place for entry in episode.children):
            day = episode.referral + rng.randint(20, 300)
            merges.append(Happening("person.merged.v1", "social_care", day, (place,), {"merged_date": iso(day)}))
    return merges


def relations_of(roles: Sequence[str]) -> list[dict[str, object]]:
    """Return what a system states about people given as child, then others by role."""
    relations: list[dict[str, object]] = []
    for place, role in enumerate(roles):
        if role == "mother":
            relations.append({"kind": "parent_of", "subject": place, "object": 0})
        elif role == "sibling":
            relations.append({"kind": "sibling_of", "subject": place, "object": 0})
    return relations
