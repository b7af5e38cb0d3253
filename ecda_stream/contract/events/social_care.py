"""Children's social care: contact to closure, early help, missing episodes and documents."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ecda_stream.contract.codes import (
    ASSESSMENT_FACTORS,
    CATEGORY_OF_ABUSE,
    CLOSURE_REASON,
    PRIMARY_NEED,
    REFERRAL_SOURCE,
)
from ecda_stream.contract.events.base import EventData
from ecda_stream.contract.fields import Count, Day, Flag, Identifier, OpenCode, OpenCodes, Text


class ContactReceived(EventData):
    """Someone contacted the council about a child; not every contact becomes a referral."""

    type_name = "contact.received.v1"
    happened_field = "contact_date"

    contact_date: Day
    referral_source: Annotated[Text, REFERRAL_SOURCE]
    contact_outcome: OpenCodes = ()


class ReferralReceived(EventData):
    """A referral opened an episode (CINreferralDate)."""

    type_name = "referral.received.v1"
    happened_field = "referral_date"
    missing_codes = {"referral_date": "8600"}

    referral_date: Day
    referral_source: Annotated[Text, REFERRAL_SOURCE]
    primary_need_code: Annotated[Text, PRIMARY_NEED] | None = None
    referral_no_further_action_flag: Flag | None = None
    referral_outcome: OpenCodes = ()


class AssessmentStarted(EventData):
    """A child and family assessment started (AssessmentActualStartDate)."""

    type_name = "assessment.started.v1"
    happened_field = "start_date"
    token_fields = ("assessment_id",)
    not_before_referral = "1103"

    assessment_id: Identifier | None = None
    start_date: Day


class AssessmentCompleted(EventData):
    """A child and family assessment was authorised, with the factors identified (AssessmentAuthorisationDate)."""

    type_name = "assessment.completed.v1"
    happened_field = "authorisation_date"
    token_fields = ("assessment_id",)

    assessment_id: Identifier | None = None
    start_date: Day | None = None
    authorisation_date: Day
    internal_review_date: Day | None = None
    factors: Annotated[tuple[Annotated[Text, ASSESSMENT_FACTORS], ...], Field(max_length=64)] = ()
    child_seen: Flag | None = None
    outcome: OpenCodes = ()


class S47Started(EventData):
    """A section 47 enquiry started (S47ActualStartDate)."""

    type_name = "s47.started.v1"
    happened_field = "start_date"
    token_fields = ("s47_id",)
    not_before_referral = "2889"

    s47_id: Identifier | None = None
    start_date: Day
    icpc_required_flag: Flag | None = None
    icpc_target_date: Day | None = None


class S47Completed(EventData):
    """A section 47 enquiry ended."""

    type_name = "s47.completed.v1"
    happened_field = "end_date"
    token_fields = ("s47_id",)

    s47_id: Identifier | None = None
    start_date: Day | None = None
    end_date: Day
    icpc_required_flag: Flag | None = None
    outcome: OpenCodes = ()


class CpConferenceHeld(EventData):
    """An initial child protection conference was held (DateOfInitialCPC)."""

    type_name = "cp_conference.held.v1"
    happened_field = "icpc_date"
    not_before_referral = "1104"

    icpc_date: Day
    icpc_target_date: Day | None = None
    outcome_cp_flag: Flag | None = None
    outcome: OpenCodes = ()


class CpPlanStarted(EventData):
    """A child protection plan started (CPPstartDate); the DfE API gives no category of abuse."""

    type_name = "cp_plan.started.v1"
    happened_field = "start_date"
    token_fields = ("plan_id",)
    not_before_referral = "1105"

    plan_id: Identifier | None = None
    start_date: Day
    initial_category_of_abuse: Annotated[Text, CATEGORY_OF_ABUSE] | None = None
    latest_category_of_abuse: Annotated[Text, CATEGORY_OF_ABUSE] | None = None
    number_of_previous_cpp: Count | None = None


class CpPlanReviewed(EventData):
    """A child protection plan was reviewed (CPPreviewDate)."""

    type_name = "cp_plan.reviewed.v1"
    happened_field = "review_date"
    token_fields = ("plan_id",)

    plan_id: Identifier | None = None
    start_date: Day | None = None
    review_date: Day
    continue_cp: Flag | None = None


class CpPlanEnded(EventData):
    """A child protection plan ended (CPPendDate)."""

    type_name = "cp_plan.ended.v1"
    happened_field = "end_date"
    token_fields = ("plan_id",)

    plan_id: Identifier | None = None
    start_date: Day | None = None
    end_date: Day
    latest_category_of_abuse: Annotated[Text, CATEGORY_OF_ABUSE] | None = None


class CinPlanStarted(EventData):
    """A child in need plan started (CINPlanStartDate)."""

    type_name = "cin_plan.started.v1"
    happened_field = "start_date"
    token_fields = ("plan_id",)
    not_before_referral = "4015"

    plan_id: Identifier | None = None
    start_date: Day


class CinPlanEnded(EventData):
    """A child in need plan ended (CINPlanEndDate)."""

    type_name = "cin_plan.ended.v1"
    happened_field = "end_date"
    token_fields = ("plan_id",)

    plan_id: Identifier | None = None
    start_date: Day | None = None
    end_date: Day


class ClaStarted(EventData):
    """A child became looked after (SSDA903 DECOM with reason for new episode S)."""

    type_name = "cla.started.v1"
    happened_field = "start_date"
    token_fields = ("placement_id",)
    unlogged_fields = ("postcode",)

    placement_id: Identifier | None = None
    start_date: Day
    start_reason: OpenCode | None = None
    placement_type: OpenCode | None = None
    legal_status: OpenCode | None = None
    postcode: Text | None = None


class ClaPlacementChanged(EventData):
    """A looked-after child moved, or the legal status changed (SSDA903 RNE other than S)."""

    type_name = "cla.placement_changed.v1"
    happened_field = "start_date"
    token_fields = ("placement_id",)
    unlogged_fields = ("postcode",)

    placement_id: Identifier | None = None
    start_date: Day
    start_reason: OpenCode | None = None
    placement_type: OpenCode | None = None
    change_reason: OpenCode | None = None
    legal_status: OpenCode | None = None
    postcode: Text | None = None


class ClaEnded(EventData):
    """A child ceased to be looked after (SSDA903 REC other than X1)."""

    type_name = "cla.ended.v1"
    happened_field = "end_date"
    token_fields = ("placement_id",)

    placement_id: Identifier | None = None
    start_date: Day | None = None
    end_date: Day
    end_reason: OpenCode | None = None
    change_reason: OpenCode | None = None


class PreProceedingsStarted(EventData):
    """Pre-proceedings started (PPStartDate)."""

    type_name = "pre_proceedings.started.v1"
    happened_field = "start_date"

    start_date: Day
    letter_before_proceedings_date: Day | None = None
    fgdm_offered: Flag | None = None
    fgdm_facilitated: Flag | None = None
    initial_meeting_date: Day | None = None
    letter_initiating_conference_date: Day | None = None


class PreProceedingsEnded(EventData):
    """Pre-proceedings ended with a decision (StepDecisionDate)."""

    type_name = "pre_proceedings.ended.v1"
    happened_field = "decision_date"

    start_date: Day | None = None
    decision_date: Day
    outcome: OpenCode | None = None
    review_meetings_count: Count | None = None
    court_application_date: Day | None = None


class EarlyHelpStarted(EventData):
    """An early help episode started."""

    type_name = "early_help.started.v1"
    happened_field = "start_date"
    unlogged_fields = ("organisation",)

    start_date: Day
    reason: OpenCode | None = None
    organisation: Text | None = None


class EarlyHelpEnded(EventData):
    """An early help episode ended: outcomes met, stepped up, or no further action."""

    type_name = "early_help.ended.v1"
    happened_field = "end_date"
    unlogged_fields = ("organisation",)

    start_date: Day | None = None
    end_date: Day
    end_reason: OpenCode | None = None
    organisation: Text | None = None


class ClosureRecorded(EventData):
    """An episode was closed (CINclosureDate) with its reason; the two come together."""

    type_name = "closure.recorded.v1"
    happened_field = "closure_date"
    missing_codes = {"closure_reason": "8805", "closure_date": "8810"}
    not_before_referral = "8630"

    closure_date: Day
    closure_reason: Annotated[Text, CLOSURE_REASON]
    closed_stage: Literal["nfa", "assessment", "cin", "cp", "cla"] | None = None


class ClosureRetracted(EventData):
    """An episode that was closed is open again: the closure was recorded by mistake."""

    type_name = "closure.retracted.v1"
    happened_field = "retraction_date"

    retraction_date: Day
    previous_closure_date: Day | None = None


class WorkerChanged(EventData):
    """Another social worker became responsible."""

    type_name = "worker.changed.v1"
    happened_field = "start_date"
    token_fields = ("worker_id",)

    worker_id: Identifier
    start_date: Day
    end_date: Day | None = None
    reason: OpenCode | None = None


class MissingStarted(EventData):
    """A child went missing (M) or was away without authorisation (A)."""

    type_name = "missing.started.v1"
    happened_field = "start_date"

    start_date: Day
    missing_type: Literal["M", "A"]


class MissingEnded(EventData):
    """A missing child was found; whether a return home interview (RHI) was offered and accepted."""

    type_name = "missing.ended.v1"
    happened_field = "end_date"

    start_date: Day | None = None
    end_date: Day
    missing_type: Literal["M", "A"]
    rhi_offered: Literal["Y", "N", "NA"] | None = None
    rhi_accepted: Literal["Y", "N", "NA"] | None = None


class SdqRecorded(EventData):
    """A strengths and difficulties questionnaire was scored (SDQ_SCORE, 0 to 40)."""

    type_name = "sdq.recorded.v1"
    happened_field = "assessment_date"

    assessment_date: Day
    score: Annotated[Count, Field(le=40)]


class DocumentRecorded(EventData):
    """A narrative: referral, assessment or closure text; arrives apart from its event, late, and revised."""

    type_name = "document.recorded.v1"
    happened_field = "written_date"
    token_fields = ("document_id",)
    unlogged_fields = ("text",)

    document_id: Identifier | None = None
    kind: Literal["referral", "assessment", "closure"]
    written_date: Day
    text: Text


class PersonMerged(EventData):
    """The source found that two of its records are one person: the first of `people` survives."""

    type_name = "person.merged.v1"
    happened_field = "merged_date"

    merged_date: Day


class PersonPurged(EventData):
    """The source no longer sends this person; kept and marked, because leaving a cohort window is no request to erase."""

    type_name = "person.purged.v1"
    happened_field = "purged_date"

    purged_date: Day
    reason: OpenCode | None = None


TYPES: tuple[type[EventData], ...] = (
    ContactReceived,
    ReferralReceived,
    AssessmentStarted,
    AssessmentCompleted,
    S47Started,
    S47Completed,
    CpConferenceHeld,
    CpPlanStarted,
    CpPlanReviewed,
    CpPlanEnded,
    CinPlanStarted,
    CinPlanEnded,
    ClaStarted,
    ClaPlacementChanged,
    ClaEnded,
    PreProceedingsStarted,
    PreProceedingsEnded,
    EarlyHelpStarted,
    EarlyHelpEnded,
    ClosureRecorded,
    ClosureRetracted,
    WorkerChanged,
    MissingStarted,
    MissingEnded,
    SdqRecorded,
    DocumentRecorded,
    PersonMerged,
    PersonPurged,
)
