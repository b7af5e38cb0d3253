"""What admit keeps of a narrative: concepts with their statuses and how often, never a word and never a position."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ecda_stream.contract.base import Published

Concept = Literal[
    "domestic_abuse",
    "alcohol_misuse",
    "drug_misuse",
    "mental_health",
    "learning_disability",
    "physical_illness",
    "neglect",
    "emotional_abuse",
    "physical_abuse",
    "sexual_abuse",
    "cse",
    "cce",
    "gangs",
    "trafficking",
    "missing",
    "self_harm",
    "unacceptable_behaviour",
    "young_carer",
    "private_fostering",
    "uasc",
    "fgm",
    "faith_abuse",
    "housing",
    "home_conditions",
    "school_attendance",
    "non_engagement",
    "engagement",
    "protective_support",
]
"""The 28 concepts a reader looks for; most map to CIN assessment factors (codes.ASSESSMENT_FACTORS)."""

Experiencer = Literal["child", "mother", "father", "parent", "partner", "sibling", "grandparent", "other", "family"]
"""Of whom it is said: the victim of abuse, the person who has a condition, the provider of support."""

Certainty = Literal["certain", "uncertain"]


class Finding(Published):
    """One concept with one combination of statuses in one section of one document, and how many times it was said.

    Active means none of negated, historical and hypothetical.
    """

    concept: Concept
    negated: bool
    historical: bool
    hypothetical: bool
    certainty: Certainty
    experiencer: Experiencer | None = None
    section: str
    count: Annotated[int, Field(ge=1)]

    @property
    def active(self) -> bool:
        """Whether it is said to hold now."""
        return not (self.negated or self.historical or self.hypothetical)
