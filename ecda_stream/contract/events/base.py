"""What every event type has in common."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field

from ecda_stream.contract.base import Inbound
from ecda_stream.contract.fields import Day, Identifier
from ecda_stream.contract.people import Person, Relation

PREFIX = "uk.csc."


class EventData(Inbound):
    """The `data` of a source event; each type names its date, its identifiers and what stays out of the log."""

    type_name: ClassVar[str]
    """Without prefix, with version: `closure.recorded.v1`."""
    happened_field: ClassVar[str]
    """The type's own date: what `happened_at` is."""
    about_people: ClassVar[bool] = True
    """Whether an event of this type must name someone with a usable identifier."""
    every_authority: ClassVar[bool] = False
    """Whether authority `*` makes sense."""
    review_only: ClassVar[bool] = False
    """Whether it is a decision (on alerts, models, who is one person), which comes through the review topic only."""
    token_fields: ClassVar[tuple[str, ...]] = ()
    """Identifiers that admit replaces by tokens."""
    unlogged_fields: ClassVar[tuple[str, ...]] = ()
    """Fields that never reach the event log: texts, names of workers, postcodes."""
    missing_codes: ClassVar[Mapping[str, str]] = {}
    """Field -> the national validator's code for its absence."""
    not_before_referral: ClassVar[str | None] = None
    """The national validator's code for a date before the referral of the same episode."""

    people: Annotated[tuple[Person, ...], Field(max_length=32)] = ()
    relations: Annotated[tuple[Relation, ...], Field(max_length=64)] = ()
    family_id: Identifier | None = None
    episode_id: Identifier | None = None
    referral_date: Day | None = None

    @classmethod
    def cloud_event_type(cls) -> str:
        """Return the CloudEvents `type`."""
        return PREFIX + cls.type_name

    @property
    def happened_at(self) -> date:
        """Return the day on which it happened."""
        day = getattr(self, self.happened_field)
        assert isinstance(day, date)
        return day
