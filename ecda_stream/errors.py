"""Errors are named for who must act.

EcdaStreamError
├── InvalidEvent     the record breaks its contract: refuse it, keep its bytes, go on; a retry would not help
├── Unavailable      something we depend on does not answer: wait or stop, and lose nothing
└── BadDefinition    a stream, model, lexicon or setting is wrong: do not start
"""

from __future__ import annotations

from collections.abc import Sequence


class EcdaStreamError(Exception):
    """Anything this package raises on purpose."""


class InvalidEvent(EcdaStreamError):
    """A record that breaks its contract; carries a reason code and the name of the field, never the value."""

    def __init__(self, reason_code: str, detail: str = "") -> None:
        super().__init__(f"{reason_code}: {detail}" if detail else reason_code)
        self.reason_code = reason_code
        self.detail = detail


class Unavailable(EcdaStreamError):
    """A broker, topic or file that should be there is not; the message says what to do."""


class BadDefinition(EcdaStreamError):
    """A definition with at least one fault; all of them are in the message, one a line."""

    def __init__(self, what: str, faults: Sequence[str]) -> None:
        super().__init__("\n".join([f"{what} has {len(faults)} fault(s):", *(f"  - {fault}" for fault in faults)]))
        self.what = what
        self.faults = tuple(faults)
