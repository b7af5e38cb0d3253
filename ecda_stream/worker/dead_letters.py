"""Refused records: key, value and headers as they came, with the reason in headers beside them (names of KIP-1034)."""

from __future__ import annotations

from datetime import datetime

from ecda_stream import __version__
from ecda_stream.contract.refusal import HEADER_PREFIX
from ecda_stream.contract.source_event import SourceRecord
from ecda_stream.errors import InvalidEvent
from ecda_stream.worker.outbox import Headers, Sending

SUFFIX = ".dlq"
_FIRST = f"{HEADER_PREFIX}exception"


def dead_letter(record: SourceRecord, headers: Headers, stage: str, error: InvalidEvent, group: str, now: datetime) -> Sending:
    """Return the record as it goes to `<topic>.dlq`, to the partition it came from."""
    why = {
        _FIRST: type(error).__name__,
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
    nothing_at_all = record.key is None and record.value is None
    return Sending(
        record.topic + SUFFIX,
        record.partition,
        record.key,
        b"" if nothing_at_all else record.value,  # aiokafka sends no record without key and value; the reason code says which it was
        (*headers, *((name, text.encode()) for name, text in why.items())),
    )


def original_headers(headers: Headers) -> Headers:
    """Return the headers that a dead letter had before it was refused: all before ours, which begin with the exception."""
    names = [name for name, _ in headers]
    ours = len(names) - 1 - names[::-1].index(_FIRST) if _FIRST in names else len(names)
    return tuple(headers[:ours])
