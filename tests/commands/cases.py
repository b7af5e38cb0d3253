"""Invented cases as source events: one child whose fourth closure in two years asks for a review, and one who is left alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
AUTHORITY = "881"
CHILD = "D8810001"
NARRATIVE = "Mum said that she has stopped drinking."
BROKEN_LINE = '{"specversion":"1.0","id":"x"'


def event(type_name: str, number: int, day: str, child: str = CHILD, **fields: Any) -> dict[str, Any]:
    """A source event of social care, recorded in the morning of the day it happened."""
    return {
        "specversion": "1.0",
        "id": f"{type_name}-{child}-{number}",
        "source": f"/{AUTHORITY}/social_care",
        "type": f"uk.csc.{type_name}",
        "authority": AUTHORITY,
        "recordedtime": f"{day}T09:30:00",
        "data": {
            "people": [
                {
                    "role": "child",
                    "identifiers": [{"kind": "la_child_id", "value": child}],
                    "birth_date": "2015-06-01",
                    "forename": "Dilly",
                    "surname": "Notareal",
                }
            ],
            **fields,
        },
    }


def baseline_activated() -> dict[str, Any]:
    """The decision that from here on the points table scores."""
    return {
        "specversion": "1.0",
        "id": "model-1",
        "source": f"/{AUTHORITY}/review",
        "type": "uk.csc.model.activated.v1",
        "authority": AUTHORITY,
        "recordedtime": "2024-01-01T09:00:00",
        "data": {"stream": "re_referral", "version": "baseline-1", "reason": "test", "decision_date": "2024-01-01"},
    }


def episode(number: int, referred: str, closed: str, child: str = CHILD) -> Iterator[dict[str, Any]]:
    """A referral, and its closure after an assessment."""
    named = {"episode_id": f"{child}-{number}", "referral_date": referred}
    yield event("referral.received.v1", number, referred, child, referral_source="6", **named)
    yield event("closure.recorded.v1", number, closed, child, closure_date=closed, closure_reason="RC8", **named)


def events() -> list[dict[str, Any]]:
    """Four episodes of one child within two years, one of another; a narrative; and the retraction of a closure.

    The points table scores them: its sums can be foreseen.
    """
    before = [
        baseline_activated(),
        *episode(1, "2024-02-05", "2024-03-15"),
        *episode(2, "2024-06-10", "2024-07-19"),
        *episode(3, "2024-11-04", "2024-12-13"),
        *episode(1, "2025-01-06", "2025-02-14", child="D8810002"),
    ]
    referral, closure = episode(4, "2025-04-07", "2025-05-16")
    text = event(
        "document.recorded.v1",
        4,
        "2025-05-02",
        kind="assessment",
        written_date="2025-05-02",
        text=NARRATIVE,
        episode_id=f"{CHILD}-4",
        referral_date="2025-04-07",
    )
    retraction = event("record.retracted.v1", 9, "2025-05-20", event_id=f"closure.recorded.v1-{CHILD}-3", retraction_date="2025-05-20")
    return [*before, referral, text, closure, retraction]


def write_events(path: Path) -> None:
    """Write the events, and one line that is none."""
    path.write_text("".join(json.dumps(line) + "\n" for line in events()) + BROKEN_LINE + "\n", encoding="utf-8")
