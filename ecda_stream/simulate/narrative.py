"""Casework notes that say exactly what they are asked to say, the way people in a hurry write it.

Written without sight of the reader that will read them: a part of what they say will not be understood.
That share is measured elsewhere.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from ecda_stream.simulate.bank import Bank, Layout, Saying
from ecda_stream.simulate.load_bank import load_bank
from ecda_stream.simulate.pen import Pen
from ecda_stream.simulate.side_by_side import Tables, list_together
from ecda_stream.simulate.slips import mistype
from ecda_stream.simulate.style import Kind, Mention, Names, Status, Style
from ecda_stream.simulate.wording import Wording

__all__ = ["Kind", "Mention", "Names", "Status", "Style", "settle", "write_note"]

BRIEF = 0.06  # notes of two lines, with no headings; an assessment is never one
SAID_TWICE = 0.12
LED_IN = 0.18
LISTED = {"current": 0.35, "past": 0.4, "denied": 0.65, "possible": 0.35}
TABLED = {"current": 0.2, "past": 0.35, "denied": 0.45, "possible": 0.3}
"""How often concerns of one status stand under a heading or in a form of their own."""

BULLETS = ("- ", "• ", "* ", "– ", "-")
HEADINGS = ("{}", "{}:", "{}:", "{} -")

Told = tuple[Saying, Status]


def settle(mention: Mention) -> Mention:
    """The mention as it will be written: school attendance of a mother, say, is told of the child."""
    saying = load_bank().sayings[mention.concept, mention.status, mention.whose]
    return Mention(mention.concept, mention.status, saying.whose)


def write_note(kind: Kind, mentions: Sequence[Mention], names: Names, style: Style, rng: random.Random) -> str:
    """Write one note. The same state of rng gives the same note; `style.typos` is the share of words mistyped, drawn last."""
    bank = load_bank()
    pen = Pen(bank, names, style, rng)
    told: list[Told] = [(bank.sayings[m.concept, m.status, m.whose], m.status) for m in mentions]
    if kind != "assessment" and pen.chance(BRIEF):
        sentences = [pen.pass_time("brief")[0], *(_tell(bank, pen, saying) for saying, _ in told)]
        text = (" " if pen.chance(0.7) else "\n").join(sentences)
    else:
        text = _Draft(kind, bank, pen, style).write(told)
    return mistype(text, style.typos, bank.misspellings, rng.random) if style.typos > 0 else text


def _tell(bank: Bank, pen: Pen, saying: Saying, wording: Wording | None = None) -> str:
    wording = wording or pen.one_of(saying.wordings)
    if wording.leads and pen.chance(LED_IN):
        lead = pen.say(pen.one_of(bank.shared.lead_ins), pen.about("child", 0), 0)
        return pen.tell(saying, wording, lead)
    return pen.tell(saying, wording)


class _Draft:
    """A note in the making: a list of sentences for each section of its layout."""

    def __init__(self, kind: Kind, bank: Bank, pen: Pen, style: Style) -> None:
        self._bank = bank
        self._pen = pen
        self._style = style
        shape = bank.shapes[kind]
        self._layout: Layout = pen.one_of(shape.layouts)
        self._target = (shape.fewest_words + pen.draw() * (shape.most_words - shape.fewest_words)) * style.length
        self._sections: list[list[str]] = [[] for _ in self._layout.sections]
        self._opened = [0] * len(self._sections)
        self._tables = Tables(bank.shared, pen)
        self._words = 0

    def write(self, told: Sequence[Told]) -> str:
        self._open()
        sentences = self._share(told)
        self._words += 13 * len(sentences)
        self._fill()
        for saying, text in sentences:
            self._place(saying, text)
        return self._assemble()

    def _open(self) -> None:
        for place, section in enumerate(self._layout.sections):
            for category in section.opens:
                self._add(place, category)
            self._opened[place] = len(self._sections[place])

    def _add(self, place: int, category: str) -> bool:
        if category == "opening":
            text = ""
            while not text:
                text, words = self._pen.pass_time(self._pen.one_of(self._bank.openings))
        else:
            text, words = self._pen.pass_time(self._pen.suit(category))
        if text:
            self._sections[place].append(text)
            self._words += words
        return bool(text)

    def _share(self, told: Sequence[Told]) -> list[tuple[Saying, str]]:
        """Decide what is told in a form, under a heading, or in a list with one cue; the rest, and some of it again, in sentences."""
        pen, single, sentences = self._pen, list[Saying](), list[tuple[Saying, str]]()
        groups: dict[Status, list[Saying]] = {}
        for saying, status in told:
            if saying.concern:
                groups.setdefault(status, []).append(saying)
            else:
                single.append(saying)
        for status, group in groups.items():
            if self._style.headings and pen.chance(TABLED[status]):
                self._tables.add(status, group)
                single += [saying for saying in group if pen.chance(SAID_TWICE)]
            elif len(group) > 1 and pen.chance(LISTED[status]):
                size = 2 + int(pen.draw() * (len(group) - 1))
                sentences.append((group[0], list_together(self._bank.shared, pen, status, group[:size])))
                single += group[size:]
            else:
                single += group
        for saying in single:
            wordings = saying.wordings
            first = int(pen.draw() * len(wordings))
            sentences.append((saying, _tell(self._bank, pen, saying, wordings[first])))
            if pen.chance(SAID_TWICE):
                other = wordings[(first + 1 + int(pen.draw() * (len(wordings) - 1))) % len(wordings)]
                lead = pen.one_of(self._bank.shared.again) if other.leads else ""
                sentences.append((saying, pen.tell(saying, other, lead)))
        return sentences

    def _fill(self) -> None:
        """Add neutral sentences, section by section, until the note is as long as it should be."""
        ways = list(self._layout.fillable)
        place = int(self._pen.draw() * len(ways)) if ways else 0
        while ways and self._words < self._target:
            place %= len(ways)
            if self._add(*ways[place]):
                place += 1
            else:
                del ways[place]

    def _place(self, saying: Saying, text: str) -> None:
        section = self._pen.one_of(self._layout.places[saying.role])
        sentences = self._sections[section]
        opened = self._opened[section]
        sentences.insert(opened + int(self._pen.draw() * (len(sentences) - opened + 1)), text)

    def _assemble(self) -> str:
        pen, style = self._pen, self._style
        bullet, pattern, shout = pen.one_of(BULLETS), pen.one_of(HEADINGS), pen.chance(0.15)
        blocks = []
        for section, sentences in zip(self._layout.sections, self._sections, strict=True):
            if not sentences:
                continue
            listed = style.bullets and len(sentences) > 1 and pen.chance(0.8)
            body = bullet + f"\n{bullet}".join(sentences) if listed else " ".join(sentences)
            if style.headings:
                body = f"{_head(pattern, pen.one_of(section.headings), shout)}\n{body}"
            blocks.append(body)
        for heading, lines, marked in self._tables.parts:
            table = "\n".join([_head(pattern, heading, shout), *(lines if marked else [bullet + line for line in lines])])
            blocks.insert(1 + int(pen.draw() * len(blocks)), table)
        if style.headings:
            return ("\n\n" if pen.chance(0.5) else "\n").join(blocks)
        return pen.one_of(("\n", "\n\n") if style.bullets else (" ", "\n", "\n\n")).join(blocks)


def _head(pattern: str, heading: str, shout: bool) -> str:
    heading = heading if heading.endswith("?") else pattern.format(heading)
    return heading.upper() if shout else heading
