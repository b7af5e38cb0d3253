"""The phrase bank in memory: what practitioners wrote in `phrases/`, compiled. `load_bank` reads and checks it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple, get_args

from ecda_stream.contract.finding import Concept, Experiencer
from ecda_stream.simulate.style import Kind, Status
from ecda_stream.simulate.wording import Wording

Role = Literal["worry", "strength", "past", "denied", "possible"]
"""Where in a note a mention belongs. That help is lacking is a worry."""

CONCEPTS, STATUSES, PEOPLE, ROLES, KINDS = (get_args(closed) for closed in (Concept, Status, Experiencer, Role, Kind))

GROUPS: dict[str, tuple[str, ...]] = {
    "anyone": PEOPLE,
    "adult": ("mother", "father", "parent", "partner", "grandparent", "other"),
    "young": ("child", "sibling"),
    **{person: (person,) for person in PEOPLE},
}

DATES = ("date", "later_date", "last_date")
VERBS = ("s", "es", "ies", "is", "was", "has", "does")
SLOTS = {
    *("who", "whose", "Who", "Whose", "he", "him", "his", "He", "His", "he_is", "He_is", "he_has", "he_was", "perp", "child", *VERBS),
    *("mum", "dad", "child_name", "mother_name", "father_name", "partner_name", "sibling_name", "school_name", "school", "worker"),
    *("theirs", "topics", "problems"),
}

DRAWN_ANEW: tuple[str, ...] = ()
"""Stands for a list whose next value the note works out: a date."""

Manners = tuple[str, str, str]
"""A noun in full, in the first shorthand and in the last."""


class Nouns(NamedTuple):
    topics: tuple[Manners, ...]
    problems: tuple[Manners, ...]
    theirs: tuple[Wording, ...]


class Saying(NamedTuple):
    """How one mention can be told: of whom, in what part of a note, and in which words."""

    whose: Experiencer
    role: Role
    concern: bool
    wordings: tuple[Wording, ...]
    nouns: Nouns


class Character(NamedTuple):
    pronoun: str | None
    many: bool
    named: tuple[Wording, ...]
    plain: tuple[Wording, ...]
    short: tuple[Wording, ...]
    hurt_by: tuple[Wording, ...]


class Filler(NamedTuple):
    wordings: tuple[Wording, ...]
    strides: tuple[int, ...]
    """Steps that reach every sentence before one comes back."""


class Section(NamedTuple):
    headings: tuple[str, ...]
    opens: tuple[str, ...]
    filler: tuple[str, ...]


class Layout(NamedTuple):
    sections: tuple[Section, ...]
    places: Mapping[Role, tuple[int, ...]]
    fillable: tuple[tuple[int, str], ...]


class Shape(NamedTuple):
    fewest_words: int
    most_words: int
    layouts: tuple[Layout, ...]


class Listing(NamedTuple):
    join: str
    about_one: tuple[Wording, ...]
    about_each: tuple[Wording, ...]


class Shared(NamedTuple):
    """What several concepts have in common: one cue, one heading, one form."""

    lists: Mapping[Status, Listing]
    headings: Mapping[Status, tuple[str, ...]]
    forms: tuple[str, ...]
    answers: Mapping[Status, tuple[str, ...]]
    boxes: tuple[tuple[str, ...], ...]
    lead_ins: tuple[Wording, ...]
    again: tuple[str, ...]


class Bank(NamedTuple):
    sayings: Mapping[tuple[Concept, Status, Experiencer], Saying]
    people: Mapping[Experiencer, tuple[Character, ...]]
    filler: Mapping[str, Filler]
    openings: tuple[str, ...]
    shapes: Mapping[Kind, Shape]
    shared: Shared
    misspellings: Mapping[str, tuple[str, ...]]
