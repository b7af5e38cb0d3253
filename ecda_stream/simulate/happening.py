"""Something that happened, before anybody recorded it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ecda_stream.simulate.narrative import Mention


@dataclass(frozen=True, slots=True)
class Happening:
    """One event to be: whom it is about, what and when; `fields` are those of the contract's type, without people and episode."""

    type_name: str
    system: str
    day: int
    children: tuple[int, ...]
    """Places in the household."""
    fields: Mapping[str, Any]
    episode: int | None = None
    mentions: tuple[Mention, ...] = ()
    """What a document says; its text is written when it is recorded."""
