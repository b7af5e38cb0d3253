"""The definition of a stream: stream.yaml as frozen, typed values; every fault in it is reported at once.

What is casework stands here and not in the engine: the trigger and what is not scored, the order within a day, the
ladder of levels, the label, the features with their wording, the policy, the purpose.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, ValidationError

from ecda_stream.contract.base import Published
from ecda_stream.contract.canonical import digest
from ecda_stream.errors import BadDefinition
from ecda_stream.feature_spec import FeatureSpec, Name, Sentence, data_type_of, feature_faults

Reason = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,59}$")]
Mode = Literal["demo", "shadow", "live"]


class NotScored(Published):
    """Closures that are not scored: where a field of the trigger holds one of these codes."""

    reason: Reason
    field: Name
    codes: Annotated[tuple[str, ...], Field(min_length=1)]


class Trigger(Published):
    """What is scored, and what is not."""

    type: str
    not_scored: tuple[NotScored, ...] = ()
    oldest_age_months: Annotated[int, Field(gt=0)]
    """From this age on a closure is not scored (reason `too-old`)."""


class Level(Published):
    """One rung of the ladder of intervention, lowest first."""

    name: Name
    types: Annotated[tuple[str, ...], Field(min_length=1)]


class Label(Published):
    """What the model is to foresee; measured by training, never by the worker."""

    name: Name
    returned_by: str
    returned_within_days: Annotated[int, Field(gt=0)]
    escalated_level: Name
    escalated_within_days: Annotated[int, Field(gt=0)]
    embargo_days: Annotated[int, Field(gt=0)]


class GuardrailSpec(Published):
    """When alerting stops by itself: tests at the start of each day over what was scored in the days before it."""

    window_days: Annotated[int, Field(gt=0)]
    p_value: Annotated[float, Field(gt=0, lt=1)]
    fewest: Annotated[int, Field(gt=0)]
    """Below this many in the window no test is made."""
    reference_days: Annotated[int, Field(gt=0)]
    """The days before the window that it is compared with."""
    fewest_reference: Annotated[int, Field(gt=0)]
    """Below this many in the reference there is none."""


class Policy(Published):
    """When an alert goes out; the threshold itself stands in each model."""

    alert_share: Annotated[float, Field(gt=0, lt=1)]
    """Share of the training's triggers that lie at or above a trained model's threshold."""
    capacity_per_week: Annotated[int, Field(gt=0)]
    """Alerts that an authority's reviewers can read in a week (Monday to Sunday, London); the rest is held."""
    capacity_of: Mapping[Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]{1,12}$")], Annotated[int, Field(gt=0)]] = {}
    """Exceptions, by authority."""
    latest_arrival_days: Annotated[int, Field(gt=0)]
    """What arrives later than this after it happened is scored and not alerted."""
    audit_share: Annotated[float, Field(ge=0, lt=1)]
    """Share of what is below the threshold that is drawn by lot for a review."""
    review_within_days: Annotated[int, Field(gt=0)]
    expires_after_days: Annotated[int, Field(gt=0)]
    stale_text_days: Annotated[int, Field(gt=0)]
    guardrail: GuardrailSpec
    request: Sentence
    audit_request: Sentence
    meaning: Sentence
    """A probability in words: `{in_100}`, `{low}` and `{high}` are cases in a hundred."""
    caveat: Sentence

    def capacity(self, authority: str) -> int:
        """Return how many alerts an authority can have in a week."""
        return self.capacity_of.get(authority, self.capacity_per_week)


class Texts(Published):
    """The narratives a feature may read, and the lexicons it may have been read with."""

    lexicons: tuple[str, ...] = ()
    """Digests; text read with another lexicon counts as missing. Empty: the one of the running worker."""


class StreamDefinition(Published):
    """Everything about one stream; see streams/re_referral/stream.yaml."""

    stream: Name
    version: str
    purpose: Sentence
    intended_action: Sentence
    owner: Sentence
    dpia_reference: str | None = None
    bar_met: str | None = None
    """Where the evaluation is that met the bar registered before it."""
    mode: Mode
    model: str
    revision_days: Annotated[int, Field(gt=0)]
    trigger: Trigger
    day_rank: Annotated[tuple[str, ...], Field(min_length=1)]
    """Types in the order in which they happen within one day of one episode."""
    levels: Annotated[tuple[Level, ...], Field(min_length=1)]
    label: Label
    features: Annotated[tuple[FeatureSpec, ...], Field(min_length=1)]
    policy: Policy
    texts: Texts = Texts()

    @cached_property
    def digest(self) -> str:
        """Return the digest that score records carry."""
        return digest(self)

    @cached_property
    def rank(self) -> Mapping[str, int]:
        """Return the place of each type within a day; a type without one comes after every other."""
        return {name: place for place, name in enumerate(self.day_rank)}

    @cached_property
    def level_of(self) -> Mapping[str, int]:
        """Return the rung (1 is lowest) that an entry of a type shows to have been reached."""
        return {name: rung for rung, level in enumerate(self.levels, start=1) for name in level.types}


def parse_definition(raw: object) -> StreamDefinition:
    """Return the stream's definition.

    Raises BadDefinition with every fault.
    """
    try:
        definition = StreamDefinition.model_validate(raw)
    except ValidationError as error:
        problems = error.errors(include_input=False, include_context=False, include_url=False)
        raise BadDefinition(
            "stream.yaml", [f"{'.'.join(map(str, problem['loc'])) or 'file'}: {problem['msg']}" for problem in problems]
        ) from None
    faults = [*_type_faults(definition), *feature_faults(definition.features), *_live_faults(definition)]
    if faults:
        raise BadDefinition("stream.yaml", faults)
    return definition


def _type_faults(definition: StreamDefinition) -> list[str]:
    named = {
        "trigger.type": (definition.trigger.type,),
        "day_rank": definition.day_rank,
        "label.returned_by": (definition.label.returned_by,),
        **{f"levels.{level.name}": level.types for level in definition.levels},
        **{f"features.{spec.name}": (*spec.of, *spec.to) for spec in definition.features},
    }
    faults = [f"{place}: {name} is no event type" for place, names in named.items() for name in names if data_type_of(name) is None]
    if definition.trigger.type not in definition.day_rank:
        faults.append("day_rank: the trigger's own type is missing")
    if missing := [name for name in ("{in_100}", "{low}", "{high}") if name not in definition.policy.meaning]:
        faults.append(f"policy.meaning: {', '.join(missing)} is missing")
    if definition.label.escalated_level not in {level.name for level in definition.levels}:
        faults.append("label.escalated_level: no such level")
    trigger = data_type_of(definition.trigger.type)
    for rule in definition.trigger.not_scored:
        if trigger is not None and rule.field not in trigger.model_fields:
            faults.append(f"trigger.not_scored.{rule.reason}: {definition.trigger.type} has no field {rule.field}")
    return faults


def _live_faults(definition: StreamDefinition) -> list[str]:
    if definition.mode != "live":
        return []
    return [f"{name}: mode live needs it" for name in ("dpia_reference", "bar_met") if not getattr(definition, name)]
