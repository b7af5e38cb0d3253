"""Decisions of people as events on the review topic: what every command that decides something has in common."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from ecda_stream.commands.records import settings_of

EVERY_AUTHORITY = "*"
LONGEST_CODE = 40

Reason = Annotated[
    str, typer.Option("--reason", help="Why, in a few words and without names: it is kept in the event log as a code of 40 characters.")
]
Authority = Annotated[str, typer.Option("--authority", help="Only for this authority; without it for every one.")]


def reason_code(reason: str) -> str:
    """Return words as the code that the event log keeps: `Closure stands.` as `closure-stands`.

    Raises typer's BadParameter if nothing is left of it, or if it has the form of an identifier, a date or a postcode.
    """
    from ecda_stream.contract.fields import looks_personal

    code = re.sub(r"[^a-z0-9]+", "-", reason.lower()).strip("-")[:LONGEST_CODE].rstrip("-")
    if not code:
        raise typer.BadParameter("say why, in a few words", param_hint="--reason")
    if looks_personal(code):
        raise typer.BadParameter(
            "it has the form of an identifier, a date or a postcode; the event log keeps none", param_hint="--reason"
        )
    return code


def publish_decision(bootstrap: str | None, type_name: str, authority: str, facts: Mapping[str, Any]) -> str:
    """Publish a decision of today to the review topic; return the code of its reason, if it has one.

    Raises Unavailable if the broker does not take it.
    """
    from ecda_stream.contract.envelope import LONDON
    from ecda_stream.contract.events import EVENT_TYPES, PREFIX
    from ecda_stream.worker.publishing import publish_events

    now = datetime.now(UTC)
    event = {
        "specversion": "1.0",
        "id": f"{type_name}/{uuid.uuid4()}",
        "source": f"/{authority}/review",
        "type": PREFIX + type_name,
        "authority": authority,
        "recordedtime": now.isoformat(timespec="seconds"),
        "data": {**facts, EVENT_TYPES[PREFIX + type_name].happened_field: now.astimezone(LONDON).date().isoformat()},
    }
    publish_events([event], bootstrap=settings_of(bootstrap=bootstrap).bootstrap, on_progress=lambda _: None)
    return str(facts.get("reason", ""))
