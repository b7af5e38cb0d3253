"""Negated, historical, hypothetical, certain: which cues reach a mention.

A trigger-and-scope reading after NegEx (Chapman et al. 2001, J Biomed Inform 34:301-310) and ConText (Harkema et al. 2009, J Biomed
Inform 42:839-851), with rules of casework on top: an uncontradicted denial is a negation that stays uncertain, what has ceased is
history and not negated, and what is only a risk is hypothetical.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from ecda_stream.contract.finding import Certainty
from ecda_stream.text.lexicon import Lexicon
from ecda_stream.text.sentence import Sentence, Span

LONG, SHORT, HYPOTHETICAL, UNCERTAIN, HISTORY, AFTER, CEASED = 28, 6, 16, 10, 12, 8, 6
"""Reach of a cue in tokens, by kind of cue."""

_LISTING = frozenset((",", "or", "nor", "and", "&", "/", "-", "any", "the"))
_SEPARATORS = frozenset((":", "-", "(", "?", "=", "."))
_ADJECTIVES = frozenset(("previous", "prior", "past", "historic", "historical", "old", "childhood"))
_OWN_CHILDHOOD = ("child", "younger", "growing up", "youth", "teenager", "young")


@dataclass(frozen=True)
class Status:
    """The statuses of a mention and the cues that decided them."""

    negated: bool
    historical: bool
    hypothetical: bool
    certainty: Certainty
    cues: tuple[str, ...]


class Scope:
    """Decides statuses by the cues of a lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._bridges = frozenset(lexicon.cues["not_bridges"])
        self._stops = frozenset(lexicon.cues["no_stops"])

    def status(self, sentence: Sentence, mention: Span) -> Status:
        """Return the statuses of one mention of a sentence; cues inside the mention never count."""
        if sentence.answer is not None:
            return self._answered(sentence, mention, sentence.answer)
        denial = self._denial(sentence, mention)
        contradiction = _contradicted(sentence, mention, denial) if denial else None
        ceased = self._ceased(sentence, mention)
        negation = self._negation(sentence, mention)
        if negation and negation.name == "negation_verb" and _since(sentence, mention):
            ceased, negation = negation, None
        if negation and not (denial and not contradiction):
            return Status(True, False, False, "certain", (negation.cue,))
        if denial and not contradiction:
            return Status(True, False, False, "uncertain", (denial.cue,))
        if sentence.heading.status == "negated":
            return Status(True, False, False, "certain", ("heading/negated",))
        past = ceased.cue if ceased else self._past(sentence, mention)
        future = None if past else self._future(sentence, mention)
        doubt = self._doubt(sentence, mention)
        used = [cue for cue in (contradiction.cue if contradiction else None, past, future, doubt) if cue]
        return Status(False, bool(past), bool(future), "uncertain" if future or doubt else "certain", tuple(used))

    def _answered(self, sentence: Sentence, mention: Span, answer: bool) -> Status:
        if not answer:
            return Status(True, False, False, "certain", ("answer/no",))
        past = self._past(sentence, mention)
        future = None if past else self._future(sentence, mention)
        cues = tuple(cue for cue in ("answer/yes", past, future) if cue)
        return Status(False, bool(past), bool(future), "uncertain" if future else "certain", cues)

    def _negation(self, sentence: Sentence, mention: Span) -> Span | None:
        cues = sentence.cues
        for cue in reversed(cues["negation_before"]):
            if _reaches(sentence, cue, mention, LONG) and not _labels(sentence, cue):
                return cue
        for cue in reversed(cues["negation_short"]):
            if cue.end <= mention.start and not _labels(sentence, cue) and self._no_reaches(sentence, cue, mention):
                return cue
        for cue in reversed(cues["negation_verb"]):
            if cue.end <= mention.start and self._not_reaches(sentence, cue, mention):
                return cue
        for cue in cues["negation_after"]:
            if _belongs(sentence, mention, cue):
                return cue
        for cue in cues["negation_label"]:
            if _labels(sentence, cue) and _last_before(sentence, cue) == mention:
                return cue
        return _settled(sentence, mention) if mention.kind == "topic" else None

    def _no_reaches(self, sentence: Sentence, cue: Span, mention: Span) -> bool:
        """Whether "no" reaches the mention: over a few words, and along a list that holds other mentions."""
        steps, listed, at = 0, False, cue.end
        while at < mention.start:
            inside = next((m for m in sentence.mentions if m.start == at), None)
            word = sentence.words[at]
            if inside:
                at, steps, listed = inside.end, 0, True
                continue
            if word in self._stops or sentence.parted(at, at + 1) or (word in ("and", "&") and not listed):
                return False
            steps = 0 if word in _LISTING and listed else steps + 1
            if steps > SHORT:
                return False
            at += 1
        return True

    def _not_reaches(self, sentence: Sentence, cue: Span, mention: Span) -> bool:
        """Whether "not" reaches the mention: only over words such as "been" or "use", else another verb is what is denied."""
        at = cue.end
        if mention.start - cue.end > LONG:
            return False
        while at < mention.start:
            inside = next((m for m in sentence.mentions if m.start == at), None)
            if inside:
                at = inside.end
                continue
            if sentence.words[at] not in self._bridges or sentence.parted(at, at + 1):
                return False
            at += 1
        return True

    def _denial(self, sentence: Sentence, mention: Span) -> Span | None:
        for cue in reversed(sentence.cues["denial_before"]):
            if _reaches(sentence, cue, mention, LONG):
                return cue
        for cue in sentence.cues["denial_after"]:
            ahead = any(_reaches(sentence, cue, other, SHORT) for other in sentence.mentions)
            both = any(before[:2] == cue[:2] for before in sentence.cues["denial_before"])
            if _belongs(sentence, mention, cue) and not (both and ahead):
                return cue
        return None

    def _ceased(self, sentence: Sentence, mention: Span) -> Span | None:
        for cue in reversed(sentence.cues["cessation_before"]):
            if cue.end <= mention.start and self._ends(sentence, cue, mention):
                return cue
        return next((cue for cue in sentence.cues["cessation_after"] if _belongs(sentence, mention, cue)), None)

    def _ends(self, sentence: Sentence, cue: Span, mention: Span) -> bool:
        between = [m for m in sentence.mentions if cue.end <= m.start < mention.start]
        nearest = between[-1].end if between else cue.end
        listed = all(word in _LISTING for word in sentence.words[nearest : mention.start]) if between else True
        near = mention.start - nearest <= CEASED
        first = between[0].start - cue.end <= CEASED if between else True
        return listed and near and first and not sentence.parted(cue.end, mention.start)

    def _past(self, sentence: Sentence, mention: Span) -> str | None:
        held = sentence.cues["current"]
        now = any(not sentence.parted(min(c.end, mention.end), max(c.start, mention.start)) for c in held)
        for cue in reversed(sentence.cues["history_before"]):
            own = any(word in cue.phrase for word in _OWN_CHILDHOOD)
            reach = 3 if cue.phrase in _ADJECTIVES and not _listed(sentence, cue, mention) else HISTORY
            if _reaches(sentence, cue, mention, reach) and (own or not now):
                return cue.cue
        for cue in sentence.cues["history_after"]:
            own = any(word in cue.phrase for word in _OWN_CHILDHOOD)
            near = mention.end <= cue.start and cue.start - mention.end <= HISTORY
            if near and (own or not now) and not sentence.parted(mention.end, cue.start):
                return cue.cue
        if not now and _dated(sentence, mention):
            return "date/year"
        return "heading/historical" if sentence.heading.status == "historical" and not now else None

    def _future(self, sentence: Sentence, mention: Span) -> str | None:
        for cue in reversed(sentence.cues["hypothetical_before"]):
            if _reaches(sentence, cue, mention, HYPOTHETICAL):
                return cue.cue
        for cue in sentence.cues["hypothetical_after"]:
            if _belongs(sentence, mention, cue, 4):
                return cue.cue
        # "Continue to monitor" is how a plan speaks of what is to come.
        now = any(not cue.phrase.startswith("continue") for cue in sentence.cues["current"])
        default = sentence.heading.status == "hypothetical" and not now
        return "heading/hypothetical" if default else None

    def _doubt(self, sentence: Sentence, mention: Span) -> str | None:
        for cue in reversed(sentence.cues["uncertain_before"]):
            if _reaches(sentence, cue, mention, 1 if cue.phrase == "?" else UNCERTAIN):
                return cue.cue
        for cue in sentence.cues["uncertain_after"]:
            if _belongs(sentence, mention, cue):
                return cue.cue
        return None


def _reaches(sentence: Sentence, cue: Span, mention: Span, reach: int) -> bool:
    return 0 <= mention.start - cue.end <= reach and not sentence.parted(cue.end, mention.start)


def _listed(sentence: Sentence, cue: Span, mention: Span) -> bool:
    return any(cue.end <= other.start <= cue.end + 3 and other.end <= mention.start for other in sentence.mentions)


def _belongs(sentence: Sentence, mention: Span, cue: Span, reach: int = AFTER) -> bool:
    """Whether a cue after the mention speaks of it: nothing but a list of mentions lies between."""
    if cue.start < mention.end or sentence.parted(mention.end, cue.start):
        return False
    chain = [m for m in sentence.mentions if mention.start <= m.start < cue.start]
    joined = all(all(word in _LISTING for word in sentence.words[left.end : right.start]) for left, right in pairwise(chain))
    return joined and cue.start - chain[-1].end <= reach


def _last_before(sentence: Sentence, cue: Span) -> Span | None:
    return next((m for m in reversed(sentence.mentions) if m.end <= cue.start), None)


def _labels(sentence: Sentence, cue: Span) -> bool:
    """Whether the cue is the value of the mention before it: "Neglect - no concerns", "neglect (nil)"."""
    if not any(other[:2] == cue[:2] for other in sentence.cues["negation_label"]):
        return False
    before = _last_before(sentence, cue)
    if before is None:
        return False
    gap = sentence.words[before.end : cue.start]
    ended = cue.end >= len(sentence.words) or not sentence.words[cue.end][:1].isalnum() or cue.phrase.startswith("no ")
    return 0 < len(gap) <= 2 and all(word in _SEPARATORS for word in gap) and ended


def _settled(sentence: Sentence, topic: Span) -> Span | None:
    """Return the word that says all is well with a topic: "home conditions were clean"."""
    for cue in sentence.cues["settled"]:
        refused = bool({"not", "never", "no", "isn't", "wasn't", "less"} & set(sentence.words[max(0, cue.start - 3) : cue.start]))
        before = 0 <= topic.start - cue.end <= 1
        if not refused and (before or _belongs(sentence, topic, cue, 5)):
            return cue
    return None


def _contradicted(sentence: Sentence, mention: Span, denial: Span) -> Span | None:
    """Return what contradicts a denial in its own sentence; a confirmation of something else does not."""
    for cue in sentence.cues["contradiction"]:
        if not sentence.parted(0, max(denial.end, cue.start)):
            continue
        next_mention = next((m for m in sentence.mentions if m.start >= cue.end and m.start > mention.start), None)
        if next_mention is None or next_mention.name == mention.name or sentence.parted(cue.end, next_mention.start):
            return cue
    return None


def _since(sentence: Sentence, mention: Span) -> bool:
    return "since" in sentence.words[mention.end : mention.end + 4]


def _dated(sentence: Sentence, mention: Span) -> bool:
    """Whether a past year dates the mention. A day written in figures does not: it dates the record as often as the event."""
    words = sentence.words
    for at in _years(words):
        figures = at > 0 and words[at - 1] in ("/", ".", "-")
        open_ended = bool({"since", "from"} & set(words[max(0, at - 3) : at])) and "to" not in words[at : at + 2]
        low, high = min(at, mention.end), max(at, mention.start)
        if not figures and not open_ended and high - low <= 14 and not sentence.parted(low, high):
            return True
    return False


def _years(words: Iterable[str]) -> Iterable[int]:
    return (at for at, word in enumerate(words) if len(word) == 4 and word.isdecimal() and word[:2] in ("19", "20"))
