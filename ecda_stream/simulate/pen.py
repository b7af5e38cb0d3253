"""One worker writing one note: every choice that the note makes comes from its own random numbers, in one fixed order."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

from ecda_stream.contract.finding import Experiencer
from ecda_stream.simulate.bank import VERBS, Bank, Character, Manners, Saying
from ecda_stream.simulate.style import Names, Style
from ecda_stream.simulate.wording import BORN, FATHER, MOTHER, PARTNER, SCHOOL, SIBLING, Wording

T = TypeVar("T")
Slots = dict[str, str]

_ONE = dict(zip(VERBS, ("s", "es", "ies", "is", "was", "has", "does"), strict=True))
_MANY = dict(zip(VERBS, ("", "", "y", "are", "were", "have", "do"), strict=True))


def _pronoun(he: str, him: str, his: str, verbs: dict[str, str]) -> Slots:
    plain = {"he": he, "him": him, "his": his, **{f"he_{verb}": f"{he} {verbs[verb]}" for verb in ("is", "has", "was")}}
    return {**plain, **{slot.capitalize(): text.capitalize() for slot, text in plain.items()}}


_PRONOUNS = {
    "he": _pronoun("he", "him", "his", _ONE),
    "she": _pronoun("she", "her", "her", _ONE),
    "they": _pronoun("they", "them", "their", _MANY),
}

_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")
_DAYS = [(day, month) for month in range(1, 13) for day in range(1, 29)]
_DATES = (
    [f"{day:02d}/{month:02d}" for day, month in _DAYS],
    [f"{day}.{month}" for day, month in _DAYS],
    [f"{day} {_MONTHS[month - 1]}" for day, month in _DAYS],
    [
        f"{day}{'st' if day in (1, 21) else 'nd' if day in (2, 22) else 'rd' if day in (3, 23) else 'th'} {_MONTHS[month - 1][:3]}"
        for day, month in _DAYS
    ],
    [f"the {day}{'st' if day in (1, 21) else 'nd' if day in (2, 22) else 'rd' if day in (3, 23) else 'th'}" for day, month in _DAYS],
)
"""Without a year: a note must not contradict the event that carries it."""


class Pen:
    """Draws words, people and dates. A person keeps their identity through the note, and is called by changing words."""

    def __init__(self, bank: Bank, names: Names, style: Style, rng: random.Random) -> None:
        self.draw = rng.random
        self._bank = bank
        self._style = style
        self._habit = 1 + (self.draw() < 0.5)  # which of two abbreviations this worker likes
        self._dates = self.one_of(_DATES)
        self._day = int(self.draw() * len(_DAYS))
        self._characters: dict[Experiencer, tuple[Character, Slots]] = {}
        self._cursors: dict[str, list[int]] = {}
        sibling = self.one_of(names.siblings) if names.siblings else None
        self.lacking = (
            (0 if names.mother else MOTHER)
            | (0 if names.father else FATHER)
            | (0 if names.partner else PARTNER)
            | (0 if sibling else SIBLING)
            | (0 if names.school else SCHOOL)
            | (BORN if names.child.lower().startswith("unborn") else 0)
        )
        self._pronoun = names.child_pronoun if names.child_pronoun in _PRONOUNS else "they"
        hurried = self.draw() < style.shorthand
        self._base: Slots = {
            **_PRONOUNS[self._pronoun],
            "child": names.child,
            "child_name": names.child,
            "mother_name": names.mother or "mother",
            "father_name": names.father or "father",
            "partner_name": names.partner or "the partner",
            "sibling_name": sibling or "the sibling",
            "school_name": names.school or "school",
            "school": names.school or "school",
            "worker": names.worker,
            "mum": "Mo" if hurried else (names.mother or "mother") if self.draw() < 0.6 else "mum",
            "dad": "Fa" if hurried else (names.father or "father") if self.draw() < 0.6 else "dad",
        }

    def one_of(self, options: Sequence[T]) -> T:
        return options[int(self.draw() * len(options))]

    def chance(self, share: float) -> bool:
        return self.draw() < share

    def manner(self) -> int:
        """Which form the next sentence takes: 0 to 2 in full, 3 to 5 telegraphic; 1, 2, 4 and 5 in shorthand."""
        telegraphic = 3 if self.draw() < self._style.telegraphic else 0
        return telegraphic + (self._habit if self.draw() < self._style.shorthand else 0)

    def about(self, whose: Experiencer, manner: int) -> Slots:
        """The slots of a sentence about this person, called by one of their names."""
        known = self._characters.get(whose)
        character, slots = known if known else self._meet(whose)
        if manner % 3:
            who = self._existing(character.short, slots)
        else:
            named = self._existing(character.named, slots) if character.named else ""
            who = named or self._existing(character.plain, slots)
        bare = flat = who
        if who[-1] == ")":  # "mum (Kelly)" is "mum's", and within brackets "mum, Kelly"
            bare, flat = who.partition(" (")[0], who[:-1].replace(" (", ", ")
        whose_ = bare + ("'" if bare[-1] == "s" else "'s")
        slots["who"], slots["who_flat"], slots["whose"] = who, flat, whose_
        slots["Who"], slots["Whose"] = who[0].upper() + who[1:], whose_[0].upper() + whose_[1:]
        return slots

    def say(self, wording: Wording, slots: Slots, manner: int, lead: str = "") -> str:
        pattern, pick, draws, capital = wording.forms[manner]
        if pick is not None:
            draw = self.draw
            for slot, options in draws:
                slots[slot] = options[int(draw() * len(options))] if options else self._next_date()
            pattern %= pick(slots)
        if lead:
            return lead + (pattern if capital else pattern[0].lower() + pattern[1:])
        return pattern[0].upper() + pattern[1:] if capital else pattern

    def mention(self, wording: Wording, slots: Slots, manner: int) -> str:
        """Say it within a sentence: a slot at its start gets no capital."""
        pattern, pick, draws, _ = wording.forms[manner]
        slots.update((slot, self.one_of(options)) for slot, options in draws)
        return pattern % pick(slots) if pick else pattern

    def tell(self, saying: Saying, wording: Wording, lead: str = "") -> str:
        """Say a mention in one wording, in a manner of its own."""
        manner = self.manner()
        return self.say(wording, self.about(saying.whose, manner), manner, lead)

    def name(self, nouns: Sequence[Manners], manner: int) -> str:
        return self.one_of(nouns)[manner % 3]

    def suit(self, category: str) -> str:
        """What is written instead about a child who cannot talk yet: toddlers have no favourite lesson."""
        if category not in ("child_views", "daily_life") or not self.lacking & (SCHOOL | BORN):
            return category
        return "unborn" if self.lacking & BORN else "small_child"

    def pass_time(self, category: str) -> tuple[str, int]:
        """The next neutral sentence of a category and its words; nothing once all are used or none fits this family."""
        filler = self._bank.filler[category]
        cursor = self._cursors.get(category)
        if cursor is None:
            cursor = self._cursors[category] = [
                int(self.draw() * len(filler.wordings)),
                self.one_of(filler.strides),
                len(filler.wordings),
            ]
        place, stride, left = cursor
        while left:
            wording = filler.wordings[place]
            place = (place + stride) % len(filler.wordings)
            left -= 1
            if not wording.needs & self.lacking:
                cursor[0], cursor[2] = place, left
                return self.say(wording, self._base, self.manner()), wording.words
        cursor[2] = 0
        return "", 0

    def _next_date(self) -> str:
        self._day = (self._day + 1 + int(self.draw() * 6)) % len(_DAYS)
        return self._dates[self._day]

    def _meet(self, whose: Experiencer) -> tuple[Character, Slots]:
        character = self.one_of(self._bank.people[whose])
        slots = {**self._base, **_PRONOUNS[character.pronoun or self._pronoun], **(_MANY if character.many else _ONE)}
        slots["perp"] = self._existing(character.hurt_by, slots) or "an adult"
        self._characters[whose] = character, slots
        return character, slots

    def _existing(self, ways: Sequence[Wording], slots: Slots) -> str:
        """One of several ways to name somebody that needs no name which this family lacks; empty if there is none."""
        start = int(self.draw() * len(ways))
        for step in range(len(ways)):
            wording = ways[(start + step) % len(ways)]
            if not wording.needs & self.lacking & ~BORN:
                pattern, pick, _, _ = wording.forms[0]
                return pattern % pick(slots) if pick else pattern
        return ""
