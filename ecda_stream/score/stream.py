"""A stream ready to run: its definition with the models it may score with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ecda_stream.definition import Mode, StreamDefinition
from ecda_stream.errors import BadDefinition
from ecda_stream.score.model import Model
from ecda_stream.state import Draft, as_of


@dataclass(frozen=True)
class Stream:
    """A definition and every model version that is installed, by version."""

    definition: StreamDefinition
    models: Mapping[str, Model]

    def model_in_force(self, draft: Draft, offset: int) -> Model:
        """Return the model of stream.yaml until the first `model.activated`, then the one activated last.

        Raises BadDefinition if that version is not installed: scoring with another would be silent.
        """
        activated = as_of(draft.get("ledger", f"control/{self.definition.stream}/model"), offset)
        version = activated[-1][1] if activated else self.definition.model
        if version not in self.models:
            raise BadDefinition(f"stream {self.definition.stream}", [f"model {version} is in force and not installed"])
        return self.models[version]

    def mode_in_force(self, draft: Draft, offset: int) -> Mode:
        """Return the mode of stream.yaml until the first `mode.changed`.

        Where a mode is not allowed it is shadow: live without what it needs, demo where the definition does not say demo (only then has
        the worker made sure that its broker is a loopback one).
        """
        changed = as_of(draft.get("ledger", f"control/{self.definition.stream}/mode"), offset)
        mode: Mode = changed[-1][1] if changed else self.definition.mode
        if mode == "demo" and self.definition.mode != "demo":
            return "shadow"
        if mode == "live" and not (self.definition.dpia_reference and self.definition.bar_met):
            return "shadow"
        if mode == "live" and self.model_in_force(draft, offset).trained_on != "real":
            return "shadow"
        return mode
