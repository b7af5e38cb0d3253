"""The work of a day that has begun for an authority: the guardrail's tests, what has expired, and on a new week what is released."""

from __future__ import annotations

from datetime import date, timedelta

from ecda_stream.alert.book import Book
from ecda_stream.alert.days import london_day, note_authority, week_of
from ecda_stream.alert.decide import Decided, Standing, published
from ecda_stream.alert.group import Group, Part
from ecda_stream.alert.guardrail import CAUSES, Bounds, begin_day, judge, running_day
from ecda_stream.alert.stops import Stop, counted_since, write_stop


def begin_days(book: Book) -> None:
    """Do the day's work of each authority for which this entry begins a new day: the first that arrives on it, from whomever."""
    for authority in book.authorities():
        arrived_on = london_day(book.entry.arrived_at)
        last = running_day(book.draft, authority, book.before)
        book.today[authority] = arrived_on if last is None else max(last, arrived_on)
        if last is None:
            note_authority(book.draft, authority, book.at.offset)
        if last is None or arrived_on > last:
            begin_day(book.draft, authority, arrived_on, book.at.offset)
        if last is not None and arrived_on > last:
            _watch(book, authority)
            _expire(book, authority, last)
            if week_of(arrived_on) != week_of(last):
                _release(book, authority)


def _watch(book: Book, authority: str) -> None:
    """Stop alerting if a test of the guardrail fails; once stopped, nothing but a reset lets it go on."""
    if book.stop(authority) is not None:
        return
    bounds = Bounds(*counted_since(book.draft, authority, book.before), book.stream.model_since(book.draft, authority, book.before))
    alert_rate = book.stream.model_in_force(book.draft, authority, book.before).alert_rate
    trip = judge(book.draft, authority, book.today[authority], book.policy.guardrail, bounds, alert_rate, book.at.offset)
    if trip is not None:
        stop = Stop(trip.cause, book.today[authority])
        write_stop(book.draft, authority, stop, book.at.offset)
        book.stops[authority] = stop
        book.give_notice(authority, "stopped", trip.cause, CAUSES[trip.cause], trip.figures)


def _expire(book: Book, authority: str, last: date) -> None:
    """Expire what was out or held for too long.

    Nothing is due later than its days allow after the last day on which it could be raised, so a pause of years costs no more.
    """
    longest = timedelta(days=book.policy.expires_after_days)
    today = book.today[authority]
    for days in range(1, min((today - last).days, longest.days + 1) + 1):
        for group in book.due_groups(authority, last + timedelta(days=days)):
            if group.status == "open" and group.alert is not None and group.alert.expires_on < today:
                group.expires = True
            elif group.status == "held" and group.held_on is not None and group.held_on + longest < today:
                _decide_held(book, group, "none", "expired-while-held")


def _release(book: Book, authority: str) -> None:
    """Give the new week's places to what is held: what was drawn by lot first, then by score."""
    if book.stop(authority) is not None or book.mode(authority) == "shadow":
        return
    for group in sorted(book.held_groups(authority), key=lambda group: (group.kind != "audit_sample", -group.score)):
        if not book.has_place(group):
            break
        book.take_place(group)
        _decide_held(book, group, "raised", "released-from-hold")


def _decide_held(book: Book, group: Group, standing: Standing, reason: str) -> None:
    """Decide about every trigger of a held group, with its score as it was computed last."""
    for event_id, part in list(group.parts.items()):
        before, scored = book.last_decided(event_id), book.last_scored(event_id)
        assert before is not None
        assert scored is not None
        decided = Decided(standing, reason, before.audit)
        changes = {"revision": scored.revision + 1, "decision": published(decided), "caused_by": book.at}
        record = book.held_record(event_id).model_copy(update=changes)
        book.keep(event_id, record, scored.content, decided)
        child = part.child.model_copy(update={"score_revision": record.revision})
        book.join(group, event_id, Part("raised", child) if standing == "raised" else None, record)
