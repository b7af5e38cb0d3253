"""What people decide: which model scores, in which mode, whether alerting stops or goes on, and what a reviewer made of an alert.

A decision that cannot be followed is ignored, and what held goes on; a reason code is returned, without the value.
"""

from __future__ import annotations

from datetime import date
from typing import get_args

from ecda_stream.alert.book import Book
from ecda_stream.alert.guardrail import CAUSES
from ecda_stream.alert.stops import KILL_SWITCH, Stop, write_stop
from ecda_stream.contract.alert import AlertDecision, Verdict
from ecda_stream.contract.entry import Entry
from ecda_stream.definition import Mode

MODEL_NOT_INSTALLED = "model-not-installed"
NO_SUCH_MODE = "no-such-mode"
NOT_STOPPED = "not-stopped"
NO_SUCH_ALERT = "no-such-alert"


def obey(book: Book) -> str | None:
    """Follow a decision about this stream."""
    entry = book.entry
    if entry.type == "alert.decided.v1":
        return _decide_alert(book, entry)
    if entry.facts.get("stream") != book.stream.definition.stream:
        return None
    if entry.type == "model.activated.v1":
        version = entry.facts.get("version")
        if not isinstance(version, str) or version not in book.stream.models:
            return MODEL_NOT_INSTALLED
        book.stream.decide(book.draft, "model", entry.authority, version, entry.happened_at, book.at.offset)
    elif entry.type == "mode.changed.v1":
        mode = entry.facts.get("mode")
        if not isinstance(mode, str) or mode not in get_args(Mode):
            return NO_SUCH_MODE
        book.stream.decide(book.draft, "mode", entry.authority, mode, entry.happened_at, book.at.offset)
    elif entry.type == "alerting.stopped.v1":
        _stop(book, Stop(KILL_SWITCH, entry.happened_at))
    elif entry.type == "guardrail.reset.v1":
        return _reset(book, entry)
    return None


def _stop(book: Book, stop: Stop) -> None:
    for authority in book.authorities():
        if book.stop(authority) is None:
            book.give_notice(authority, "stopped", KILL_SWITCH, CAUSES[KILL_SWITCH])
        book.stops[authority] = stop
    write_stop(book.draft, book.entry.authority, stop, book.at.offset)


def _reset(book: Book, entry: Entry) -> str | None:
    """Let alerting go on; the days up to today do not count any more, so that the same figures do not trip it again at once."""
    stopped = [authority for authority in book.authorities() if book.stop(authority) is not None]
    if not stopped:
        return NOT_STOPPED
    today = max(book.today[authority] for authority in stopped)
    reset = Stop(None, today, accepted=entry.facts.get("accept_as_normal") is True)
    write_stop(book.draft, entry.authority, reset, book.at.offset)
    for authority in stopped:
        book.stops[authority] = reset
        reason = str(entry.facts.get("reason"))
        book.give_notice(authority, "resumed", reason, "an operator looked into it and let alerting go on")
    return None


def _decide_alert(book: Book, entry: Entry) -> str | None:
    group = book.group_of_alert(str(entry.facts.get("alert_id")))
    verdict = entry.facts.get("decision")
    if group is None or group.authority != entry.authority or verdict not in get_args(Verdict):
        return NO_SUCH_ALERT
    decided_on: date = entry.happened_at
    group.verdict = AlertDecision(verdict=verdict, reason=str(entry.facts.get("reason")), decided_on=decided_on)
    return None
