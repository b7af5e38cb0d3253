"""Scoring one trigger: what was known before it -> features -> model -> score record."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from ecda_stream.contract.canonical import digest, hash_of
from ecda_stream.contract.score import Contribution, Decision, Digests, Evidence, Position, ScoreRecord
from ecda_stream.definition import Mode, StreamDefinition
from ecda_stream.feature_spec import LONGEST_WINDOW_DAYS
from ecda_stream.features.build import build
from ecda_stream.features.context import Context, Moment
from ecda_stream.features.value import FeatureValue
from ecda_stream.history.timeline import known
from ecda_stream.identity.families import CAPPED, Family, family_of
from ecda_stream.identity.people import members_of, root_of
from ecda_stream.score.model import Model
from ecda_stream.score.quality import note
from ecda_stream.score.triggers import Trigger
from ecda_stream.state import Draft


@dataclass(frozen=True)
class Backing:
    """What stood behind a score, for the guardrail: anything of the trigger's own episode, anything from before it, a text."""

    episode: bool
    history: bool
    text: bool


@dataclass(frozen=True)
class Scoring:
    """One score before anything was decided: its values, what they add up to, and what is to be known about them."""

    trigger: Trigger
    person: str
    family: Family
    not_scored: str | None
    values: Mapping[str, FeatureValue]
    points: Mapping[str, float]
    score: float | None
    quality_notes: tuple[str, ...]
    lexicons: tuple[str, ...]
    backing: Backing | None = None


def score_trigger(draft: Draft, trigger: Trigger, definition: StreamDefinition, model: Model, *, first: bool, offset: int) -> Scoring:
    """Score a trigger with what was known.

    A first score sees the entries before the trigger in the log; a revision all entries up to the one at `offset`, which causes it.
    Both only what happened before the closure.
    """
    person = root_of(draft, trigger.person, offset)
    family = family_of(draft, person, offset, trigger.fact.day)
    reason = _why_not_scored(trigger, definition)
    if reason is not None:
        return Scoring(trigger, person, family, reason, {}, {}, None, (), ())
    since = trigger.fact.day - timedelta(days=LONGEST_WINDOW_DAYS)
    limit = offset - 1 if first else offset
    own = [fact for member in members_of(draft, person, offset) for fact in known(draft, member, limit, since)]
    others = [
        fact
        for relative in family.members
        if relative != person
        for member in members_of(draft, relative, offset)
        for fact in known(draft, member, limit, since)
    ]
    moment = Moment(
        trigger.event_id,
        trigger.fact.day,
        trigger.fact.referral_date,
        trigger.fact.age_months,
        definition.rank[definition.trigger.type],
        definition.rank,
    )
    context = Context.of(moment, own, others, len(family.members) - 1)
    values = build(definition, context)
    points = model.contributions({name: value.value for name, value in values.items()})
    lexicons = definition.texts.lexicons
    notes = (
        *note(trigger.fact, [fact for fact in own if fact.event_id != trigger.event_id], lexicons),
        *([CAPPED] if family.capped else []),
    )
    return Scoring(
        trigger,
        person,
        family,
        None,
        values,
        points,
        model.total(points),
        tuple(sorted({*notes, *trigger.fact.notes})),
        tuple(sorted({fact.lexicon for fact in own if fact.lexicon})),
        Backing(context.has_episode, context.has_history, context.has_text(lexicons)),
    )


def _why_not_scored(trigger: Trigger, definition: StreamDefinition) -> str | None:
    if trigger.retracted:
        return "retracted"
    for rule in definition.trigger.not_scored:
        if trigger.fact.facts.get(rule.field) in rule.codes:
            return rule.reason
    age = trigger.fact.age_months
    return "too-old" if age is not None and age >= definition.trigger.oldest_age_months else None


def write_record(
    scoring: Scoring,
    definition: StreamDefinition,
    model: Model,
    mode: Mode,
    *,
    authority: str,
    partition: int,
    offset: int,
    revision: int,
    decision: Decision,
) -> ScoreRecord:
    """Return the score record."""
    trigger = scoring.trigger
    probability, interval, triggers = _calibrated(model, scoring.score)
    points = {name: value for name, value in scoring.points.items() if value}
    shown = {(fact.offset, fact.event_id): fact for name in points for fact in scoring.values[name].latest}
    evidence = {key: Evidence(day=fact.day, type=fact.type, offset=fact.offset) for key, fact in shown.items()}
    return ScoreRecord(
        stream=definition.stream,
        score_id=score_id_of(definition, trigger.event_id),
        revision=revision,
        event_id=trigger.event_id,
        authority=authority,
        person=scoring.person,
        family=scoring.family.name,
        closing_day=trigger.fact.day,
        referral_date=trigger.fact.referral_date,
        arrived_at=trigger.arrived_at,
        position=Position(partition=partition, offset=trigger.offset),
        caused_by=Position(partition=partition, offset=offset),
        outcome="scored" if scoring.not_scored is None else "not_scored",
        reason=scoring.not_scored,
        mode=mode,
        model_version=model.version,
        points=scoring.score,
        probability=probability,
        range=interval,
        range_triggers=triggers,
        threshold=model.threshold,
        features={name: _or_none(value.value) for name, value in scoring.values.items()},
        contributions=tuple(
            Contribution(
                feature=name,
                value=_or_none(scoring.values[name].value),
                points=added,
                evidence=tuple(evidence[fact.offset, fact.event_id] for fact in scoring.values[name].latest),
                entries=len(scoring.values[name].evidence),
            )
            for name, added in sorted(points.items(), key=lambda item: (-abs(item[1]), item[0]))
        ),
        quality_notes=scoring.quality_notes,
        digests=Digests(model=model.digest, definition=definition.digest, lexicon=scoring.lexicons),
        decision=decision,
    )


def _calibrated(model: Model, score: float | None) -> tuple[float | None, tuple[float, float] | None, int | None]:
    if score is None or model.calibration is None:
        return None, None, None
    return model.calibration.probability(score), model.calibration.range_at(score), model.calibration.triggers_near(score)


def score_id_of(definition: StreamDefinition, event_id: str) -> str:
    """Return the key of a trigger's score records."""
    return hash_of(definition.stream, event_id)


def content_of_score(scoring: Scoring, model: Model) -> str:
    """Return the digest of what a score says; a revision that would say the same is not written."""
    return digest(
        [
            scoring.not_scored,
            scoring.trigger.fact.day.isoformat(),
            scoring.trigger.fact.facts.get("closure_reason"),
            {name: _or_none(value.value) for name, value in scoring.values.items()},
            scoring.score,
            scoring.quality_notes,
            model.digest,
        ]
    )


def _or_none(value: float) -> float | None:
    return None if math.isnan(value) else value
