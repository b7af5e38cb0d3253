"""A stream ready to run: its definition with the models it may score with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from ecda_stream.definition import Mode, StreamDefinition
from ecda_stream.errors import BadDefinition
from ecda_stream.score.model import Model
from ecda_stream.state import Draft, as_of

EVERY = "*"
"""The authority of decisions for all of them."""

Control = Literal["model", "mode"]


@dataclass(frozen=True)
class Stream:
    """A definition and every model version that is installed, by version."""

    definition: StreamDefinition
    models: Mapping[str, Model]

    def decide(self, draft: Draft, what: Control, authority: str, value: str, day: date, offset: int) -> None:
        """Write what was decided for an authority, or for every one (`*`), and when."""
        draft.append("policy", self._control_key(what, authority), [offset, value, day.isoformat()])

    def model_in_force(self, draft: Draft, authority: str, offset: int) -> Model:
        """Return the model of stream.yaml until the first `model.activated`, then the one activated last.

        Raises BadDefinition if that version is no longer installed: scoring with another would be silent. The message does not name
        the version, which may have come with an event.
        """
        decided = self._decided_last(draft, "model", authority, offset)
        version = decided[1] if decided else self.definition.model
        if version not in self.models:
            raise BadDefinition(f"stream {self.definition.stream}", ["the model version in force is not installed"])
        return self.models[version]

    def model_since(self, draft: Draft, authority: str, offset: int) -> date:
        """Return the day on which the model in force was activated; date.min for the one of stream.yaml."""
        decided = self._decided_last(draft, "model", authority, offset)
        return date.fromisoformat(decided[2]) if decided else date.min

    def mode_in_force(self, draft: Draft, authority: str, offset: int) -> Mode:
        """Return the mode of stream.yaml until the first `mode.changed`.

        Where a mode is not allowed it is shadow: live without what it needs, demo where the definition does not say demo (only then has
        the worker made sure that its broker is a loopback one).
        """
        decided = self._decided_last(draft, "mode", authority, offset)
        mode: Mode = decided[1] if decided else self.definition.mode
        if mode == "demo" and self.definition.mode != "demo":
            return "shadow"
        if mode == "live" and not (self.definition.dpia_reference and self.definition.bar_met):
            return "shadow"
        if mode == "live" and self.model_in_force(draft, authority, offset).trained_on != "real":
            return "shadow"
        return mode

    def _decided_last(self, draft: Draft, what: Control, authority: str, offset: int) -> list[Any] | None:
        """Return what was decided last in the log for this authority or for every one, or None."""
        decided = [item for of in (authority, EVERY) for item in as_of(draft.get("policy", self._control_key(what, of)), offset)]
        return max(decided) if decided else None

    def _control_key(self, what: Control, authority: str) -> str:
        return f"control/{self.definition.stream}/{authority}/{what}"
