"""The fields of an event that the log keeps: codes, dates, flags and counts; every identifier a token, no free text."""

from __future__ import annotations

from ecda_stream.contract.entry import EntryRelation, FactValue
from ecda_stream.contract.envelope import Envelope
from ecda_stream.contract.events import EventData
from ecda_stream.contract.source_event import SourceEvent
from ecda_stream.identity.sealed import Sealer
from ecda_stream.identity.tokens import Secret

_ELSEWHERE = frozenset(EventData.model_fields)


def token_of(secret: Secret, envelope: Envelope, field: str, value: str) -> str:
    """Return the token of a source's own identifier; two sources may use the same one for different things."""
    return secret.token(envelope.authority, f"{field}:{envelope.source}", value)


def facts_of(data: EventData, envelope: Envelope, secret: Secret) -> dict[str, FactValue]:
    """Return the type's own fields as JSON values, without absent ones and without the type's unlogged fields."""
    names = type(data).model_fields.keys() - _ELSEWHERE - set(data.unlogged_fields)
    facts: dict[str, FactValue] = data.model_dump(mode="json", include=names, exclude_none=True)
    for name in data.token_fields:
        value = facts.get(name)
        if isinstance(value, str):
            facts[name] = token_of(secret, envelope, name, value)
    return {name: value for name, value in facts.items() if value != []}


def relations_of(data: EventData) -> tuple[EntryRelation, ...]:
    """Return the stated relations, by the places of the people."""
    return tuple(
        EntryRelation(
            kind=relation.kind,
            subject=relation.subject,
            object=relation.object,
            start_date=relation.start_date,
            end_date=relation.end_date,
        )
        for relation in data.relations
    )


def seal(event: SourceEvent, sealer: Sealer) -> str:
    """Return the sealed case reference: source system, case and episode, for the review team alone."""
    data = event.data
    child = next((person for person in data.people if person.role == "child"), None)
    reference = {
        "source": event.envelope.source,
        **{identifier.kind: identifier.value for identifier in (child.identifiers if child else ())},
        **({"episode_id": data.episode_id} if data.episode_id else {}),
        **({"referral_date": data.referral_date.isoformat()} if data.referral_date else {}),
    }
    return sealer.seal(reference)
