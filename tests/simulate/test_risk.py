"""The planted risk rises and falls for the reasons that it names."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest

from ecda_stream.simulate.risk import (
    ESCALATION_BY_HISTORY,
    ESCALATION_BY_NARRATIVE,
    RETURN_BY_HISTORY,
    RETURN_BY_NARRATIVE,
    ChildFacts,
    FamilyFacts,
    Narrative,
    Stage,
    escalation,
    return_rate,
)

FAMILY = FamilyFacts(
    stage=Stage.ASSESSMENT,
    episode_days=60,
    earlier_referrals_in_two_years=0,
    earlier_s47=False,
    earlier_plan=False,
    plan_in_two_years=False,
    police_abuse_notices_in_year=0,
    teenager_missing_in_year=0,
    suspended_in_year=False,
    temporary_accommodation=False,
    workers_in_episode=1,
    youngest_age_years=7,
    team_closes_early=False,
    narrative=Narrative(),
)
CHILD = ChildFacts(family=FAMILY, age_years=7, own_plan=False, sibling_plan=False, s47_in_episode=False, missing_in_year=0)


def family(**changes: Any) -> FamilyFacts:
    return replace(FAMILY, **changes)


def child(narrative: Narrative | None = None, **changes: Any) -> ChildFacts:
    own = {name: value for name, value in changes.items() if name in {field.name for field in fields(ChildFacts)}}
    of_family = {name: value for name, value in changes.items() if name not in own}
    return replace(CHILD, family=replace(FAMILY, narrative=narrative or Narrative(), **of_family), **own)


def risk(narrative: Narrative | None = None, **changes: Any) -> float:
    return escalation(child(narrative, **changes)).escalation


def test_every_effect_gives_a_reason_and_moves_something() -> None:
    on_return = [(effect.reason, effect.size) for effect in (*RETURN_BY_HISTORY, *RETURN_BY_NARRATIVE)]
    on_escalation = [(effect.reason, effect.size) for effect in (*ESCALATION_BY_HISTORY, *ESCALATION_BY_NARRATIVE)]

    for reason, size in on_return + on_escalation:
        assert len(reason) > 7
        assert size != 0


def test_the_third_earlier_referral_counts_more_than_the_second() -> None:
    rates = [return_rate(family(earlier_referrals_in_two_years=count)) for count in range(5)]

    assert rates[0] < rates[1] == rates[2] < rates[3] == rates[4]
    assert rates[3] / rates[2] > rates[1] / rates[0]


def test_police_notices_count_in_steps_at_one_two_and_four() -> None:
    rates = [return_rate(family(police_abuse_notices_in_year=count)) for count in range(6)]

    assert rates[0] < rates[1] < rates[2] == rates[3] < rates[4] == rates[5]


def test_a_plan_counts_more_within_two_years() -> None:
    assert risk() < risk(earlier_plan=True) < risk(earlier_plan=True, plan_in_two_years=True)


@pytest.mark.parametrize("theme", ["domestic_abuse", "parental_alcohol", "parental_drugs", "neglect", "non_engagement"])
def test_a_current_concern_raises_a_past_one_hardly_a_possible_one_a_little_and_a_denied_one_not_at_all(theme: str) -> None:
    said = {status: risk(Narrative(**{theme: status})) for status in ("current", "past", "possible", "denied")}  # type: ignore[arg-type]

    assert said["denied"] == risk()
    assert risk() < said["past"] < said["possible"] < said["current"]
    assert said["current"] - risk() > 2.5 * (said["past"] - risk())


@pytest.mark.parametrize("strength", ["engagement", "protective_support"])
def test_a_strength_lowers_both(strength: str) -> None:
    narrative = Narrative(**{strength: "current"})  # type: ignore[arg-type]

    assert return_rate(family(narrative=narrative)) < return_rate(FAMILY)
    assert risk(narrative) < risk()


@pytest.mark.parametrize(
    ("together", "one", "other"),
    [
        (
            {"narrative": Narrative(domestic_abuse="current"), "age_years": 0.5},
            {"narrative": Narrative(domestic_abuse="current")},
            {"age_years": 0.5},
        ),
        (
            {"narrative": Narrative(parental_drugs="current", neglect="current")},
            {"narrative": Narrative(parental_drugs="current")},
            {"narrative": Narrative(neglect="current")},
        ),
        (
            {"narrative": Narrative(non_engagement="current"), "earlier_plan": True},
            {"narrative": Narrative(non_engagement="current")},
            {"earlier_plan": True},
        ),
        ({"missing_in_year": 1, "age_years": 14}, {"missing_in_year": 1}, {"age_years": 14}),
    ],
    ids=["abuse and infant", "drugs and neglect", "plan and no engagement", "missing and teenager"],
)
def test_some_things_are_worse_together_than_the_sum(together: dict[str, Any], one: dict[str, Any], other: dict[str, Any]) -> None:
    def odds(probability: float) -> float:
        return probability / (1 - probability)

    assert odds(risk(**together)) / odds(risk()) > 1.2 * (odds(risk(**one)) / odds(risk())) * (odds(risk(**other)) / odds(risk()))


def test_infants_are_at_more_and_young_adults_at_less_risk() -> None:
    assert risk(age_years=16.5) < risk() < risk(age_years=3) < risk(age_years=0.3)


def test_section_47_is_never_less_likely_than_what_lies_above_it() -> None:
    worst = child(
        Narrative("current", "current", "current", "current", "current"),
        age_years=0.5,
        earlier_plan=True,
        plan_in_two_years=True,
        police_abuse_notices_in_year=5,
        earlier_referrals_in_two_years=4,
        s47_in_episode=True,
        earlier_s47=True,
    )
    for facts in (CHILD, worst):
        planted = escalation(facts)
        assert 0 < planted.escalation <= planted.s47 < 1


def test_nothing_about_sex_ethnicity_or_disability_is_a_fact() -> None:
    names = {field.name for facts in (ChildFacts, FamilyFacts, Narrative) for field in fields(facts)}

    assert not {name for name in names for word in ("sex", "ethnic", "disab") if word in name}
