"""What is lost on the way: to reading, to linking and to the model, each measured by folding the log again without that mistake."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from ecda_stream.definition import StreamDefinition
from ecda_stream.score.stream import Stream
from ecda_stream.training.gather import Say, gather
from ecda_stream.training.pool import Pool, Source
from ecda_stream.training.rewrite import Both, TrueFacts, TrueLinks
from ecda_stream.training.table import Floats, Rows
from ecda_stream.training.truth import Truth
from ecda_stream.training.watch import Rewrite

AS_IS, TRUE_LINKS, TRUE_FACTS, BOTH = "as_is", "true_links", "true_facts", "both"

REWRITES: Mapping[str, Callable[[Truth], Rewrite]] = {
    TRUE_LINKS: TrueLinks,
    TRUE_FACTS: TrueFacts,
    BOTH: lambda truth: Both(TrueLinks(truth), TrueFacts(truth)),
}

ScoreRows = Callable[[Rows], Floats]


def score_without_losses(
    pooled: Pool, sources: Sequence[Source], stream: Stream, score: ScoreRows, processes: int, say: Say
) -> dict[str, Floats]:
    """Return the scores of the pooled rows by the same model: as the log is, with true links, with true facts, with both.

    A trigger that a rewriting makes part of another (two records of one episode) keeps the score that it had.
    """
    as_is = score(pooled.rows)
    scores = {AS_IS: as_is}
    for name, rewrite_with in REWRITES.items():
        scores[name] = as_is.copy()
        for place, source in enumerate(sources):
            if source.truth is None:
                continue
            again = _rows_of(source, stream, rewrite_with(source.truth), processes, say)
            of_event = dict(zip(again.event_id, score(again), strict=True))
            for row in np.flatnonzero(pooled.source == place):
                scores[name][row] = of_event.get(pooled.rows.event_id[row], as_is[row])
    return scores


def _rows_of(source: Source, stream: Stream, rewrite: Rewrite, processes: int, say: Say) -> Rows:
    return Rows.of(_features(stream.definition), gather(source.log, stream, processes, say, rewrite).rows)


def _features(definition: StreamDefinition) -> list[str]:
    return [spec.name for spec in definition.features]
