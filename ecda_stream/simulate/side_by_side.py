"""Several concerns told together: in a sentence with one cue, under a heading that carries their status, in a form."""

from __future__ import annotations

from collections.abc import Sequence

from ecda_stream.simulate.bank import Saying, Shared
from ecda_stream.simulate.pen import Pen
from ecda_stream.simulate.style import Status


def list_together(shared: Shared, pen: Pen, status: Status, group: Sequence[Saying]) -> str:
    """One sentence for all of a group; each concern is told with its person unless all are of one person."""
    listing = shared.lists[status]
    one_person = len({saying.whose for saying in group}) == 1
    wording = pen.one_of(listing.about_one if one_person else listing.about_each)
    manner = pen.manner()
    if "<theirs>" in wording.source:
        slot, items = (
            "theirs",
            [pen.mention(pen.one_of(saying.nouns.theirs), pen.about(saying.whose, manner), manner % 3) for saying in group],
        )
    elif "<topics>" in wording.source:
        slot, items = "topics", [pen.name(saying.nouns.topics, manner) for saying in group]
    else:
        slot, items = "problems", [pen.name(saying.nouns.problems, manner) for saying in group]
    slots = pen.about(group[0].whose, manner)
    slots[slot] = ", ".join(items[:-1]) + f" {listing.join} " + items[-1]
    return pen.say(wording, slots, manner)


class Tables:
    """The parts of a note that are no sentences: headed lists, and at most one form, which is filled in one way."""

    def __init__(self, shared: Shared, pen: Pen) -> None:
        self._shared = shared
        self._pen = pen
        self._form: list[str] = []
        self._boxes = pen.one_of(shared.boxes) if pen.chance(0.5) else None
        self.parts: list[tuple[str, list[str], bool]] = []
        """Heading, lines, and whether the lines bring marks of their own."""

    def add(self, status: Status, group: Sequence[Saying]) -> None:
        if self._pen.chance(0.5):
            items = [self._name(saying) for saying in group]
            self.parts.append(
                (self._pen.one_of(self._shared.headings[status]), items if self._pen.chance(0.6) else [", ".join(items)], False)
            )
            return
        if not self._form:
            self.parts.append((self._pen.one_of(self._shared.forms), self._form, self._boxes is not None))
        self._form += [self._answer(status, self._name(saying)) for saying in group]

    def _answer(self, status: Status, item: str) -> str:
        answer, item = self._pen.one_of(self._shared.answers[status]), item[0].upper() + item[1:]
        if self._boxes is None:
            return f"{item}: {answer}"
        box = self._boxes[status == "denied"]  # an empty box says no; what is past or possible is ticked and explained
        return f"{box} {item}" if status in ("current", "denied") else f"{box} {item} - {answer}"

    def _name(self, saying: Saying) -> str:
        manner = self._pen.manner()
        who = self._pen.about(saying.whose, manner)["who_flat"]
        return f"{self._pen.name(saying.nouns.topics, manner)} ({who})"
