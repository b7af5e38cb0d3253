"""Hypothesis strategies: small worlds of invented children, with everything that goes wrong in recording."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.builders import Event, a_child, a_closure, a_document, a_referral, a_retraction, an_event, changed, siblings

DAYS = tuple(
    date.fromisoformat(day)
    for day in ("2023-02-28", "2023-03-01", "2024-02-28", "2024-02-29", "2024-03-01", "2024-11-30", "2025-02-28", "2025-03-01")
)
"""Few days, so that entries fall together; with a leap day and its neighbours."""

STEPS = (0, 0, 1, 7, 29, 180, 365, 366)
LATENESS = (0, 0, 0, 1, 9, 27, 60)
TEXTS = ("There is domestic abuse in the home.", "Nothing of concern was said today.", "The home is dirty. There is neglect.")
CHILDREN = ("C1", "C2", "C3")
NHS_NUMBERS = {"C1": "9434765919", "C2": "9000000009", "C3": "9000000017"}
"""Valid by hand arithmetic: see tests/unit/identity/test_identifiers.py."""

WITHIN_EPISODES: dict[str, tuple[str, dict[str, Any]]] = {
    "assessment.started.v1": ("start_date", {}),
    "assessment.completed.v1": ("authorisation_date", {"factors": ["16A", "3B"]}),
    "s47.started.v1": ("start_date", {}),
    "cp_conference.held.v1": ("icpc_date", {}),
    "cp_plan.started.v1": ("start_date", {}),
    "cin_plan.started.v1": ("start_date", {}),
    "cla.started.v1": ("start_date", {}),
}
ON_THEIR_OWN: dict[str, tuple[str, dict[str, Any]]] = {
    "contact.received.v1": ("contact_date", {"referral_source": "6"}),
    "missing.started.v1": ("start_date", {"missing_type": "M"}),
    "police.incident_notified.v1": ("incident_date", {"domestic_abuse_flag": True}),
    "school.excluded.v1": ("start_date", {"category": "SUSP"}),
    "early_help.started.v1": ("start_date", {}),
}
DATE_FIELDS = {kind: field for kind, (field, _) in {**WITHIN_EPISODES, **ON_THEIR_OWN}.items()} | {
    "referral.received.v1": "referral_date",
    "closure.recorded.v1": "closure_date",
    "document.recorded.v1": "written_date",
}


def kind_of(event: Event) -> str:
    """Return the type without prefix."""
    return str(event["type"]).removeprefix("uk.csc.")


def day_of(event: Event) -> date:
    """Return the day on which an event happened."""
    return date.fromisoformat(event["data"][DATE_FIELDS[kind_of(event)]])


def arrived(event: Event, day: date) -> Event:
    """Return the event with its time of arrival."""
    return changed(event, arrivedtime=f"{day.isoformat()}T18:00:00Z")


@st.composite
def episodes(draw: st.DrawFn, child: str, start: date) -> list[Event]:
    """One episode: its referral, some of what can happen, its texts, and perhaps its closure."""
    referral = start.isoformat()
    events = [a_referral(child, referral, referral_source=draw(st.sampled_from(["2A", "6"])))]
    for kind in draw(st.lists(st.sampled_from(sorted(WITHIN_EPISODES)), max_size=3)):
        field, data = WITHIN_EPISODES[kind]
        day = start + timedelta(days=draw(st.sampled_from(STEPS)))
        events.append(an_event(kind, child, **{field: day.isoformat(), "referral_date": referral, **data}))
    if draw(st.booleans()):
        day = start + timedelta(days=draw(st.sampled_from(STEPS)))
        text_kind = draw(st.sampled_from(["referral", "assessment"]))
        events.append(a_document(child, day.isoformat(), referral, draw(st.sampled_from(TEXTS)), kind=text_kind))
    if draw(st.integers(0, 4)):
        day = start + timedelta(days=draw(st.sampled_from(STEPS)))
        reason = draw(st.sampled_from(["RC7", "RC7", "RC8", "RC2"]))
        events.append(a_closure(child, day.isoformat(), referral, closure_reason=reason))
    return events


@st.composite
def facts_of_children(draw: st.DrawFn) -> list[Event]:
    """What happened to one to three children, each event with an id of its own, not yet in the order of any log."""
    children = CHILDREN[: draw(st.integers(1, 3))]
    events: list[Event] = []
    for child in children:
        for start in draw(st.lists(st.sampled_from(DAYS), min_size=1, max_size=3, unique=True)):
            events.extend(draw(episodes(child, start)))
        for kind in draw(st.lists(st.sampled_from(sorted(ON_THEIR_OWN)), max_size=3)):
            field, data = ON_THEIR_OWN[kind]
            events.append(an_event(kind, child, **{field: draw(st.sampled_from(DAYS)).isoformat(), **data}))
    events = [changed(event, id=f"e{number}") for number, event in enumerate(events)]
    if len(children) > 1 and draw(st.booleans()):
        events.append(siblings(*children, day="2023-01-02"))
    return events


@st.composite
def mistakes(draw: st.DrawFn, event: Event, *, may_share_episodes: bool) -> Event:
    """One correction of an event (another day, another child), a repetition, or its retraction.

    Two records of one episode are one event. Where that would blur what is tested, referrals and closures keep apart: they stay with
    their child, and no referral moves to a day on which another may lie.
    """
    one_per_episode = kind_of(event) in ("referral.received.v1", "closure.recorded.v1")
    kinds = ["day", "day", "repeat", "retract", *(["child"] if may_share_episodes or not one_per_episode else [])]
    match draw(st.sampled_from(kinds)):
        case "retract":
            return a_retraction(event, (day_of(event) + timedelta(days=1)).isoformat())
        case "repeat":
            return event
        case "child":
            return changed(event, people=[a_child(draw(st.sampled_from(CHILDREN)))])
        case _:
            day = day_of(event) + timedelta(days=draw(st.sampled_from([1 if may_share_episodes else 3, 30, 400])))
            return changed(event, **{DATE_FIELDS[kind_of(event)]: day.isoformat()})


@st.composite
def worlds(draw: st.DrawFn, *, with_mistakes: bool = True, one_identifier: bool = False) -> list[Event]:
    """A log of source events in order of arrival: late, corrected, repeated and retracted, if mistakes are wanted."""
    facts = draw(facts_of_children())
    if not one_identifier:
        facts = [_identified(draw, event) for event in facts]
    arrivals: list[tuple[date, Event]] = []
    for event in facts:
        happened = day_of(event)
        arrival = happened + timedelta(days=draw(st.sampled_from(LATENESS)))
        arrivals.append((arrival, event))
    if with_mistakes:
        correctable = [(arrival, event) for arrival, event in arrivals if not event["data"].get("relations")]
        for arrival, event in draw(st.lists(st.sampled_from(correctable), max_size=4)):
            mistake = draw(mistakes(event, may_share_episodes=not one_identifier))
            happened = date.fromisoformat(mistake["data"].get("retraction_date") or day_of(mistake).isoformat())
            arrivals.append((max(happened, arrival) + timedelta(days=draw(st.sampled_from(LATENESS))), mistake))
    arrivals.sort(key=lambda item: item[0])
    return [arrived(event, day) for day, event in arrivals]


def _identified(draw: st.DrawFn, event: Event) -> Event:
    """Return the event about the same child, known by the council's number, the NHS number, or both."""
    if event["data"].get("relations"):
        return event
    number = event["data"]["people"][0]["identifiers"][0]["value"]
    own = {"kind": "la_child_id", "value": number}
    nhs = {"kind": "nhs_number", "value": NHS_NUMBERS[number]}
    identifiers = draw(st.sampled_from([[own], [own], [own, nhs], [nhs]]))
    return changed(event, people=[a_child(number, identifiers=identifiers)])
