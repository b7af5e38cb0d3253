"""A sentence of the bank, compiled once in each manner it may be written in: in full, in shorthand, telegraphic, or both."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

SLOT = re.compile(r"<(\w+)>")

MOTHER, FATHER, PARTNER, SIBLING, SCHOOL, BORN = 1, 2, 4, 8, 16, 32
NEEDS = {
    "mum": MOTHER,
    "mother_name": MOTHER,
    "dad": FATHER,
    "father_name": FATHER,
    "partner_name": PARTNER,
    "sibling_name": SIBLING,
    "school_name": SCHOOL,
    "child": BORN,
    "he": BORN,
    "him": BORN,
    "his": BORN,
}
"""Who must exist before neutral filler may speak of them, by slot."""

_ARTICLES = re.compile(r"\b(?:the|an|a) (?!few\b|lot\b|bit\b|little\b|number\b|time\b)", re.IGNORECASE)
_OPENERS = re.compile(r"^(?:There (?:is|are|was|were) |It (?:is|was) (?=\w+ed )|I (?=\w+ed )|We (?=\w+ed ))")


class Form(NamedTuple):
    """One way of writing a sentence: a %-pattern, what picks its values, and which slots are drawn afresh."""

    pattern: str
    pick: Callable[[Mapping[str, str]], Any] | None
    draws: tuple[tuple[str, tuple[str, ...]], ...]
    capital: bool


class Wording(NamedTuple):
    """A sentence with its six forms: in full or telegraphic, each written out, in the first shorthand or in the last."""

    source: str
    forms: tuple[Form, ...]
    words: int
    needs: int
    leads: bool
    """Whether it can follow "School reported that"."""


class Compiler:
    """Knows every slot and every abbreviation; collects what is wrong instead of stopping at the first fault."""

    def __init__(self, slots: set[str], lists: Mapping[str, tuple[str, ...]], shorthand: Mapping[str, Sequence[str]]) -> None:
        self._known = slots | set(lists)
        self._lists = lists
        self._short = {long.lower(): tuple(shorts) for long, shorts in shorthand.items()}
        longest_first = "|".join(sorted(map(re.escape, self._short), key=len, reverse=True))
        self._long = re.compile(rf"<\w+>|\b(?:{longest_first})\b(?!')" if longest_first else r"<\w+>", re.IGNORECASE)
        self.faults: list[str] = []

    def compile(self, source: str, where: str) -> Wording:
        """Compile a sentence; an unknown slot is a fault of the place it stands in."""
        slots = SLOT.findall(source)
        self.faults += [f"{where}: unknown slot <{slot}>" for slot in slots if slot not in self._known]
        if re.search(r"[<>{}]", SLOT.sub("", source)):
            self.faults.append(f"{where}: a bracket that closes no slot in {source!r}")
        flat = source.replace("(<who>)", "(<who_flat>)")
        texts = [text for base in (flat, _telegraph(flat)) for text in (base, self.shorten(base, 0), self.shorten(base, -1))]
        needs = 0
        for slot in slots:
            needs |= NEEDS.get(slot, 0)
        leads = source.startswith(("<who> ", "<whose> ", "There ", "The ", "No ")) and " - " not in source and source.endswith(".")
        return Wording(source, tuple(map(self._form, texts)), len(source.split()), needs, leads)

    def shorten(self, text: str, which: int) -> str:
        """Write long words as a hurried worker would, leaving slots alone."""

        def abbreviate(found: re.Match[str]) -> str:
            long = found.group()
            if long.startswith("<"):
                return long
            short = self._short[long.lower()][which]
            return short[0].upper() + short[1:] if long[0].isupper() else short

        return self._long.sub(abbreviate, text)

    def _form(self, text: str) -> Form:
        slots = SLOT.findall(text)
        pattern = SLOT.sub("%s", text.replace("%", "%%"))
        if not slots:
            return Form(pattern.replace("%%", "%"), None, (), False)
        draws = tuple((slot, self._lists[slot]) for slot in dict.fromkeys(slots) if slot in self._lists)
        return Form(pattern, itemgetter(*slots), draws, text.startswith("<"))


def _telegraph(source: str) -> str:
    """Drop articles, the verb after the subject, and openings such as "There is"."""
    text = _ARTICLES.sub("", _OPENERS.sub("", source))
    if text.startswith("<who> <is> "):
        link = "- " if len(text) % 2 else ""
        text = "<who> " + link + text.removeprefix("<who> <is> ")
    text = text.replace(" <has> been ", " been ").replace(" <is> being ", " being ")
    return text if text.startswith("<") else text[0].upper() + text[1:]
