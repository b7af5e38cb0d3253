"""People as sources name them -> people as the log knows them: tokens, an age in months, and codes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ecda_stream.contract.codes import DISABILITY, ETHNICITY, SEX, UPN_UNKNOWN, CodeTable
from ecda_stream.contract.entry import EntryIdentifier, EntryPerson
from ecda_stream.contract.people import Person
from ecda_stream.identity.identifiers import Unusable, examine
from ecda_stream.identity.tokens import Secret


@dataclass(frozen=True)
class Pseudonymised:
    """The people of an entry, and what of them was set aside, as `field:reason`."""

    people: tuple[EntryPerson, ...]
    set_aside: tuple[str, ...]

    @property
    def anyone_usable(self) -> bool:
        """Return whether at least one person can be linked."""
        return any(person.identifiers for person in self.people)


def pseudonymise(people: tuple[Person, ...], on: date, authority: str, secret: Secret) -> Pseudonymised:
    """Replace names and identifiers by tokens and birth dates by completed months of age on the day `on`."""
    set_aside: list[str] = []
    return Pseudonymised(tuple(_pseudonymise(person, on, authority, secret, set_aside) for person in people), tuple(set_aside))


def _pseudonymise(person: Person, on: date, authority: str, secret: Secret, set_aside: list[str]) -> EntryPerson:
    identifiers: dict[str, EntryIdentifier] = {}
    for identifier in person.identifiers:
        examined = examine(identifier.kind, identifier.value)
        if isinstance(examined, Unusable):
            set_aside.append(f"{examined.kind}:{examined.reason}")
        else:
            token = secret.token(authority, examined.domain, examined.value)
            identifiers.setdefault(token, EntryIdentifier(kind=identifier.kind, token=token))
    _keep(person.upn_unknown, "upn_unknown", UPN_UNKNOWN, set_aside)
    born = person.birth_date or person.expected_birth_date
    return EntryPerson(
        role=person.role,
        identifiers=tuple(identifiers.values()),
        age_months=None if born is None else count_months(born, on),
        death_date=person.death_date,
        sex=_keep(person.sex, "sex", SEX, set_aside),
        ethnicity=_keep(person.ethnicity, "ethnicity", ETHNICITY, set_aside),
        disabilities=tuple(code for code in person.disabilities if _keep(code, "disability", DISABILITY, set_aside) is not None),
    )


def _keep(code: str | None, field: str, table: CodeTable, set_aside: list[str]) -> str | None:
    """Return the code if its table has it; count it as set aside otherwise."""
    if code is None or code in table:
        return code
    set_aside.append(f"{field}:wrong-code")
    return None


def count_months(start: date, end: date) -> int:
    """Return the completed months from `start` to `end`, negative if `end` is earlier.

    >>> count_months(date(2020, 1, 31), date(2020, 3, 30))
    1
    """
    months = (end.year - start.year) * 12 + end.month - start.month
    return months - (end.day < start.day)
