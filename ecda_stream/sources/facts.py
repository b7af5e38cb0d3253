"""What happened in an episode, in the words of the contract: the one mapping that the CIN census and the DfE API share.

A fact is an event without its person. Its natural key holds the referral date of its episode and the date that names it, so the same
fact has the same event id in both formats (design: Ids). A block without its start date still becomes the start event without that
date whenever something would be lost otherwise: admit then refuses it where everybody can see it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ecda_stream.contract.canonical import to_canonical_json
from ecda_stream.sources.accounting import Leaf

RANK: Mapping[str, int] = {
    "record.retracted.v1": 0,
    "referral.received.v1": 1,
    "assessment.started.v1": 2,
    "assessment.completed.v1": 3,
    "s47.started.v1": 4,
    "cp_conference.held.v1": 5,
    "cp_plan.started.v1": 6,
    "cin_plan.started.v1": 7,
    "pre_proceedings.started.v1": 8,
    "cla.started.v1": 9,
    "cla.placement_changed.v1": 10,
    "worker.changed.v1": 11,
    "sdq.recorded.v1": 12,
    "cp_plan.reviewed.v1": 13,
    "s47.completed.v1": 14,
    "cp_plan.ended.v1": 15,
    "cin_plan.ended.v1": 16,
    "pre_proceedings.ended.v1": 17,
    "cla.ended.v1": 18,
    "closure.recorded.v1": 19,
    "source.withdrawn.v1": 20,
}
"""The order of two facts of one day; dates are all these formats have."""

SOURCE_IDS = frozenset({"episode_id", "assessment_id", "plan_id", "s47_id", "placement_id"})
"""Ids that may change between two extracts without anything having happened; carried, never compared, never part of an event id."""

NO_DATE = "no date"
Given = Leaf | Sequence[Leaf] | bool | str | None


@dataclass(frozen=True)
class Item:
    """The entry of a list of an episode that a fact comes from."""

    section: str
    item_id: str | None
    day: str | None


@dataclass(eq=False)
class Fact:
    """One event to be, without its person."""

    type_name: str
    day: str
    key: tuple[str, ...]
    fields: dict[str, Any]
    leaves: list[Leaf] = field(default_factory=list)
    item: Item | None = None

    @property
    def order(self) -> tuple[str, int]:
        """Return the place within a child: by day, then by rank; what has no day comes last."""
        return (self.day or "~", RANK[self.type_name])

    def content(self) -> bytes:
        """Return what is compared between two extracts: everything but the source's own ids."""
        return to_canonical_json({name: value for name, value in self.fields.items() if name not in SOURCE_IDS})


def text_of(leaf: Leaf | None) -> str | None:
    """Return the value as text for a key or an order; the event itself carries it untouched."""
    return None if leaf is None else str(leaf.value)


def make_fact(type_name: str, key: tuple[str, ...], day: str | None, fields: Mapping[str, Given], item: Item | None = None) -> Fact:
    """Return a fact that owns every leaf among its fields which no other fact owns yet."""
    fact = Fact(type_name, day or "", key, {}, item=item)
    for name, given in fields.items():
        if given is None:
            continue
        if isinstance(given, Leaf):
            fact.fields[name] = given.value
            _own(fact, given)
        elif isinstance(given, (bool, str)):
            fact.fields[name] = given
        elif given:
            fact.fields[name] = [leaf.value for leaf in given]
            for leaf in given:
                _own(fact, leaf)
    return fact


def _own(fact: Fact, leaf: Leaf) -> None:
    if not leaf.owned:
        leaf.owned = True
        fact.leaves.append(leaf)


class Episode:
    """Collects the facts of one episode, from referral to closure."""

    def __init__(self, referral_date: Leaf | None, episode_id: Leaf | None = None) -> None:
        self.referral_date = referral_date
        self.episode_id = episode_id
        self.key = text_of(referral_date) or text_of(episode_id) or NO_DATE
        self.facts: list[Fact] = []
        self.item: Item | None = None

    def add(self, type_name: str, key: tuple[str | None, ...], day: Leaf | None, **fields: Given) -> Fact:
        """Add a fact under its natural key; every fact carries the referral date and the episode's id."""
        common: dict[str, Given] = {"referral_date": self.referral_date, "episode_id": self.episode_id}
        natural = (self.key, *(part if part is not None else NO_DATE for part in key))
        fact = make_fact(type_name, natural, text_of(day), {**common, **fields}, self.item)
        self.facts.append(fact)
        return fact

    def referral(self, source: Leaf | None, need: Leaf | None, no_further_action: Leaf | None) -> None:
        """Add the referral; it owns the referral date and the episode's id."""
        self.add(
            "referral.received.v1",
            (),
            self.referral_date,
            referral_source=source,
            primary_need_code=need,
            referral_no_further_action_flag=no_further_action,
        )

    def closure(self, day: Leaf | None, reason: Leaf | None) -> None:
        """Add the closure if there is a date or a reason; its key is its episode, so a moved date is the same closure."""
        if day is not None or reason is not None:
            self.add("closure.recorded.v1", (), day, closure_date=day, closure_reason=reason)

    def assessment(
        self, start: Leaf | None, authorised: Leaf | None, factors: Sequence[Leaf], reviewed: Leaf | None, source_id: Leaf | None
    ) -> None:
        """Add an assessment; without authorisation it is only started, and its factors and internal review are left out by name."""
        key = (text_of(start) or text_of(authorised),)
        if authorised is None:
            for leaf in (*factors, *([reviewed] if reviewed else [])):
                leaf.leave_out("finding of an assessment that is not authorised")
        if start is not None or (authorised is None and source_id is not None):
            self.add("assessment.started.v1", key, start, assessment_id=source_id, start_date=start)
        if authorised is not None:
            self.add(
                "assessment.completed.v1",
                key,
                authorised,
                assessment_id=source_id,
                start_date=start,
                authorisation_date=authorised,
                internal_review_date=reviewed,
                factors=factors,
            )

    def s47(
        self,
        start: Leaf | None,
        end: Leaf | None,
        required: Leaf | None,
        target: Leaf | None,
        conference: Leaf | None,
        source_id: Leaf | None,
    ) -> None:
        """Add a section 47 enquiry and the conference it led to."""
        key = (text_of(start) or text_of(end) or text_of(conference) or text_of(target),)
        only_end = start is None and end is not None
        if not only_end and (start, required, target, source_id) != (None, None, None, None):
            self.add(
                "s47.started.v1", key, start, s47_id=source_id, start_date=start, icpc_required_flag=required, icpc_target_date=target
            )
        if end is not None:
            self.add("s47.completed.v1", key, end, s47_id=source_id, start_date=start, end_date=end, icpc_required_flag=required)
        self.conference(conference, target)

    def conference(self, day: Leaf | None, target: Leaf | None = None) -> None:
        """Add an initial child protection conference; the same date said twice in one episode is one conference."""
        if day is None:
            return
        key = (self.key, str(day.value))
        for fact in self.facts:
            if fact.type_name == "cp_conference.held.v1" and fact.key == key:
                _own(fact, day)
                if target is not None and "icpc_target_date" not in fact.fields:
                    fact.fields["icpc_target_date"] = target.value
                    _own(fact, target)
                return
        self.add("cp_conference.held.v1", key[1:], day, icpc_date=day, icpc_target_date=target)

    def cin_plan(self, start: Leaf | None, end: Leaf | None, source_id: Leaf | None) -> None:
        """Add a child in need plan."""
        key = (text_of(start) or text_of(end),)
        if start is not None or (end is None and source_id is not None):
            self.add("cin_plan.started.v1", key, start, plan_id=source_id, start_date=start)
        if end is not None:
            self.add("cin_plan.ended.v1", key, end, plan_id=source_id, start_date=start, end_date=end)

    def cp_plan(
        self,
        start: Leaf | None,
        end: Leaf | None,
        initial: Leaf | None,
        latest: Leaf | None,
        previous: Leaf | None,
        reviews: Sequence[Leaf],
        source_id: Leaf | None,
    ) -> None:
        """Add a protection plan; the latest category of a plan that ended belongs to its end, or its start would know the future."""
        key = (text_of(start) or text_of(end) or next((text_of(review) for review in reviews), None),)
        latest_at_start = latest if end is None else None
        known_at_start = (start, initial, latest_at_start, previous)
        if known_at_start != (None, None, None, None) or (end is None and source_id is not None):
            self.add(
                "cp_plan.started.v1",
                key,
                start,
                plan_id=source_id,
                start_date=start,
                initial_category_of_abuse=initial,
                latest_category_of_abuse=latest_at_start,
                number_of_previous_cpp=previous,
            )
        for review in reviews:
            self.add("cp_plan.reviewed.v1", (*key, text_of(review)), review, plan_id=source_id, start_date=start, review_date=review)
        if end is not None:
            self.add("cp_plan.ended.v1", key, end, plan_id=source_id, start_date=start, end_date=end, latest_category_of_abuse=latest)
