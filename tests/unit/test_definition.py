"""stream.yaml: every fault at once, and what is refused as a feature."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
import yaml

from ecda_stream.definition import parse_definition
from ecda_stream.errors import BadDefinition
from tests.builders import ROOT

RAW: dict[str, Any] = yaml.safe_load((ROOT / "streams/re_referral/stream.yaml").read_text(encoding="utf-8"))


def _faults(raw: object) -> tuple[str, ...]:
    with pytest.raises(BadDefinition) as refused:
        parse_definition(raw)
    return refused.value.faults


def _with_feature(**changes: Any) -> dict[str, Any]:
    raw = deepcopy(RAW)
    raw["features"][0].update(changes)
    return raw


def test_every_fault_of_form_is_reported_at_once() -> None:
    raw = {**deepcopy(RAW), "mode": "dead", "revision_days": 0, "colour": "red"}
    del raw["purpose"]

    assert len(_faults(raw)) == 4


def test_every_fault_of_meaning_is_reported_at_once() -> None:
    raw = deepcopy(RAW)
    raw["trigger"]["type"] = "closure.recorded.v9"
    raw["label"]["escalated_level"] = "heaven"
    raw["features"][0]["of"] = ["referral.received.v9"]
    raw["features"][1]["range"] = [5, 5]
    raw["features"][2]["name"] = raw["features"][3]["name"]

    faults = _faults(raw)

    for fault in ("trigger.type", "trigger's own type", "escalated_level", "referral.received.v9", "range is empty", "more than once"):
        assert any(fault in found for found in faults), fault


@pytest.mark.parametrize(
    "changes",
    [{"where": {"sex": ["F"]}}, {"field": "ethnicity"}, {"where": {"disabilities": ["AUT"]}}, {"name": "disability"}, {"name": "sex"}],
    ids=str,
)
def test_sex_ethnicity_and_disability_are_refused_as_features(changes: dict[str, Any]) -> None:
    assert any("evaluation only" in fault for fault in _faults(_with_feature(**changes)))


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"of": []}, "count needs of"),
        ({"measure": "distinct"}, "distinct needs field, of"),
        ({"measure": "between"}, "between needs of, to"),
        ({"measure": "findings"}, "findings needs concepts"),
        ({"where": {"shoe_size": ["7"]}}, "has no field shoe_size"),
        ({"window_days": 0}, "window_days"),
        ({"window_days": 7306}, "window_days"),
        ({"measure": "eval"}, "measure"),
        ({"concepts": ["rain"]}, "concepts"),
    ],
    ids=str,
)
def test_a_feature_that_could_not_be_measured_is_refused(changes: dict[str, Any], fault: str) -> None:
    assert any(fault in found for found in _faults(_with_feature(**changes)))


def test_a_rule_on_a_field_that_the_trigger_has_not_is_refused() -> None:
    raw = deepcopy(RAW)
    raw["trigger"]["not_scored"][0]["field"] = "weather"

    assert _faults(raw) == ("trigger.not_scored.adopted: closure.recorded.v1 has no field weather",)


def test_mode_live_needs_its_papers() -> None:
    assert _faults({**RAW, "mode": "live"}) == ("dpia_reference: mode live needs it", "bar_met: mode live needs it")


@pytest.mark.parametrize("raw", [None, [], "text", 7])
def test_what_is_no_mapping_is_refused(raw: object) -> None:
    assert _faults(raw)


def test_the_digest_changes_with_any_content_and_with_nothing_else() -> None:
    assert parse_definition(RAW).digest == parse_definition(dict(reversed(RAW.items()))).digest
    assert parse_definition(RAW).digest != parse_definition({**RAW, "owner": "Somebody else"}).digest


@pytest.mark.parametrize(
    ("conditions", "fault"),
    [
        ([], "together needs together"),
        ([[{"feature": "no_such", "at_least": 1}]], "no_such is no feature that stands alone"),
        ([[{"feature": "missing_as_teenager", "at_least": 1}]], "missing_as_teenager is no feature that stands alone"),
        ([[{"feature": "age_years"}]], "age_years needs at_least or below"),
        ([[{"feature": "age_years", "at_least": 13, "below": 13}]], "nothing lies between the bounds of age_years"),
        ([[]], "at least 1 item"),
    ],
    ids=["no condition", "an unknown feature", "another joint feature", "no bound", "bounds that exclude all", "an empty group"],
)
def test_a_joint_feature_that_could_not_be_decided_is_refused(conditions: list[Any], fault: str) -> None:
    assert any(fault in found for found in _faults(_with_feature(measure="together", of=[], together=conditions)))


def test_conditions_on_another_measure_are_refused() -> None:
    changes = _with_feature(together=[[{"feature": "age_years", "below": 1}]])

    assert any("count knows no conditions" in found for found in _faults(changes))
