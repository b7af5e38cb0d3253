"""What a worker logs: nothing that came from outside, whoever logs it."""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

import pytest

from ecda_stream.errors import Unavailable
from ecda_stream.worker.app import WorkerApp
from ecda_stream.worker.guard import LIBRARY_LOG, guarded_transport
from ecda_stream.worker.logs import SafeFormatter
from ecda_stream.worker.positions import Positions

PERSONAL = "Quillfeather 4010232137"


def formatted(logger: str, message: str, *args: object, exception: BaseException | None = None) -> dict[str, str]:
    info = None
    if exception is not None:
        try:
            raise exception
        except type(exception):
            info = sys.exc_info()
    record = logging.LogRecord(logger, logging.ERROR, __file__, 1, message, args, info)
    line: dict[str, str] = json.loads(SafeFormatter().format(record))
    return line


@pytest.mark.parametrize("logger", ["faust.app", "mode.services", "aiokafka", "ecda_stream.worker.guard"])
def test_of_an_error_only_its_class_is_logged(logger: str) -> None:
    line = formatted(logger, "Crashed reason=%r", ValueError(PERSONAL), exception=KeyError(PERSONAL))

    assert PERSONAL not in json.dumps(line)
    assert line["message"] == "Crashed reason='ValueError'"
    assert line["error"] == "KeyError"


def test_a_librarys_texts_are_not_logged_and_its_numbers_are() -> None:
    line = formatted("faust.transport", "DROPPED MESSAGE %r: k=%r", 17, PERSONAL)

    assert line["message"] == "DROPPED MESSAGE 17: k='str'"


def test_our_own_errors_say_what_to_do() -> None:
    line = formatted("ecda_stream.worker.runs", "stopping: %s", Unavailable("start the broker"))

    assert line["message"] == "stopping: start the broker"


def test_what_faust_logs_about_our_subclasses_does_not_pass_for_our_own() -> None:
    consumer: Any = guarded_transport(Positions()).Consumer

    assert WorkerApp.logger is LIBRARY_LOG
    assert consumer.logger is LIBRARY_LOG
    assert not LIBRARY_LOG.name.startswith("ecda_stream")
