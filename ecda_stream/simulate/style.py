"""What a note is asked to say, about whom, and in whose manner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ecda_stream.contract.finding import Concept, Experiencer

Kind = Literal["referral", "assessment", "closure"]

Status = Literal["current", "past", "denied", "possible"]
"""current: holds now; past: was so, no longer; denied: said or found not to be so; possible: a future or conditional risk, no fact."""


@dataclass(frozen=True)
class Mention:
    """One thing a note must say. A denied strength is a lack: denied engagement means that they do not engage."""

    concept: Concept
    status: Status
    whose: Experiencer


@dataclass(frozen=True)
class Names:
    """First names or initials, all invented. Who is None or absent is never named and never appears in neutral sentences."""

    child: str
    mother: str | None
    father: str | None
    partner: str | None
    siblings: tuple[str, ...]
    worker: str
    school: str | None
    child_pronoun: str = "they"
    """he, she or they."""


@dataclass(frozen=True)
class Style:
    """The recording habits of a team, and a worker's mood. The four shares lie between 0 and 1; length is a factor around 1."""

    headings: bool
    bullets: bool
    shorthand: float
    typos: float
    length: float
    telegraphic: float
