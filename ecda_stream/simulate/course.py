"""The course of one family: everything that happened to it, recorded or not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ecda_stream.simulate.authority import Team
from ecda_stream.simulate.closing import Closing
from ecda_stream.simulate.episode import Episode
from ecda_stream.simulate.household import Household
from ecda_stream.simulate.needs import Findings
from ecda_stream.simulate.surroundings import Surroundings


@dataclass(slots=True)
class Course:
    """Everything that happened to one family."""

    number: int
    team: Team
    household: Household
    surroundings: Surroundings
    episodes: list[Episode] = field(default_factory=list)
    closings: list[Closing] = field(default_factory=list)
    family_findings: list[Findings] = field(default_factory=list)
    child_findings: list[Mapping[int, Findings]] = field(default_factory=list)
    """By episode, the second by place of the child too."""

    @property
    def latest_findings(self) -> tuple[Findings, Mapping[int, Findings]]:
        """Return what is known of the family, and of each child, from its latest episode; nothing before the first."""
        return (self.family_findings[-1], self.child_findings[-1]) if self.family_findings else ({}, {})
