"""How an authority's alerting stands, counted in a small world."""

from __future__ import annotations

from ecda_stream.alert.summary import summarise
from tests.builders import State, a_day, a_draft, an_event, arriving, fold_events
from tests.unit.alert.test_capacity import CROWD, NEXT_MONDAY, TUESDAY, TWO_A_WEEK, closing
from tests.unit.alert.test_control import stopped

DEFINITION = TWO_A_WEEK.definition


def test_held_sent_and_places_of_the_week() -> None:
    state: State = {}
    fold_events(*closing(*CROWD, "C5"), stream=TWO_A_WEEK, state=state)
    now = summarise(a_draft(state), "881", DEFINITION)

    assert now is not None
    assert (now.held, now.sent_this_week, now.capacity, now.stopped) == (3, 2, 2, None)
    assert now.shares == {"alert_rate": 1.0, "episode": 1.0, "history": 1.0, "text": 0.0}


def test_a_new_week_and_a_stop_are_seen() -> None:
    state: State = {}
    fold_events(*closing(*CROWD, "C5"), a_day(NEXT_MONDAY), stopped("*", "2026-03-10"), stream=TWO_A_WEEK, state=state)
    now = summarise(a_draft(state), "881", DEFINITION)

    assert now is not None
    assert (now.held, now.sent_this_week, now.stopped) == (1, 2, "kill-switch")


def test_a_window_without_anything_scored_has_no_shares() -> None:
    state: State = {}
    contact = an_event("contact.received.v1", contact_date=TUESDAY, referral_source="2A")
    fold_events(*closing("C1"), arriving(contact, "2026-06-01"), stream=TWO_A_WEEK, state=state)
    now = summarise(a_draft(state), "881", DEFINITION)

    assert now is not None
    assert now.shares == {}


def test_an_authority_that_nothing_came_from_stands_nowhere() -> None:
    assert summarise(a_draft(), "999", DEFINITION) is None
