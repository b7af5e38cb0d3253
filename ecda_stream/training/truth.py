"""What a simulator planted: who is who, how likely each outcome was, what each text was made to say. Real logs have none.

truth.jsonl, one JSON object a line:

- `identifier`: authority, agency, identifier_kind, value, person, family;
- one for each trigger, under the name of its type: authority, source, event_id, probability_observable, and more that is not read;
- `document`: authority, source, event_id, person, mentions (concept, status, whose).

It names people as sources do, and the log has tokens: it can be read only with the secret that the log was made with.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np

from ecda_stream.definition import StreamDefinition
from ecda_stream.errors import BadDefinition
from ecda_stream.identity.identifiers import Usable, examine
from ecda_stream.identity.tokens import Secret
from ecda_stream.training.naming import noun_of
from ecda_stream.training.table import Floats, Rows

Status = Literal["current", "past", "denied", "possible"]


@dataclass(frozen=True)
class Mention:
    """Something that a text was made to say."""

    concept: str
    status: Status
    whose: str | None


@dataclass(frozen=True)
class Truth:
    """By token, as the log has them."""

    people: Mapping[str, tuple[str, str]]
    """Person and family of an identifier."""
    triggers: Mapping[str, float]
    """The planted probability of a trigger, with everything latent replaced by its mean given the true past: no score can know more."""
    mentions: Mapping[str, tuple[Mention, ...]]
    """By the event of the text."""


def read_truth(path: Path, secret: Secret, definition: StreamDefinition, *, triggers_only: bool = False) -> Truth:
    """Read a truth.jsonl; `triggers_only` leaves out what only a rewriting of the log needs, which is most of it.

    Raises BadDefinition with the number of a line that cannot be read; what the line says is not quoted.
    """
    trigger = noun_of(definition)
    people: dict[str, tuple[str, str]] = {}
    triggers: dict[str, float] = {}
    mentions: dict[str, tuple[Mention, ...]] = {}
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                told = json.loads(line)
                if told["kind"] != trigger and triggers_only:
                    continue
                if told["kind"] == "identifier":
                    examined = examine(told["identifier_kind"], told["value"])
                    if isinstance(examined, Usable):
                        token = secret.token(told["authority"], examined.domain, examined.value)
                        people[token] = (told["person"], told["family"])
                elif told["kind"] == trigger:
                    triggers[_event(told, secret)] = float(told["probability_observable"])
                elif told["kind"] == "document":
                    mentions[_event(told, secret)] = tuple(_mention(one) for one in told["mentions"])
            except (ValueError, TypeError, KeyError, AttributeError):
                raise BadDefinition(path.name, [f"line {number}: not a line of a truth file"]) from None
    return Truth(people, triggers, mentions)


def observable(rows: Rows, truth: Truth) -> Floats:
    """Return the planted probability of what could be observed, for each row; NaN where the truth does not know the trigger.

    Raises BadDefinition if it knows none.
    """
    planted = np.array([truth.triggers.get(event_id, np.nan) for event_id in rows.event_id], dtype=np.float64)
    if len(rows) and np.isnan(planted).all():
        raise BadDefinition("the truth", ["it knows no trigger of this log: it is of another one, or the secret is not the log's"])
    return planted


def _event(told: Mapping[str, Any], secret: Secret) -> str:
    return secret.token(told["authority"], f"event_id:{told['source']}", told["event_id"])


def _mention(one: Mapping[str, Any]) -> Mention:
    if one["status"] not in get_args(Status):
        raise ValueError("no such status")
    return Mention(one["concept"], one["status"], one.get("whose"))
