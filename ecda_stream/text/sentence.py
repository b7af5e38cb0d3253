"""One sentence as the rules see it: its words, its mentions, its cues and its people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ecda_stream.text.lexicon import PEOPLE, ROLES, SCOPED, Heading
from ecda_stream.text.matcher import Hit


class Span(NamedTuple):
    """Tokens [start, end) of a sentence that are a phrase of the lexicon; name is its concept, cue group or kind of person."""

    start: int
    end: int
    kind: str
    name: str
    phrase: str

    @property
    def cue(self) -> str:
        """The identity of the cue: group and phrase."""
        return f"{self.name}/{self.phrase}"


@dataclass(frozen=True)
class Sentence:
    """Normalised words with the spans among them; mentions do not overlap, and no cue lies on a mention."""

    words: Sequence[str]
    mentions: tuple[Span, ...]
    cues: dict[str, list[Span]]
    people: tuple[Span, ...]
    inner: tuple[Span, ...]
    heading: Heading
    answer: bool | None
    breaks: tuple[int, ...] = field(default=())

    def parted(self, left: int, right: int) -> bool:
        """Whether a clause ends between two token positions."""
        return any(left <= at < right for at in self.breaks)


_BE_AND_HAVE = ("is", "was", "has", "had", "does", "did", "are", "were", "have", "will", "would", "can", "also")
_SUBJECT_VERBS = frozenset((*_BE_AND_HAVE, "reports", "said", "states", "continues", "remains", "uses", "drinks", "suffers"))


def sentence_of(words: Sequence[str], hits: Iterable[Hit], heading: Heading, answer: bool | None) -> Sentence:
    """Settle which phrases count: a blocker or a longer phrase silences what lies under it."""
    spans = [Span(h.start, h.end, role.kind, role.name, h.phrase) for h in hits for role in h.roles]
    blockers = [span for span in spans if span.kind == "blocker"]
    wanted = [s for s in spans if s.kind in ("concept", "topic", "act") and not any(_blocks(b, s) for b in blockers)]
    mentions = tuple(sorted(_apart(wanted)))
    scoped = [s for s in spans if s.kind == "cue" and s.name in SCOPED and not any(_overlap(s, m) for m in mentions)]
    loose = [s for s in spans if s.kind == "cue" and s.name in ROLES and not any(_overlap(s, m) for m in mentions)]
    cues: dict[str, list[Span]] = {name: [] for name in (*SCOPED, *ROLES)}
    for span in sorted([*_longest(scoped), *loose]):
        cues[span.name].append(span)
    people = tuple(sorted(_apart(s for s in spans if s.kind == "person" and s.name in PEOPLE)))
    outer = tuple(p for p in people if not any(_overlap(p, m) for m in mentions))
    inner = tuple(p for p in people if any(_overlap(p, m) for m in mentions))
    breaks = (*(span.start for span in cues["terminator"]), *_new_subjects(words, outer))
    return Sentence(words, mentions, cues, outer, inner, heading, answer, breaks)


def _overlap(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def _blocks(blocker: Span, span: Span) -> bool:
    if blocker.name == "followed_by":
        return blocker.start == span.end
    if blocker.name == "preceded_by":
        return blocker.end == span.start
    return _overlap(blocker, span) and blocker.end - blocker.start >= span.end - span.start


def _longest(spans: Iterable[Span]) -> list[Span]:
    """Drop a span that lies inside a longer one; those on the same tokens, and those that only overlap, stay."""
    result: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.start, -s.end, s.name)):
        if not any(k.end >= span.end and k[:2] != span[:2] for k in result if span.start < k.end):
            result.append(span)
    return result


def _apart(spans: Iterable[Span]) -> list[Span]:
    """Keep the longest of overlapping spans, the first of equally long ones."""
    taken: set[int] = set()
    result = []
    for span in sorted(spans, key=lambda s: (s.start - s.end, s.start, s.name)):
        if taken.isdisjoint(range(span.start, span.end)):
            taken.update(range(span.start, span.end))
            result.append(span)
    return result


def _new_subjects(words: Sequence[str], people: Iterable[Span]) -> list[int]:
    """Return where a comma or an "and" opens a clause with its own subject: "no neglect and mother is depressed"."""
    found = []
    for person in people:
        before = person.start - 1
        if before > 0 and words[before] in ("the", "her", "his", "their"):
            before -= 1
        if before > 0 and words[before] in ("and", ",", "-") and set(words[person.end : person.end + 2]) & _SUBJECT_VERBS:
            found.append(before)
    return found
