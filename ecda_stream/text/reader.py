"""A narrative in, mentions out."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator

from ecda_stream.text.lexicon import Lexicon
from ecda_stream.text.matcher import Hit, Matcher
from ecda_stream.text.mention import Mention
from ecda_stream.text.people import told_by_another, whose
from ecda_stream.text.plain import Plain
from ecda_stream.text.scope import Scope
from ecda_stream.text.sections import Layout, Stretch
from ecda_stream.text.sentence import Sentence, Span, sentence_of

BATCH = 20_000
"""Characters tokenised at once, about; bounds memory for a text of any size."""

_SOUGHT = frozenset(("concept", "topic", "act"))


class Reader:
    """Reads narratives with one lexicon; build it once, since building takes about half a second.

    Total and deterministic: any text gives mentions or none, the same each time, in time near linear in its length. Not
    thread-safe: one reader, one thread.
    """

    def __init__(self, lexicon: Lexicon) -> None:
        self.digest = lexicon.digest
        self._layout = Layout(lexicon)
        self._matcher = Matcher(lexicon)
        self._scope = Scope(lexicon)

    def read(self, text: str) -> tuple[Mention, ...]:
        """Return the mentions of a narrative, in order."""
        plain = Plain.of(text)
        batches = _batches(self._layout.split(plain.text))
        return tuple(mention for batch in batches for mention in self._read_batch(plain, batch))

    def _read_batch(self, plain: Plain, batch: list[Stretch]) -> Iterator[Mention]:
        offset = batch[0].start
        found = self._matcher.find(plain.text[offset : batch[-1].end].replace("\n", " "))
        for stretch, low, high, hits in _shared(batch, found.positions, found.hits, offset):
            sentence = sentence_of(found.words[low:high], hits, stretch.heading, stretch.answer)
            for span in sentence.mentions:
                start = offset + found.positions[low + span.start]
                end = offset + found.positions[low + span.end - 1] + found.lengths[low + span.end - 1]
                yield self._mention(sentence, span, plain.origin(start), plain.origin(end - 1) + 1)

    def _mention(self, sentence: Sentence, span: Span, start: int, end: int) -> Mention:
        status = self._scope.status(sentence, span)
        concept, experiencer = whose(sentence, span)
        hearsay = told_by_another(sentence, span, experiencer)
        return Mention(
            concept=concept,
            start=start,
            end=end,
            negated=status.negated,
            historical=status.historical,
            hypothetical=status.hypothetical,
            certainty="uncertain" if hearsay else status.certainty,
            experiencer=experiencer,
            section=sentence.heading.section,
            cues=(*status.cues, hearsay) if hearsay else status.cues,
        )


def _batches(stretches: Iterable[Stretch]) -> Iterator[list[Stretch]]:
    batch: list[Stretch] = []
    for stretch in stretches:
        if batch and stretch.end - batch[0].start > BATCH:
            yield batch
            batch = []
        batch.append(stretch)
    if batch:
        yield batch


def _shared(batch: list[Stretch], positions: list[int], hits: list[Hit], offset: int) -> Iterator[tuple[Stretch, int, int, list[Hit]]]:
    """Yield each stretch that holds a sought hit, with its token bounds and its hits counted from its first token."""
    starts = [hit.start for hit in hits]
    for stretch in batch:
        low = bisect_left(positions, stretch.start - offset)
        high = bisect_left(positions, stretch.end - offset)
        own = hits[bisect_left(starts, low) : bisect_right(starts, high - 1)]
        own = [hit for hit in own if hit.end <= high]
        if any(role.kind in _SOUGHT for hit in own for role in hit.roles):
            yield stretch, low, high, [hit._replace(start=hit.start - low, end=hit.end - low) for hit in own]
