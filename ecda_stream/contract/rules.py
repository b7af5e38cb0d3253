"""The rules that one record can break by itself; those that need a second record are quality notes of the score.

Numbers are those of the national CIN validator (data-to-insight/csc-validator-be-cin, rules 2022/23 to 2025/26). 8610 (primary need
missing) is a query here and not a refusal: the DfE API carries no primary need at all.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from ecda_stream.contract.envelope import LONDON
from ecda_stream.contract.events.social_care import ClosureRecorded, ReferralReceived
from ecda_stream.contract.fields import SYSTEM_PATTERN
from ecda_stream.contract.people import Person
from ecda_stream.contract.source_event import SourceEvent
from ecda_stream.errors import InvalidEvent

TOLERANCE = timedelta(days=1)
LONGEST_PREGNANCY = timedelta(weeks=40)

SOURCE_TOPICS = "ecda.source."
REVIEW_TOPIC = "ecda.source.review.v1"
REVIEW_SYSTEM = "review"


def check(event: SourceEvent) -> tuple[str, ...]:
    """Return the codes of the queries that the event raises.

    Raises InvalidEvent for a rule that costs the record.
    """
    _check_authority(event)
    _check_decision(event)
    _check_people(event)
    _check_times(event)
    data = event.data
    if data.not_before_referral and data.referral_date and data.happened_at < data.referral_date:
        raise InvalidEvent(data.not_before_referral, "before the referral of its episode")
    return _check_referral(data) if isinstance(data, ReferralReceived) else ()


def _check_authority(event: SourceEvent) -> None:
    authority = event.envelope.authority
    parts = event.envelope.source.split("/")
    if len(parts) != 3 or parts[0] or not re.fullmatch(SYSTEM_PATTERN, parts[2]):
        raise InvalidEvent("wrong-field", "source is not of the form /{authority}/{system}")
    if parts[1] != authority:
        raise InvalidEvent("authority-mismatch", "source and authority differ")
    if authority == "*" and not event.data.every_authority:
        raise InvalidEvent("wrong-authority", "authority * is for decisions only")


def _check_decision(event: SourceEvent) -> None:
    """The broker lets only the review console write to the review topic; a file has no such guard, so there its system must say so."""
    if not event.data.review_only:
        return
    on_kafka = event.topic.startswith(SOURCE_TOPICS)
    if event.topic != REVIEW_TOPIC if on_kafka else event.envelope.system != REVIEW_SYSTEM:
        raise InvalidEvent("wrong-source", "decisions come through the review topic only")


def _check_people(event: SourceEvent) -> None:
    data = event.data
    places = range(len(data.people))
    if any(relation.subject not in places or relation.object not in places for relation in data.relations):
        raise InvalidEvent("wrong-person", "a relation points at nobody")
    if isinstance(data, ClosureRecorded) and sum(person.role == "child" for person in data.people) != 1:
        raise InvalidEvent("wrong-person", "a closure is about one child")


def _check_times(event: SourceEvent) -> None:
    happened_on, recorded_at = event.data.happened_at, event.envelope.recordedtime
    if event.envelope.time is not None and event.envelope.time.astimezone(LONDON).date() != happened_on:
        raise InvalidEvent("time-on-another-day", "time is on another London day than the type's own date")
    if recorded_at is not None and recorded_at - event.arrived_at > TOLERANCE:
        raise InvalidEvent("recorded-in-future", "recorded more than a day after it arrived")
    if _start_of(happened_on) - (recorded_at or event.arrived_at) > TOLERANCE:
        raise InvalidEvent("happened-in-future", "happened more than a day after it was recorded")


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time(), LONDON)


def _check_referral(data: ReferralReceived) -> tuple[str, ...]:
    notes = []
    for child in data.people:
        born = _birth_of(child)
        if born is not None and born - data.referral_date > LONGEST_PREGNANCY:
            raise InvalidEvent("8606", "referral more than 40 weeks before the birth")
        if child.role == "child" and child.death_date and data.referral_date > child.death_date:
            notes.append("8555Q")
    if data.primary_need_code is None and data.referral_no_further_action_flag is not True:
        notes.append("8610")
    return tuple(notes)


def _birth_of(person: Person) -> date | None:
    return (person.birth_date or person.expected_birth_date) if person.role == "child" else None
