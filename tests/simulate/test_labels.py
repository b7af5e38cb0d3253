"""What the events show after a closure is what was decided at the closure, by the label's definition."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from math import exp

import pytest

from ecda_stream.simulate.closing import Closing
from ecda_stream.simulate.episode import Bounds, Outcome
from ecda_stream.simulate.family import Lived
from ecda_stream.simulate.memory import Memory
from ecda_stream.simulate.risk import escalation, return_rate

from .worlds import END, a_world, lived_families

ESCALATIONS = {"cp_conference.held.v1", "cp_plan.started.v1", "cla.started.v1"}
FAMILIES = 700


def days_by_type(lived: Lived, place: int) -> dict[str, list[int]]:
    days: dict[str, list[int]] = defaultdict(list)
    for happening in lived.happenings:
        if place in happening.children:
            days[happening.type_name].append(happening.day)
    return days


def outcome_by_the_label(days: dict[str, list[int]], closed: int, adult_from: int) -> tuple[bool, bool, bool]:
    """Referred again within 365 days of closure, as a child; and then, within 180 days of that referral, ... (design, section 5)."""
    again = [day for day in days["referral.received.v1"] if closed < day <= closed + 365 and day < adult_from]
    if not again:
        return False, False, False
    first = min(again)
    higher = [day for kind in ESCALATIONS for day in days[kind] if first <= day <= first + 180]
    enquiries = [day for day in days["s47.started.v1"] if first <= day <= first + 180]
    return True, bool(higher or enquiries), bool(higher)


def closings_whose_windows_are_over() -> Iterator[tuple[Lived, Closing]]:
    for _, lived in lived_families(FAMILIES):
        for closing in lived.course.closings:
            if closing.day + 365 + 180 <= END and closing.is_scored:
                yield lived, closing


def test_the_events_show_exactly_what_was_decided() -> None:
    checked = 0
    for lived, closing in closings_whose_windows_are_over():
        days = days_by_type(lived, closing.child.place)

        shown = outcome_by_the_label(days, closing.day, closing.child.adult_from)

        assert shown == (closing.returned, closing.to_s47, closing.escalated), (lived.course.number, closing.episode)
        checked += 1
    assert checked > 3000


def test_some_windows_overlap_so_that_the_test_above_means_something() -> None:
    overlapping = 0
    for _, lived in lived_families(FAMILIES):
        referrals = [episode.referral for episode in lived.course.episodes[1:]]
        overlapping += sum(later - earlier <= 180 for earlier, later in pairwise(referrals))

    assert overlapping > 50


def test_a_referral_that_did_not_escalate_forbids_an_escalation_for_180_days() -> None:
    bounds = Bounds().after(1000, Outcome.S47)

    assert (bounds.s47, bounds.escalation) == (0, 1181)
    assert (bounds.after(1010, Outcome.BELOW).s47, bounds.after(1010, Outcome.ESCALATED).escalation) == (1191, 1181)


def test_no_episode_of_a_family_begins_before_the_last_one_is_closed() -> None:
    for _, lived in lived_families(FAMILIES):
        episodes = lived.course.episodes
        for earlier, later in pairwise(episodes):
            assert earlier.referral <= earlier.closing < later.referral


def test_all_children_of_the_family_under_18_are_in_each_referral() -> None:
    for _, lived in lived_families(FAMILIES):
        gone = {closing.child for closing in lived.course.closings if closing.reason in ("RC1", "RC2")}
        for episode in lived.course.episodes:
            expected = {child for child in lived.course.household.children if child.is_known_on(episode.referral)}
            assert expected - gone <= {entry.child for entry in episode.children} <= expected


def test_nothing_happens_to_a_child_outside_of_its_episode_that_needs_one() -> None:
    for _, lived in lived_families(FAMILIES):
        closed = {(closing.episode, closing.child.place): closing.day for closing in lived.course.closings}
        for happening in lived.happenings:
            if happening.episode is None:
                continue
            referral = lived.course.episodes[happening.episode].referral
            for place in happening.children:
                assert referral <= happening.day <= closed[(happening.episode, place)], happening


def test_an_adopted_or_dead_child_is_never_heard_of_again() -> None:
    for _, lived in lived_families(FAMILIES):
        for closing in lived.course.closings:
            if closing.reason in ("RC1", "RC2"):
                after = [h for h in lived.happenings if closing.child.place in h.children and h.day > closing.day]
                assert after == []


def test_the_probability_of_a_first_closure_is_the_formula_worked_by_hand() -> None:
    clock, checked = a_world().returns, 0
    for one, lived in lived_families(FAMILIES):
        episode, closing = lived.course.episodes[0], lived.course.closings[0]
        if len(episode.children) > 1 or not closing.is_scored:
            continue
        family = Memory(lived.course).family_facts(episode.closing, episode)
        days = max(0, min(closing.day + 365, closing.child.adult_from - 1) - closing.day)
        hazard = closing.frailty * one.return_level * return_rate(family) * clock.exposure(closing.day, days)

        if family.earlier_referrals_in_two_years == 0 and len(lived.course.episodes) == 1 and not episode.children[0].plan:
            chances = escalation(Memory(lived.course).child_facts(closing.child, closing.day, family, episode.children[0]))
            assert closing.probability == pytest.approx((1 - exp(-hazard)) * chances.escalation)
            checked += 1
    assert checked > 100
