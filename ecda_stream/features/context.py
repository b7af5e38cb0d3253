"""What a feature may read: the facts that stood before the trigger, by scope and type."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from ecda_stream.feature_spec import Scope
from ecda_stream.history.fact import Fact


@dataclass(frozen=True)
class Moment:
    """The trigger as features see it: the closing day, its episode, the child's age, and how the trigger ranks within the day."""

    event_id: str
    closing_day: date
    referral_date: date | None
    age_months: int | None
    rank: int
    ranks: Mapping[str, int]

    def comes_after(self, fact: Fact) -> bool:
        """Return whether a fact of the same child happened before the trigger.

        On an earlier day; or on the closing day, in the closing episode, with a lower day rank. A new referral on the closing day is
        neither history nor outcome.
        """
        if fact.event_id == self.event_id:
            return False
        if fact.day != self.closing_day:
            return fact.day < self.closing_day
        same_episode = fact.referral_date is not None and fact.referral_date == self.referral_date
        return same_episode and self.ranks.get(fact.type, self.rank) < self.rank


@dataclass(frozen=True)
class Context:
    """The facts before a moment: the child's own, and those of the other people of the family."""

    moment: Moment
    person: tuple[Fact, ...]
    family: tuple[Fact, ...]
    relatives: int
    """How many other people the family has; none known means that family features have no value."""

    @classmethod
    def of(cls, moment: Moment, person: Iterable[Fact], family: Iterable[Fact], relatives: int) -> Context:
        """Keep what came before the moment, in order of happening."""
        return cls(
            moment,
            tuple(sorted(filter(moment.comes_after, person), key=_order)),
            tuple(sorted((fact for fact in family if fact.day < moment.closing_day), key=_order)),
            relatives,
        )

    @cached_property
    def by_type(self) -> Mapping[Scope, Mapping[str, tuple[Fact, ...]]]:
        """Return the facts of each scope by type, oldest first; an entry about several children stands in a household once."""
        episode = (fact for fact in self.person if fact.referral_date and fact.referral_date == self.moment.referral_date)
        household = {(fact.offset, fact.event_id): fact for fact in (*self.family, *self.person)}
        return {
            "person": _group(self.person),
            "family": _group(self.family),
            "household": _group(sorted(household.values(), key=_order)),
            "episode": _group(episode),
        }

    @property
    def has_episode(self) -> bool:
        """Return whether anything but texts is known of the trigger's own episode."""
        return any(kind != "document.recorded.v1" for kind in self.by_type["episode"])

    @property
    def has_history(self) -> bool:
        """Return whether anything but texts is known from before the trigger's own episode."""
        began = self.moment.referral_date or self.moment.closing_day
        return any(fact.document is None and fact.day < began for fact in self.person)

    def has_text(self, lexicons: Sequence[str]) -> bool:
        """Return whether a text of the episode was read, with a lexicon that the stream declares."""
        texts = self.by_type["episode"].get("document.recorded.v1", ())
        return any(fact.document is not None and (not lexicons or fact.lexicon in lexicons) for fact in texts)


def _order(fact: Fact) -> tuple[date, int]:
    return fact.day, fact.offset


def _group(facts: Iterable[Fact]) -> Mapping[str, tuple[Fact, ...]]:
    grouped: dict[str, list[Fact]] = {}
    for fact in facts:
        grouped.setdefault(fact.type, []).append(fact)
    return {kind: tuple(found) for kind, found in grouped.items()}
