"""The people whom a source event names, with everything personal that stops in admit."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ecda_stream.contract.base import Inbound
from ecda_stream.contract.fields import Day, Identifier, Text

Role = Literal[
    "child",
    "mother",
    "father",
    "parent",
    "carer",
    "partner",
    "sibling",
    "grandparent",
    "household_member",
    "other",
]
"""What the person is to the event; `child` is whom it is about."""

RelationKind = Literal["parent_of", "carer_of", "sibling_of", "partner_of", "grandparent_of", "same_household", "other_kin"]


class PersonIdentifier(Inbound):
    """One identifier as the source holds it: kind is la_child_id, upn, former_upn, nhs_number, uln or `{system}:{name}`."""

    kind: Identifier
    value: Text


class Person(Inbound):
    """One person; sex, ethnicity and disabilities serve evaluation only, so a wrong code there is set aside and not refused."""

    role: Role
    identifiers: Annotated[tuple[PersonIdentifier, ...], Field(max_length=16)] = ()
    forename: Text | None = None
    surname: Text | None = None
    birth_date: Day | None = None
    expected_birth_date: Day | None = None
    death_date: Day | None = None
    sex: Text | None = None
    ethnicity: Text | None = None
    disabilities: Annotated[tuple[Text, ...], Field(max_length=16)] = ()
    postcode: Text | None = None
    upn_unknown: Text | None = None


class Relation(Inbound):
    """A stated relation between two people of the same event, by their places in `people` (from 0)."""

    kind: RelationKind
    subject: int
    object: int
    start_date: Day | None = None
    end_date: Day | None = None
