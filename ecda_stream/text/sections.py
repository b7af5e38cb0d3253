"""The shape of a note: headings, bullets, tick boxes, answers and sentences, as stretches with what their shape says of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ecda_stream.text.lexicon import BODY, Heading, Lexicon
from ecda_stream.text.plain import pieces

LONGEST_SENTENCE = 1000
"""Characters. Longer ones are cut: every cue is weighed against every mention of its sentence, so length must be bounded."""

WRAPPED = 50
"""Characters a line has at least before a lower-case line after it counts as its continuation."""


@dataclass(frozen=True)
class Stretch:
    """One sentence or form entry at [start, end), its heading, and True or False where a box or an answer decides it."""

    start: int
    end: int
    heading: Heading
    answer: bool | None = None


_BULLET = re.compile(r"[ \t]*(?:[-*•·▪◦‣>+o]|\d{1,2}[.)]|[a-z][.)])[ \t]+")
_BOX = re.compile(r"\[ ?[xX✓✔yY]? ?\]|\( ?[xX✓✔ ] ?\)|[☐☑☒□■✓✔✗✘]")
_TICKED = re.compile(r"[xXyY✓✔☑☒■]")
_YES_NO = re.compile(r"(?:^|\W)(yes|no|y|n)\W*$", re.IGNORECASE)
_END = re.compile(r"[.!?]+[\"')\]]*(?=\s)|;|(?<=[a-z][a-z])\.(?=[A-Z])")
_ABBREVIATED = re.compile(r"(?:\b(?:mr|mrs|ms|dr|st|prof|approx|e\.g|i\.e|etc|re|no|vs|yrs|\w))\.$", re.IGNORECASE)


class Layout:
    """Splits plain text by the headings, answers and list-opening cues of a lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._headings = lexicon.headings
        self._answers = lexicon.answers
        words = "|".join(sorted(map(re.escape, lexicon.answers), key=lambda word: (-len(word), word)))
        self._answer = re.compile(rf"(?:[:?]| -)[ ]?({words})(?=\s*(?:$|[.,;|(\n]|- ))", re.IGNORECASE)
        self._last_word = re.compile(rf"\s({words})\s*$", re.IGNORECASE)
        self._openers = {
            "negated": (*lexicon.cues["negation_before"], *lexicon.cues["denial_before"]),
            "historical": lexicon.cues["history_before"],
            "hypothetical": lexicon.cues["hypothetical_before"],
        }

    def split(self, text: str) -> Iterator[Stretch]:
        """Yield the stretches of a plain text in order; together they hold every character outside headings."""
        block = current = BODY
        opened = ""
        for start, end in _lines(text):
            line = text[start:end]
            if not line.strip():
                current = block
                continue
            bullet = _BULLET.match(line)
            if opened and not bullet:
                current, opened = block, ""
            title, rest = self._title(line)
            heading = self._headings.get(title)
            if heading and (rest or heading.status != "negated" or line.rstrip().endswith(":")):
                current = heading
                if rest >= len(line.rstrip(" *_#")):
                    block = heading
                    continue
                start, line = start + rest, line[rest:]
            elif line.rstrip(" *_").endswith(":") and len(line) < 90:
                block = BODY if not bullet else block
                opened = self._opens(line)
                current = replace(block, status=opened) if opened else block
            for piece in self._entries(line):
                moved = Stretch(start + piece.start, start + piece.end, current, piece.answer)
                yield from _sentences(text, moved)

    def _title(self, line: str) -> tuple[str, int]:
        """Return a possible title in lower case and where the text after it begins."""
        colon = line.find(":", 0, 70)
        title = line[: colon if colon > 0 else 70]
        if colon <= 0 and len(line) > 70:
            return "", 0
        title = re.sub(r"^[\W\d_]+|[\W_]+$", "", title).replace("&", "and").lower()
        return title, colon + 1 if colon > 0 else len(line)

    def _opens(self, line: str) -> str:
        """Return the status a line such as "There is no evidence of:" gives the bullets after it."""
        lead = re.sub(r"(?: any)?(?: of)?(?: the)? following$", "", line.strip(" :*_").lower())
        ends = (status for status, phrases in self._openers.items() if any(f" {lead}".endswith(f" {p}") for p in phrases))
        return next(ends, "")

    def _entries(self, line: str) -> Iterator[Stretch]:
        boxes = list(_BOX.finditer(line))
        yield from _boxed(line, boxes) if boxes else self._answered(line)

    def _answered(self, line: str) -> Iterator[Stretch]:
        done = 0
        for found in self._answer.finditer(line):
            opening = max(line.rfind(mark, done, found.start()) for mark in ".;|\n") + 1
            opening = max(opening, done)
            yield Stretch(done, opening, BODY)
            yield Stretch(opening, found.start(), BODY, self._answers[found[1].lower()])
            done = found.end()
        last = self._last_word.search(line)
        if done == 0 and last and len(line.split()) <= 5 and line.count(" ") >= 1:
            yield Stretch(0, last.start(), BODY, self._answers[last[1].lower()])
        else:
            yield Stretch(done, len(line), BODY)


def _lines(text: str) -> Iterator[tuple[int, int]]:
    """Yield the lines, hard-wrapped ones joined."""
    start = 0
    begun: int | None = None
    for line in text.split("\n"):
        end = start + len(line)
        follows = end + 1 < len(text) and text[end + 1].islower()
        first = start if begun is None else begun
        if len(line) >= WRAPPED and follows and line.rstrip()[-1:] not in ".!?:;" and end - first < LONGEST_SENTENCE:
            begun = first
        else:
            yield first, end
            begun = None
        start = end + 1


def _boxed(line: str, boxes: list[re.Match[str]]) -> Iterator[Stretch]:
    """Yield form entries. A box stands before its label, after it, or before or after a yes and a no."""
    ticked = [bool(_TICKED.search(box[0])) for box in boxes]
    starts = [box.start() for box in boxes] + [len(line)]
    ends = [0] + [box.end() for box in boxes]
    after = [line[box.end() : start].strip(" .,;|/:").lower() for box, start in zip(boxes, starts[1:], strict=True)]
    label = line[: starts[0]].strip(" -*•\t")
    if label and all(word in ("yes", "no", "y", "n") for word in after):
        yield Stretch(0, starts[0], BODY, any(tick and word in ("yes", "y") for tick, word in zip(ticked, after, strict=True)))
    elif not label:
        for index, tick in enumerate(ticked):
            yield Stretch(ends[index + 1], starts[index + 1], BODY, tick)
    else:
        yield from _labelled_before(line, starts, ends, ticked)


def _labelled_before(line: str, starts: list[int], ends: list[int], ticked: list[bool]) -> Iterator[Stretch]:
    waiting: Stretch | None = None
    for index, tick in enumerate(ticked):
        text = line[ends[index] : starts[index]]
        word = _YES_NO.search(text)
        yes = word is not None and word[1].lower() in ("yes", "y")
        if waiting and word and not text[: word.start(1)].strip(" /|,"):
            waiting = replace(waiting, answer=yes) if tick else waiting
            continue
        if waiting:
            yield waiting
        label_end = ends[index] + word.start(1) if word else starts[index]
        waiting = Stretch(ends[index], label_end, BODY, tick and yes if word else tick)
    if waiting:
        yield waiting
    yield Stretch(ends[-1], len(line), BODY)


def _sentences(text: str, stretch: Stretch) -> Iterator[Stretch]:
    start = stretch.start
    if stretch.answer is None:
        for found in _END.finditer(text, stretch.start, stretch.end):
            if found[0] == "." and _ABBREVIATED.search(text, max(start, found.end() - 8), found.end()):
                continue
            yield from _bounded(text, stretch, start, found.end())
            start = found.end()
    yield from _bounded(text, stretch, start, stretch.end)


def _bounded(text: str, stretch: Stretch, start: int, end: int) -> Iterator[Stretch]:
    for first, last in pieces(text, start, end, LONGEST_SENTENCE):
        if last > first:
            yield replace(stretch, start=first, end=last)
