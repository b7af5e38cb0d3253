"""A refused record: its bytes, and why; on Kafka the bytes stay as they were and the why is in headers.

Header names follow Kafka Streams' KIP-1034, without message and stack trace, which could quote the record.
"""

from __future__ import annotations

from typing import Literal

from ecda_stream.contract.base import Published

HEADER_PREFIX = "__streams.errors."

ReasonCode = str
"""A slug of ours, or the number of the national CIN validator's rule."""

REASONS: dict[ReasonCode, str] = {
    "tombstone": "the record has no value",
    "empty-value": "the record's value is empty",
    "not-json": "the value is not JSON in UTF-8",
    "not-a-number": "NaN or an infinity stands where JSON has a number",
    "not-unicode": "a text is not valid Unicode (lone surrogate, or a header that is not UTF-8)",
    "nested-too-deep": "objects and arrays are nested deeper than any event is",
    "too-many-values": "more values than any event has",
    "wrong-shape": "the value is JSON but not a CloudEvents object",
    "unknown-type": "no event type of this name and version exists",
    "missing-field": "a required field is absent",
    "wrong-field": "a field has the wrong form",
    "wrong-code": "a field that matters holds a code that its table does not have",
    "wrong-authority": "authority `*` is for decisions only",
    "authority-mismatch": "the source `/{authority}/{system}` and the authority differ",
    "wrong-source": "decisions come through the review topic only",
    "wrong-person": "a closure names no child, or more than one; or a relation points at nobody",
    "no-usable-identifier": "no person of the record has an identifier that can be linked",
    "time-on-another-day": "`time` lies on another London day than the type's own date",
    "recorded-in-future": "recorded more than a day after it arrived",
    "happened-in-future": "happened more than a day after it was recorded",
    "text-too-long": "a text is longer than 2 MB",
    "entry-too-large": "what the log would keep of the record is larger than 60 kB",
    "8600": "referral date missing",
    "8606": "referral more than 40 weeks before the expected or actual birth",
    "1103": "assessment before its referral",
    "1104": "initial child protection conference before its referral",
    "1105": "child protection plan before its referral",
    "2889": "section 47 enquiry before its referral",
    "4015": "child in need plan before its referral",
    "8630": "closure before its referral",
    "8805": "closure date without closure reason",
    "8810": "closure reason without closure date",
    "state-too-large": "what is known would outgrow a record of the changelog",
    "bad-entry": "an entry of the log is not one (the score worker's own refusal)",
}
"""Every reason code that a refusal can carry, in words."""


class Refusal(Published):
    """Why a record was refused and where it stood."""

    stage: Literal["admit", "score"]
    reason_code: ReasonCode
    detail: str
    topic: str
    partition: int
    offset: int


class RefusedRecord(Published):
    """One line of refusals.jsonl: the refusal with the record's bytes in base64."""

    refusal: Refusal
    key: str | None = None
    value: str | None = None
