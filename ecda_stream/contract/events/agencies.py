"""The neighbouring agencies: school, police, housing."""

from __future__ import annotations

from typing import Literal

from ecda_stream.contract.events.base import EventData
from ecda_stream.contract.fields import Count, Counts, Day, Flag, Identifier, OpenCode, OpenCodes


class SchoolAttendanceSummarised(EventData):
    """Sessions possible and missed over a period (school census termly sessions); `by_code` counts attendance codes."""

    type_name = "school.attendance_summarised.v1"
    happened_field = "period_end"

    period_start: Day
    period_end: Day
    sessions_possible: Count
    sessions_authorised: Count | None = None
    sessions_unauthorised: Count | None = None
    by_code: Counts | None = None


class SchoolExcluded(EventData):
    """A suspension or exclusion (school census; FIXD is the name before 2020 of SUSP)."""

    type_name = "school.excluded.v1"
    happened_field = "start_date"

    start_date: Day
    category: Literal["PERM", "SUSP", "LNCH", "FIXD"]
    sessions: Count | None = None
    reason1: OpenCode | None = None
    reason2: OpenCode | None = None
    reason3: OpenCode | None = None
    sen_provision: OpenCode | None = None


class PoliceIncidentNotified(EventData):
    """The police told children's social care of an incident (no national standard: our own minimal fields)."""

    type_name = "police.incident_notified.v1"
    happened_field = "incident_date"
    token_fields = ("incident_id",)

    incident_date: Day
    incident_id: Identifier | None = None
    child_present: Flag | None = None
    domestic_abuse_flag: Flag | None = None
    child_role: Literal["victim", "witness", "suspect", "missing", "other"] | None = None
    risk_grade: Literal["standard", "medium", "high"] | None = None


class HousingCaseChanged(EventData):
    """A homelessness or housing case moved to another stage (H-CLIC sections)."""

    type_name = "housing.case_changed.v1"
    happened_field = "change_date"
    token_fields = ("case_id",)

    change_date: Day
    stage: OpenCode
    case_id: Identifier | None = None
    duty: OpenCode | None = None
    support_needs: OpenCodes = ()


TYPES: tuple[type[EventData], ...] = (
    SchoolAttendanceSummarised,
    SchoolExcluded,
    PoliceIncidentNotified,
    HousingCaseChanged,
)
