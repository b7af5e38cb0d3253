"""Refused records: key, value and headers as they came, with the reason in headers beside them (names of KIP-1034)."""

from __future__ import annotations

from datetime import datetime

from ecda_stream import __version__
from ecda_stream.contract.refusal import HEADER_PREFIX
from ecda_stream.contract.source_event import SourceRecord
from ecda_stream.errors import InvalidEvent
from ecda_stream.worker.outbox import Headers, Sending

SUFFIX = ".dlq"


def dead_letter(record: SourceRecord, headers: Headers, stage: str, error: InvalidEvent, group: str, now: datetime) -> Sending:
    """Return the record as it goes to `<topic>.dlq`, to the partition it came from."""
    why = {
        f"{HEADER_PREFIX}exception": type(error).__name__,
        f"{HEADER_PREFIX}topic": record.topic,
        f"{HEADER_PREFIX}partition": str(record.partition),
        f"{HEADER_PREFIX}offset": str(record.offset),
        "dlq-stage": stage,
        "dlq-reason-code": error.reason_code,
        "dlq-detail": error.detail,
        "dlq-group": group,
        "dlq-first-failed-at": now.isoformat(),
        "dlq-app-version": __version__,
    }
    return Sending(
        record.topic + SUFFIX,
        record.partition,
        record.key,
        record.value,
        (*headers, *((name, text.encode()) for name, text in why.items())),
    )


def original_headers(headers: Headers) -> Headers:
    """Return the headers that a dead letter had before it was refused."""
    return tuple((name, value) for name, value in headers if not name.startswith((HEADER_PREFIX, "dlq-")))
