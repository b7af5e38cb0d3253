"""Logging of a worker: one JSON object a line on stderr, with nothing personal in it.

Libraries put keys, values and errors with their input into messages; of what a library's message is about only numbers and the names of
classes are kept, of an exception only its class and where it was raised.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime

from ecda_stream.errors import EcdaStreamError

OURS = "ecda_stream"


class SafeFormatter(logging.Formatter):
    """Formats records without what came from outside."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line of JSON."""
        ours = record.name.startswith(OURS)
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _message(record, ours),
        }
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            line["error"] = f"{type(error).__name__}: {error}" if isinstance(error, EcdaStreamError) else type(error).__name__
            frames = traceback.extract_tb(record.exc_info[2])
            line["raised_at"] = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames[-5:]))
        return json.dumps(line, ensure_ascii=False)


def _message(record: logging.LogRecord, ours: bool) -> str:
    args = record.args if isinstance(record.args, tuple) else ()
    try:
        return str(record.msg) % tuple(arg if _is_safe(arg, ours) else type(arg).__name__ for arg in args)
    except (TypeError, ValueError):
        return str(record.msg)


def _is_safe(arg: object, ours: bool) -> bool:
    """Numbers are; our own texts and errors are; whatever else an error says can quote its input."""
    return isinstance(arg, int | float) or (ours and isinstance(arg, str | EcdaStreamError))


def configure_logging(level: int = logging.INFO) -> None:
    """Send everything to stderr through the safe formatter; libraries from WARNING on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(SafeFormatter())
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(logging.WARNING)
    for name in ("faust", "aiokafka", "mode"):
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger(OURS).setLevel(level)
    logging.captureWarnings(True)
