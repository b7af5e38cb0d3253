"""A score in words for reviewers: dated facts each way, what is missing or stale; frequencies only from a calibrated model."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ecda_stream.contract.alert import AlertChild, AlertFact
from ecda_stream.contract.score import Contribution, ScoreRecord
from ecda_stream.definition import Level, StreamDefinition
from ecda_stream.feature_spec import FeatureSpec
from ecda_stream.features.value import FeatureValue
from ecda_stream.score.model import Model
from ecda_stream.score.quality import NOTES
from ecda_stream.score.record import Scoring

MOST_FACTS = 5
"""Facts shown each way."""

LEAST_POINTS = 0.02
"""Of log-odds: what moves a probability by less than a fiftieth of itself is no fact to a reader."""

SIMULATED = "among simulated cases, not real ones"


def describe_child(scoring: Scoring, record: ScoreRecord, definition: StreamDefinition, model: Model) -> AlertChild:
    """Return one child's part of an alert."""
    facts = _facts(scoring, record, definition)
    return AlertChild(
        person=record.person,
        score_id=record.score_id,
        score_revision=record.revision,
        closing_day=scoring.trigger.fact.day,
        sealed_reference=scoring.trigger.sealed_reference,
        why="audit" if record.decision.audit else "score",
        meaning=_meaning(record, definition, model),
        points=record.points if record.probability is None else None,
        probability=record.probability,
        range=record.range,
        raises=tuple(fact for fact in facts if fact.points > 0)[:MOST_FACTS],
        lowers=tuple(fact for fact in facts if fact.points < 0)[:MOST_FACTS],
        missing=_missing(scoring, definition),
    )


def word(value: float, spec: FeatureSpec, levels: Sequence[Level] = ()) -> str:
    """Return a value in the stream's words; `levels` is its ladder, for a feature that is a rung of it."""
    wording = spec.wording
    if math.isnan(value):
        return wording.missing or spec.missing
    if value == 0 and wording.none:
        return wording.none
    if value == 1 and wording.one:
        return wording.one
    if spec.measure == "level":
        return wording.many.replace("{level}", levels[int(value) - 1].name.replace("_", " "))
    return wording.many.replace("{value}", _number(value))


def _meaning(record: ScoreRecord, definition: StreamDefinition, model: Model) -> str:
    """Return what the score means: how often it was so among cases like this, never what will be."""
    if record.probability is None or record.range is None:
        return f"points: {_number(record.points or 0.0)}; not calibrated"
    low, high = record.range
    words = definition.policy.meaning.replace("{in_100}", _in_100(record.probability))
    words = words.replace("{low}", _in_100(low)).replace("{high}", _in_100(high))
    return words if model.trained_on == "real" else f"{words} ({SIMULATED})"


def _in_100(share: float) -> str:
    return "fewer than 1" if share < 0.005 else f"{round(100 * share)}"


def _facts(scoring: Scoring, record: ScoreRecord, definition: StreamDefinition) -> list[AlertFact]:
    """Return a fact for each theme, the strongest first: what its features add together, in the words of the one that adds most."""
    specs = {spec.name: spec for spec in definition.features}
    themes: dict[str, list[Contribution]] = {}
    for contribution in record.contributions:
        themes.setdefault(specs[contribution.feature].theme or contribution.feature, []).append(contribution)
    facts = []
    for contributions in themes.values():
        points = math.fsum(contribution.points for contribution in contributions)
        if abs(points) >= LEAST_POINTS:
            strongest = max(contributions, key=lambda contribution: contribution.points * math.copysign(1.0, points))
            facts.append(_fact(specs[strongest.feature], scoring, points, definition.levels))
    return sorted(facts, key=lambda fact: (-abs(fact.points), fact.words))


def _fact(spec: FeatureSpec, scoring: Scoring, points: float, levels: Sequence[Level]) -> AlertFact:
    measured: FeatureValue = scoring.values[spec.name]
    return AlertFact(
        words=word(measured.value, spec, levels),
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
