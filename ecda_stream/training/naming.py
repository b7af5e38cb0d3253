"""What a stream calls the things that are counted: its words, not ours."""

from __future__ import annotations

from ecda_stream.definition import StreamDefinition
from ecda_stream.feature_spec import FeatureSpec


def noun_of(definition: StreamDefinition) -> str:
    """Return what a trigger is called, by the name of its type."""
    return definition.trigger.type.partition(".")[0].replace("_", " ")


def plural_of(definition: StreamDefinition) -> str:
    """Return what several triggers are called."""
    return f"{noun_of(definition)}s"


def words_of(spec: FeatureSpec) -> str:
    """Return a feature as reviewers read it, with an ellipsis for its value."""
    return spec.wording.many.replace("{value}", "…").replace("{level}", "…")
