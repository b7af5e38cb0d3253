"""CIN census returns of every layout become source events, and nothing in them gets lost."""

from __future__ import annotations

import io
import tracemalloc
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecda_stream.sources.accounting import Account
from ecda_stream.sources.cin_census import read_cin_census
from ecda_stream.sources.reading import UnreadableFile

from .builders import CHILD, an_episode, census, faults, of_type, only, read_census, shared, types

PUBLIC_SAMPLES = (
    "BAR_cin_2022.xml",
    "CIN2rows.xml",
    "CIN_Census_2021.xml",
    "CIN_Census_2021_no_assessment_factors.xml",
    "CIN_Census_2024.xml",
    "CIN_Census_2026.xml",
    "fake_CIN_data.xml",
)


@pytest.mark.parametrize("name", PUBLIC_SAMPLES)
def test_every_element_of_the_public_samples_is_carried_or_left_out_by_name(name: str) -> None:
    account = Account()

    events = read_census(shared(f"cin_census_samples/{name}").read_bytes(), account=account)

    assert events
    assert account.seen.total() == account.carried.total() + account.left_out.total() > 0
    assert len({event["id"] for event in events}) == len(events)


def test_the_public_fake_return_has_402_referrals_and_252_closures_of_332_children() -> None:
    events = read_census(shared("cin_census_samples/fake_CIN_data.xml").read_bytes())

    counted = Counter(types(events))
    children = {event["data"]["people"][0]["identifiers"][0]["value"] for event in events}
    assert (counted["referral.received"], counted["closure.recorded"], len(children)) == (402, 252, 332)
    assert list(faults(events)) == []


def test_an_episode_of_every_block_becomes_well_formed_events_in_order_of_happening() -> None:
    events = read_census(census(CHILD + an_episode(EVERYTHING)))

    assert list(faults(events)) == []
    assert types(events) == [
        "referral.received",
        "assessment.started",
        "s47.started",
        "cp_conference.held",
        "cp_plan.started",
        "assessment.completed",
        "cp_plan.reviewed",
        "cin_plan.started",
        "cin_plan.ended",
        "pre_proceedings.started",
        "pre_proceedings.ended",
        "cp_plan.ended",
        "closure.recorded",
    ]
    assert {event["data"]["referral_date"] for event in events} == {"2026-01-05"}
    assert {event["data"]["people"][0]["identifiers"][0]["value"] for event in events} == {"C1"}


EVERYTHING = """
<PrimaryNeedCode>N1</PrimaryNeedCode><CINclosureDate>2026-10-02</CINclosureDate><ReasonForClosure>RC7</ReasonForClosure>
<DateOfInitialCPC>2026-01-29</DateOfInitialCPC>
<Assessments><AssessmentActualStartDate>2026-01-06</AssessmentActualStartDate>
  <AssessmentInternalReviewDate>2026-01-16</AssessmentInternalReviewDate>
  <AssessmentAuthorisationDate>2026-02-10</AssessmentAuthorisationDate>
  <FactorsIdentifiedAtAssessment><AssessmentFactors>3B</AssessmentFactors><AssessmentFactors>16A</AssessmentFactors></FactorsIdentifiedAtAssessment>
</Assessments>
<CINPlanDates><CINPlanStartDate>2026-03-01</CINPlanStartDate><CINPlanEndDate>2026-03-20</CINPlanEndDate></CINPlanDates>
<Section47><S47ActualStartDate>2026-01-08</S47ActualStartDate><InitialCPCtarget>2026-01-29</InitialCPCtarget>
  <DateOfInitialCPC>2026-01-29</DateOfInitialCPC><ICPCnotRequired>0</ICPCnotRequired></Section47>
<ReferralNFA>0</ReferralNFA>
<ChildProtectionPlans><CPPstartDate>2026-01-29</CPPstartDate><CPPendDate>2026-09-01</CPPendDate>
  <InitialCategoryOfAbuse>NEG</InitialCategoryOfAbuse><LatestCategoryOfAbuse>EMO</LatestCategoryOfAbuse>
  <NumberOfPreviousCPP>2</NumberOfPreviousCPP><Reviews><CPPreviewDate>2026-02-20</CPPreviewDate></Reviews></ChildProtectionPlans>
<PreProceedingsandFGDM><PPStartDate>2026-04-01</PPStartDate><LBPSentDate>2026-04-03</LBPSentDate>
  <FGDMMeetingOffer>1</FGDMMeetingOffer><FGDMMeetingFac>false</FGDMMeetingFac><InitialPPMeetingDate>2026-04-11</InitialPPMeetingDate>
  <ReviewMeetingsCount>3</ReviewMeetingsCount><StepDecisionDate>2026-06-01</StepDecisionDate><PPOutcome>A</PPOutcome>
  <CourtAppDate>2026-06-18</CourtAppDate><LetterInitCPDate>2026-06-20</LetterInitCPDate></PreProceedingsandFGDM>
"""


def test_a_conference_said_in_the_episode_and_in_its_enquiry_is_one_conference() -> None:
    account = Account()

    events = read_census(census(CHILD + an_episode(EVERYTHING)), account=account)

    assert only(events, "cp_conference.held")["data"]["icpc_target_date"] == "2026-01-29"
    conferences = {path: count for (kind, path), count in account.carried.items() if kind == "cp_conference.held.v1"}
    assert conferences == {"Child/CINdetails/DateOfInitialCPC": 1, "Child/CINdetails/Section47/DateOfInitialCPC": 1}


def test_the_start_of_a_plan_that_ended_does_not_know_its_latest_category() -> None:
    events = read_census(census(CHILD + an_episode(EVERYTHING)))

    assert only(events, "cp_plan.started")["data"]["initial_category_of_abuse"] == "NEG"
    assert "latest_category_of_abuse" not in only(events, "cp_plan.started")["data"]
    assert only(events, "cp_plan.ended")["data"]["latest_category_of_abuse"] == "EMO"


@pytest.mark.parametrize(("gender", "sex"), [("1", "M"), ("2", "F"), ("0", "U"), ("9", "U"), ("x", "x")])
def test_gender_current_of_older_layouts_becomes_sex(gender: str, sex: str) -> None:
    child = f"<ChildIdentifiers><LAchildID>C1</LAchildID><GenderCurrent>{gender}</GenderCurrent></ChildIdentifiers>"

    [event] = read_census(census(child + an_episode()))

    assert event["data"]["people"][0]["sex"] == sex


@pytest.mark.parametrize(("written", "flag"), [("0", False), ("1", True), ("false", False), ("true", True), ("maybe", "maybe")])
def test_booleans_come_in_four_spellings_and_anything_else_is_passed_on(written: str, flag: bool | str) -> None:
    inside = f"<ReferralNFA>{written}</ReferralNFA><Section47><S47ActualStartDate>2026-01-07</S47ActualStartDate>"
    inside += f"<ICPCnotRequired>{written}</ICPCnotRequired></Section47>"

    events = read_census(census(CHILD + an_episode(inside)))

    assert only(events, "referral.received")["data"]["referral_no_further_action_flag"] == flag
    required = only(events, "s47.started")["data"]["icpc_required_flag"]
    assert required == (not flag if isinstance(flag, bool) else flag)


def test_every_child_identifier_and_characteristic_is_in_every_event() -> None:
    child = (
        "<ChildIdentifiers><LAchildID>C1</LAchildID><UPN>H801200001001</UPN><FormerUPN>A1</FormerUPN><UPNunknown>UN3</UPNunknown>"
        "<PersonBirthDate>2015-03-27</PersonBirthDate><ExpectedPersonBirthDate>2015-03-20</ExpectedPersonBirthDate><Sex>F</Sex>"
        "<PersonDeathDate>2026-09-01</PersonDeathDate></ChildIdentifiers><ChildCharacteristics><Ethnicity>WBRI</Ethnicity>"
        "<Disabilities><Disability>LD</Disability><Disability>AUT</Disability></Disabilities></ChildCharacteristics>"
    )

    events = read_census(
        census(child + an_episode("<CINclosureDate>2026-02-01</CINclosureDate><ReasonForClosure>RC8</ReasonForClosure>"))
    )

    assert [event["data"]["people"] for event in events] == [
        [
            {
                "role": "child",
                "identifiers": [
                    {"kind": "la_child_id", "value": "C1"},
                    {"kind": "upn", "value": "H801200001001"},
                    {"kind": "former_upn", "value": "A1"},
                ],
                "birth_date": "2015-03-27",
                "expected_birth_date": "2015-03-20",
                "death_date": "2026-09-01",
                "sex": "F",
                "ethnicity": "WBRI",
                "disabilities": ["LD", "AUT"],
                "upn_unknown": "UN3",
            }
        ]
    ] * 2


@pytest.mark.parametrize("inside", ["<CINclosureDate>2026-02-01</CINclosureDate>", "<ReasonForClosure>RC7</ReasonForClosure>"])
def test_half_a_closure_is_passed_on_so_that_admit_can_refuse_it_by_its_rule(inside: str) -> None:
    closure = only(read_census(census(CHILD + an_episode(inside))), "closure.recorded")

    assert {"closure_date", "closure_reason"} & set(closure["data"]) != {"closure_date", "closure_reason"}


def test_a_moved_closure_date_keeps_the_event_id() -> None:
    def closure(day: str) -> str:
        inside = f"<CINclosureDate>{day}</CINclosureDate><ReasonForClosure>RC7</ReasonForClosure>"
        return str(only(read_census(census(CHILD + an_episode(inside))), "closure.recorded")["id"])

    assert closure("2026-02-01") == closure("2026-02-09")


def test_factors_of_an_assessment_without_authorisation_are_left_out_by_name() -> None:
    inside = "<Assessments><AssessmentActualStartDate>2026-01-06</AssessmentActualStartDate><FactorsIdentifiedAtAssessment>"
    inside += "<AssessmentFactors>3B</AssessmentFactors></FactorsIdentifiedAtAssessment></Assessments>"
    account = Account()

    events = read_census(census(CHILD + an_episode(inside)), account=account)

    assert types(events) == ["referral.received", "assessment.started"]
    path = "Child/CINdetails/Assessments/FactorsIdentifiedAtAssessment/AssessmentFactors"
    assert account.left_out == {("finding of an assessment that is not authorised", path): 1}


def test_pre_proceedings_without_a_start_date_are_passed_on_without_it() -> None:
    inside = "<PreProceedingsandFGDM><LBPSentDate>2026-04-03</LBPSentDate></PreProceedingsandFGDM>"

    started = only(read_census(census(CHILD + an_episode(inside))), "pre_proceedings.started")

    assert started["data"]["letter_before_proceedings_date"] == "2026-04-03"
    assert list(faults([started])) == ["uk.csc.pre_proceedings.started.v1 start_date"]


def test_two_enquiries_of_one_day_stay_two_and_one_said_twice_is_one() -> None:
    one = "<Section47><S47ActualStartDate>2026-01-07</S47ActualStartDate><ICPCnotRequired>{}</ICPCnotRequired></Section47>"

    different = of_type(read_census(census(CHILD + an_episode(one.format(0) + one.format(1)))), "s47.started")
    equal = of_type(read_census(census(CHILD + an_episode(one.format(0) * 2))), "s47.started")

    assert len({event["id"] for event in different}) == 2
    assert len(equal) == 1
    assert equal[0]["id"] in {event["id"] for event in different}


def test_the_authority_given_wins_over_the_file_with_one_warning() -> None:
    account = Account()
    header = "<Header><Source><LEA>201</LEA></Source></Header>"

    events = read_census(census(CHILD + an_episode(), CHILD + an_episode(), header=header), authority="816", account=account)

    assert {(event["authority"], event["source"]) for event in events} == {("816", "/816/social_care")}
    assert account.warnings == ["the file says LEA 201; the authority given, 816, wins"]


def test_the_same_authority_warns_of_nothing() -> None:
    account = Account()

    read_census(census(CHILD + an_episode(), header="<Header><Source><LEA>881</LEA></Source></Header>"), account=account)

    assert account.warnings == []


def test_namespaces_in_tags_are_tolerated() -> None:
    plain = census(CHILD + an_episode())

    assert read_census(plain.replace(b"<Message>", b'<Message xmlns="urn:cin">')) == read_census(plain)


def test_unknown_elements_attributes_and_stray_text_are_counted_by_path_and_never_quoted() -> None:
    account = Account()
    inside = CHILD + an_episode("<Nickname>secret one</Nickname>") + "secret two"

    read_census(census(inside).replace(b"<Children>", b"<Children note='secret three'>secret four"), account=account)

    assert account.left_out == {
        ("not in any layout 2017-2026", "Child/CINdetails/Nickname"): 1,
        ("stray text between elements", "Child/(text)"): 1,
        ("stray text between elements", "Message/Children/(text)"): 1,
        ("attribute: not in any layout 2017-2026", "Message/Children/@note"): 1,
    }
    assert "secret" not in account.render()


def test_a_child_without_an_episode_is_left_out_by_name() -> None:
    account = Account()

    assert read_census(census(CHILD), account=account) == []
    assert {reason for reason, _ in account.left_out} == {"child without an episode"}


def test_an_entity_bomb_is_refused() -> None:
    bomb = b'<!DOCTYPE m [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><Message><Children>&b;</Children></Message>'

    with pytest.raises(UnreadableFile, match="entities"):
        read_census(bomb)


def test_a_cut_off_file_names_the_line_and_has_yielded_what_was_before() -> None:
    content = census(CHILD + an_episode(), CHILD + an_episode()).replace(b"</Child>", b"</Child>\n")[:-60]
    events = read_cin_census(io.BytesIO(content), authority="881", account=Account())

    assert types([next(events)]) == ["referral.received"]
    with pytest.raises(UnreadableFile, match="at line 2"):
        next(events)


@pytest.mark.parametrize(
    "content", [b"", b"not xml", b"<html/>", b"\xff\xfe\x00", b'<?xml version="1.0" encoding="nonsense"?><Message/>']
)
def test_a_file_of_something_else_is_refused_without_quoting_it(content: bytes) -> None:
    with pytest.raises(UnreadableFile):
        read_census(content)


def test_absurd_nesting_is_refused() -> None:
    with pytest.raises(UnreadableFile, match="nested"):
        read_census(b"<Message>" + b"<a>" * 500)


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    def peak(children: int) -> int:
        path = tmp_path / f"{children}.xml"
        path.write_bytes(census(*([CHILD + an_episode(EVERYTHING)] * children)))
        with path.open("rb") as stream:
            tracemalloc.start()
            for _ in read_cin_census(stream, authority="881", account=Account()):
                pass
            _, highest = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        return highest

    peak(5)  # imports and caches
    assert peak(20 * 50) < 1.5 * peak(20)


@given(st.lists(st.sampled_from(EVERYTHING.split("\n")), max_size=6), st.text("0129-x ", max_size=10))
def test_whatever_is_missing_or_wrong_the_account_balances_and_nothing_is_judged(lines: list[str], day: str) -> None:
    inside = "".join(f"<Section47><S47ActualStartDate>{day}</S47ActualStartDate></Section47>" for _ in range(2))
    inside += "".join(line for line in lines if line.count("<") == 2 * line.count("</"))

    events = read_census(census(CHILD + an_episode(inside, referral=day)))

    assert len({event["id"] for event in events}) == len(events)
