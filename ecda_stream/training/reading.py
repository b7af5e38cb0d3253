"""How much of what texts were made to say was read, document by document."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ecda_stream.contract.entry import Document
from ecda_stream.training.parts import LogFile, read_entries_with_text
from ecda_stream.training.rewrite import CONCEPTS, STATUSES
from ecda_stream.training.truth import Mention, Truth


@dataclass
class ReadingTally:
    """Counts over the documents of a log that the truth knows."""

    documents: int = 0
    mentions: int = 0
    concept_found: int = 0
    status_found: int = 0
    findings: int = 0
    findings_planted: int = 0

    def add(self, document: Document, mentions: Iterable[Mention]) -> None:
        """Compare one text with what was planted in it: each mention, and each finding of a concept and status."""
        planted = [mention for mention in mentions if mention.concept in CONCEPTS]
        read = {(one.concept, (one.negated, one.historical, one.hypothetical)) for one in document.findings}
        meant = {(one.concept, STATUSES[one.status]) for one in planted}
        concepts = {concept for concept, _ in read}
        self.documents += 1
        self.mentions += len(planted)
        self.concept_found += sum(one.concept in concepts for one in planted)
        self.status_found += sum((one.concept, STATUSES[one.status]) in read for one in planted)
        self.findings += len(read)
        self.findings_planted += len(read & meant)


def compare_reading(log: LogFile, truth: Truth, tally: ReadingTally) -> None:
    """Add every document of a log of which the truth knows what it was made to say."""
    for entry in read_entries_with_text(log):
        mentions = truth.mentions.get(entry.event_id)
        if entry.document is not None and mentions is not None:
            tally.add(entry.document, mentions)
