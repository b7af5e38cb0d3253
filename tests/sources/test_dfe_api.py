"""DfE API payloads: what is new, corrected, gone or merely out of the window."""

from __future__ import annotations

import copy
import io
import json
import tracemalloc
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecda_stream.sources.accounting import Account
from ecda_stream.sources.dfe_api import read_dfe_api
from ecda_stream.sources.reading import UnreadableFile

from .builders import (
    CHILD,
    TODAY,
    a_child,
    an_api_episode,
    an_episode,
    census,
    faults,
    of_type,
    only,
    read_api,
    read_census,
    shared,
    types,
)

CLOSED = {"closure_date": "2026-05-01", "closure_reason": "RC7"}
PLAN = {"child_protection_plan_id": "P1", "start_date": "2026-02-01"}


def test_every_element_of_the_public_sample_is_carried_or_left_out_by_name() -> None:
    account = Account()

    events = read_api(json.loads(shared("dfe_csc_api/sample_payload.json").read_text()), account=account)

    assert list(faults(events)) == []
    assert len(events) == 15
    assert {reason.split(":")[0] for reason, _ in account.left_out} == {
        "adoption",
        "care leavers",
        "purge",
        "unaccompanied asylum seeking",
    }


def test_the_same_extract_again_is_no_news() -> None:
    extract = [a_child(an_api_episode(child_protection_plans=[PLAN], **CLOSED))]
    account = Account()

    assert read_api(extract, extract, account=account) == []
    assert {reason for reason, _ in account.left_out} == {"unchanged since the previous extract"}


def test_a_new_closure_is_the_only_event() -> None:
    events = read_api([a_child(an_api_episode(**CLOSED))], [a_child(an_api_episode())])

    assert types(events) == ["closure.recorded"]
    assert events[0]["data"]["referral_date"] == "2026-01-05"


@pytest.mark.parametrize("kind", ["snapshot", "delta"])
def test_ids_that_churn_make_no_new_plan(kind: Literal["snapshot", "delta"]) -> None:
    before = [a_child(an_api_episode(child_protection_plans=[PLAN]))]
    after = [a_child(an_api_episode(social_care_episode_id="E9", child_protection_plans=[{**PLAN, "child_protection_plan_id": "P9"}]))]

    assert read_api(after, before, kind=kind) == []


def test_ids_numbered_anew_after_the_window_rolled_correct_nothing() -> None:
    first = an_api_episode(**CLOSED)
    second = an_api_episode(social_care_episode_id="E2", referral_date="2026-08-01")

    events = read_api([a_child({**second, "social_care_episode_id": "E1"})], [a_child(first, second)])

    assert types(events) == ["source.withdrawn"]


def test_a_moved_closure_date_is_a_correction_of_the_same_event() -> None:
    before = [a_child(an_api_episode(**CLOSED))]
    [first] = of_type(read_api(before), "closure.recorded")

    [moved] = read_api([a_child(an_api_episode(**{**CLOSED, "closure_date": "2026-05-08"}))], before)

    assert moved["id"] == first["id"]
    assert moved["data"]["closure_date"] == "2026-05-08"


def test_a_vanished_closure_is_retracted_by_a_snapshot_and_untouched_by_a_delta() -> None:
    before, after = [a_child(an_api_episode(**CLOSED))], [a_child(an_api_episode())]
    [closure] = of_type(read_api(before), "closure.recorded")

    [retraction] = read_api(after, before)

    assert types([retraction]) == ["record.retracted"]
    assert retraction["data"]["event_id"] == closure["id"]
    assert retraction["data"]["retraction_date"] == "2026-11-20"
    assert list(faults([retraction])) == []
    assert read_api(after, before, kind="delta") == []


def test_a_closure_emptied_explicitly_is_retracted_by_a_delta_too() -> None:
    after = [a_child(an_api_episode(closure_date=None, closure_reason=None))]

    assert types(read_api(after, [a_child(an_api_episode(**CLOSED))], kind="delta")) == ["record.retracted"]


def test_rolling_the_cohort_window_forward_only_withdraws() -> None:
    old = an_api_episode(**CLOSED, child_protection_plans=[PLAN])
    new = an_api_episode(social_care_episode_id="E2", referral_date="2026-08-01")
    before = [a_child(old, new), a_child(old, la_child_id="C2")]

    events = read_api([a_child(new)], before)

    assert [(event["type"], event["data"]["scope"]) for event in events] == [
        ("uk.csc.source.withdrawn.v1", "episode"),
        ("uk.csc.source.withdrawn.v1", "child"),
    ]
    assert events[0]["data"]["referral_date"] == "2026-01-05"
    assert events[1]["data"]["people"][0]["identifiers"][0]["value"] == "C2"
    assert list(faults(events)) == []


def test_a_delta_leaves_absent_children_episodes_and_items_unchanged() -> None:
    before = [
        a_child(an_api_episode(child_protection_plans=[PLAN]), an_api_episode(social_care_episode_id="E2", referral_date="2026-08-01"))
    ]
    delta = [{"la_child_id": "C1", "social_care_episodes": [{"social_care_episode_id": "E2", **CLOSED, "closure_date": "2026-11-01"}]}]

    events = read_api(delta, [*before, a_child(an_api_episode(), la_child_id="C2")], kind="delta")

    assert types(events) == ["closure.recorded"]
    assert events[0]["data"]["referral_date"] == "2026-08-01"


@pytest.mark.parametrize("kind", ["snapshot", "delta"])
@pytest.mark.parametrize("compared", [True, False])
def test_a_purged_child_is_withdrawn_never_retracted_or_erased(kind: Literal["snapshot", "delta"], compared: bool) -> None:
    before = [a_child(an_api_episode(**CLOSED))] if compared else None

    events = read_api([{"la_child_id": "C1", "purge": True}], before, kind=kind)

    assert [(event["type"], event["data"]["scope"]) for event in events] == [("uk.csc.source.withdrawn.v1", "child")]


@pytest.mark.parametrize("kind", ["snapshot", "delta"])
def test_purged_episodes_and_items_are_withdrawn(kind: Literal["snapshot", "delta"]) -> None:
    before = [
        a_child(an_api_episode(child_protection_plans=[PLAN]), an_api_episode(social_care_episode_id="E2", referral_date="2026-08-01"))
    ]
    [plan] = of_type(read_api(before), "cp_plan.started")
    after = [
        a_child(
            an_api_episode(child_protection_plans=[{"child_protection_plan_id": "P1", "purge": True}]),
            {"social_care_episode_id": "E2", "referral_date": "2026-08-01", "purge": True},
        )
    ]

    events = read_api(after, before, kind=kind)

    assert types(events) == ["source.withdrawn", "source.withdrawn"]
    assert {event["data"]["scope"]: event["data"].get("event_id") for event in events} == {"record": plan["id"], "episode": None}
    assert read_api(after, after, kind=kind) == []


def test_a_corrected_start_date_retracts_the_old_start() -> None:
    before = [a_child(an_api_episode(child_protection_plans=[PLAN]))]
    [old] = of_type(read_api(before), "cp_plan.started")

    events = read_api([a_child(an_api_episode(child_protection_plans=[{**PLAN, "start_date": "2026-02-03"}]))], before)

    assert types(events) == ["record.retracted", "cp_plan.started"]
    assert events[0]["data"]["event_id"] == old["id"] != events[1]["id"]


def test_a_corrected_referral_date_retracts_every_fact_of_the_episode() -> None:
    before = [a_child(an_api_episode(child_protection_plans=[PLAN], **CLOSED))]

    events = read_api([a_child(an_api_episode(child_protection_plans=[PLAN], **CLOSED, referral_date="2026-01-06"))], before)

    assert types(events) == ["record.retracted"] * 3 + ["referral.received", "cp_plan.started", "closure.recorded"]


def test_a_child_whose_birth_date_was_corrected_sends_the_latest_referral_again() -> None:
    before = [a_child(an_api_episode(**CLOSED), an_api_episode(social_care_episode_id="E2", referral_date="2026-08-01"))]
    after = copy.deepcopy(before)
    after[0]["child_details"]["date_of_birth"] = "2015-03-28"

    [event] = read_api(after, before)

    assert (event["type"], event["data"]["referral_date"]) == ("uk.csc.referral.received.v1", "2026-08-01")
    assert event["data"]["people"][0]["birth_date"] == "2015-03-28"
    assert event["id"] in {known["id"] for known in read_api(before)}


def test_placements_start_move_and_end() -> None:
    placements = [
        {"start_date": "2026-02-01", "start_reason": "S", "end_date": "2026-03-01", "end_reason": "X1", "change_reason": "CARPL"},
        {"start_date": "2026-03-01", "start_reason": "P", "placement_type": "U1", "end_date": "2026-04-01", "end_reason": "E4A"},
        {"start_date": "2026-09-01", "start_reason": "S"},
    ]
    account = Account()

    events = read_api([a_child(an_api_episode(child_looked_after_placements=placements))], account=account)

    assert types(events) == ["referral.received", "cla.started", "cla.placement_changed", "cla.ended", "cla.started"]
    assert events[2]["data"]["change_reason"] == "CARPL"
    assert ("placement ended by a move (X1): the next placement's start says it") in {reason for reason, _ in account.left_out}


def test_a_move_stays_a_move_when_the_placement_before_it_leaves_the_window() -> None:
    first = {"child_looked_after_placement_id": "L1", "start_date": "2026-02-01", "start_reason": "S", "end_reason": "X1"}
    second = {"child_looked_after_placement_id": "L2", "start_date": "2026-03-01", "start_reason": "P"}

    events = read_api(
        [a_child(an_api_episode(child_looked_after_placements=[second]))],
        [a_child(an_api_episode(child_looked_after_placements=[first, second]))],
    )

    assert types(events) == ["source.withdrawn"]


def test_census_and_api_give_the_same_fact_the_same_id() -> None:
    inside = """
    <CINclosureDate>2026-05-01</CINclosureDate><ReasonForClosure>RC7</ReasonForClosure>
    <Assessments><AssessmentActualStartDate>2026-01-06</AssessmentActualStartDate>
      <AssessmentAuthorisationDate>2026-02-10</AssessmentAuthorisationDate></Assessments>
    <Section47><S47ActualStartDate>2026-01-08</S47ActualStartDate><DateOfInitialCPC>2026-01-29</DateOfInitialCPC></Section47>
    <CINPlanDates><CINPlanStartDate>2026-03-01</CINPlanStartDate><CINPlanEndDate>2026-03-20</CINPlanEndDate></CINPlanDates>
    <ChildProtectionPlans><CPPstartDate>2026-02-01</CPPstartDate><CPPendDate>2026-04-20</CPPendDate></ChildProtectionPlans>
    """
    episode = an_api_episode(
        child_and_family_assessments=[
            {"child_and_family_assessment_id": "A", "start_date": "2026-01-06", "authorisation_date": "2026-02-10"}
        ],
        section_47_assessments=[{"section_47_assessment_id": "S", "start_date": "2026-01-08", "icpc_date": "2026-01-29"}],
        child_in_need_plans=[{"child_in_need_plan_id": "N", "start_date": "2026-03-01", "end_date": "2026-03-20"}],
        child_protection_plans=[{**PLAN, "end_date": "2026-04-20"}],
        **CLOSED,
    )

    from_census = {event["id"]: event["type"] for event in read_census(census(CHILD + an_episode(inside)))}
    from_api = {event["id"]: event["type"] for event in read_api([a_child(episode)])}

    assert from_api == from_census
    assert len(from_api) == 10


def test_sdq_scores_are_recorded_and_corrected_in_place() -> None:
    def health(score: int) -> dict[str, Any]:
        return {"sdq_assessments": [{"date": "2026-03-03", "score": score}]}

    before = [a_child(an_api_episode(), health_and_wellbeing=health(12))]
    [first] = of_type(read_api(before), "sdq.recorded")
    [second] = read_api([a_child(an_api_episode(), health_and_wellbeing=health(14))], before)

    assert second["id"] == first["id"]
    assert second["data"]["score"] == 14


@pytest.mark.parametrize("wrap", [lambda child: child, lambda child: {"la_code": "881", "Children": [child]}, lambda child: [child, 7]])
def test_a_single_object_and_older_wrappings_are_read(wrap: Any) -> None:
    assert types(read_api(wrap(a_child(an_api_episode())))) == ["referral.received"]


def test_unknown_keys_are_counted_by_path_and_never_quoted() -> None:
    account = Account()

    read_api([a_child(an_api_episode(mood="secret"), **{"nick name!": {"deep": "secret"}})], account=account)

    assert account.left_out == {
        ("not in the specification 1.0.1", "social_care_episodes[]/mood"): 1,
        ("not in the specification 1.0.1", "(odd name)/deep"): 1,
    }
    assert "secret" not in account.render()


def test_a_key_given_twice_is_counted() -> None:
    account = Account()
    content = b'[{"la_child_id": "C0", "la_child_id": "C1", "social_care_episodes": [{"referral_date": "2026-01-05"}]}]'

    events = list(read_dfe_api(io.BytesIO(content), None, authority="881", kind="snapshot", account=account, as_of=TODAY))

    assert account.balanced
    assert events[0]["data"]["people"][0]["identifiers"] == [{"kind": "la_child_id", "value": "C1"}]
    assert account.left_out["key given twice in one object", "la_child_id"] == 1


@pytest.mark.parametrize("content", [b"", b"[", b'[{"la_child_id": "C1"', b"nonsense", b"[]]", b"[{}" + b'{"a":' * 90, b'["\xff"]'])
def test_what_is_not_json_is_refused(content: bytes) -> None:
    with pytest.raises(UnreadableFile):
        list(read_dfe_api(io.BytesIO(content), None, authority="881", kind="snapshot", account=Account(), as_of=TODAY))


def test_a_byte_order_mark_is_tolerated() -> None:
    content = b"\xef\xbb\xbf" + json.dumps([a_child(an_api_episode())]).encode()

    events = list(read_dfe_api(io.BytesIO(content), None, authority="881", kind="snapshot", account=Account(), as_of=TODAY))

    assert types(events) == ["referral.received"]


def test_memory_does_not_grow_with_the_files(tmp_path: Path) -> None:
    episodes = [
        an_api_episode(child_protection_plans=[PLAN] * 3, social_care_episode_id=f"E{n}", referral_date=f"2020-01-{n:02d}")
        for n in range(1, 8)
    ]

    def peak(children: int) -> int:
        old, new = tmp_path / "old.json", tmp_path / "new.json"
        for path, shift in ((old, 0), (new, children // 4)):
            path.write_text(json.dumps([a_child(*episodes, la_child_id=f"C{n + shift}") for n in range(children)]))
        with old.open("rb") as before, new.open("rb") as after:
            tracemalloc.start()
            for _ in read_dfe_api(after, before, authority="881", kind="snapshot", account=Account(), as_of=TODAY):
                pass
            _, highest = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        return highest

    peak(2)  # imports and caches
    assert peak(8 * 50) < 1.5 * peak(8)


DAYS = st.sampled_from([f"2026-{month:02d}-11" for month in range(1, 7)])
PLANS = st.lists(
    st.fixed_dictionaries({"child_protection_plan_id": st.sampled_from("PQR"), "start_date": DAYS}, optional={"end_date": DAYS}),
    max_size=3,
)
EPISODES = st.lists(
    st.builds(
        an_api_episode,
        social_care_episode_id=st.sampled_from("EFG"),
        referral_date=DAYS,
        child_protection_plans=PLANS,
        closure_date=DAYS,
    ),
    max_size=3,
)


@given(EPISODES, EPISODES)
def test_applying_the_changes_to_the_first_extract_gives_the_second(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> None:
    def known(events: list[dict[str, Any]]) -> dict[str, str]:
        return {event["id"]: _content(event) for event in events}

    state = known(read_api([a_child(*before)]))
    for event in read_api([a_child(*after)], [a_child(*before)]):
        if event["type"] == "uk.csc.record.retracted.v1" or event["data"].get("scope") == "record":
            del state[event["data"]["event_id"]]
        elif event["data"].get("scope") == "episode":
            state = {own_id: content for own_id, content in state.items() if f'"{event["data"]["referral_date"]}" of' not in content}
        else:
            state[event["id"]] = _content(event)

    assert state == known(read_api([a_child(*after)]))


def _content(event: dict[str, Any]) -> str:
    fields = {name: value for name, value in event["data"].items() if name not in ("people", "episode_id", "plan_id")}
    return f'"{fields["referral_date"]}" of {json.dumps([event["type"], fields], sort_keys=True)}'


def test_only_is_strict() -> None:
    with pytest.raises(ValueError):
        only([], "referral.received")
