"""A score in words for reviewers: dated facts each way, what is missing or stale; frequencies only from a calibrated model."""

from __future__ import annotations

import math

from ecda_stream.contract.alert import AlertChild, AlertFact
from ecda_stream.contract.score import ScoreRecord
from ecda_stream.definition import FeatureSpec, StreamDefinition, Wording
from ecda_stream.features.build import FeatureValue
from ecda_stream.score.quality import NOTES
from ecda_stream.score.record import Scoring

MOST_FACTS = 5
"""Facts shown each way."""


def describe_child(scoring: Scoring, record: ScoreRecord, definition: StreamDefinition) -> AlertChild:
    """Return one child's part of an alert."""
    specs = {spec.name: spec for spec in definition.features}
    facts = [_fact(specs[contribution.feature], scoring, contribution.points) for contribution in record.contributions]
    return AlertChild(
        person=record.person,
        score_id=record.score_id,
        score_revision=record.revision,
        closing_day=scoring.trigger.fact.day,
        sealed_reference=scoring.trigger.sealed_reference,
        meaning=f"points: {_number(record.points or 0.0)}; not calibrated",
        points=record.points,
        raises=tuple(fact for fact in facts if fact.points > 0)[:MOST_FACTS],
        lowers=tuple(fact for fact in facts if fact.points < 0)[:MOST_FACTS],
        missing=_missing(scoring, definition),
    )


def word(value: float, wording: Wording) -> str:
    """Return a value in the stream's words."""
    if math.isnan(value):
        return wording.missing or "not known"
    if value == 0 and wording.none:
        return wording.none
    if value == 1 and wording.one:
        return wording.one
    return wording.many.replace("{value}", _number(value))


def _fact(spec: FeatureSpec, scoring: Scoring, points: float) -> AlertFact:
    measured: FeatureValue = scoring.values[spec.name]
    return AlertFact(
        words=word(measured.value, spec.wording),
        days=tuple(fact.day for fact in measured.latest),
        entries=len(measured.evidence),
        points=points,
    )


def _missing(scoring: Scoring, definition: StreamDefinition) -> tuple[str, ...]:
    """Return what is missing or stale, without repeating a sentence."""
    said: dict[str, None] = {}
    for spec in definition.features:
        if math.isnan(scoring.values[spec.name].value) and spec.wording.missing:
            said[spec.wording.missing] = None
    days = [fact.day for value in scoring.values.values() for fact in value.evidence if fact.type == "document.recorded.v1"]
    if days and (age_days := (scoring.trigger.fact.day - max(days)).days) > definition.policy.stale_text_days:
        said[f"the latest text read was written {age_days} days before the closure"] = None
    for code in scoring.quality_notes:
        said[f"{code}: {NOTES[code]}" if code in NOTES else code] = None
    return tuple(said)


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:.2f}"
