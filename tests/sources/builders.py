"""Small files of the formats read, so that a test states only what matters."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, Literal

import pytest

from ecda_stream.contract.events import EVENT_TYPES
from ecda_stream.sources.accounting import Account
from ecda_stream.sources.cin_census import read_cin_census
from ecda_stream.sources.dfe_api import read_dfe_api
from ecda_stream.sources.reading import SourceEvent

TODAY = date(2026, 11, 20)
SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"

CHILD = (
    "<ChildIdentifiers><LAchildID>C1</LAchildID><PersonBirthDate>2015-03-27</PersonBirthDate><Sex>F</Sex></ChildIdentifiers>"
    "<ChildCharacteristics><Ethnicity>WBRI</Ethnicity></ChildCharacteristics>"
)


def shared(relative: str) -> Path:
    """Return a file of the test data that is not part of the project, or skip and say so."""
    path = SHARED / relative
    if not path.exists():
        pytest.skip(f"NOT TESTED: the public sample {relative} is not beside the project in shared/data")
    return path


def census(*children: str, header: str = "") -> bytes:
    """Return a census of these children (the inside of each Child element)."""
    return f"<Message>{header}<Children>{''.join(f'<Child>{child}</Child>' for child in children)}</Children></Message>".encode()


def an_episode(inside: str = "", referral: str = "2026-01-05") -> str:
    """Return a CINdetails with this inside."""
    return f"<CINdetails><CINreferralDate>{referral}</CINreferralDate><ReferralSource>6</ReferralSource>{inside}</CINdetails>"


def read_census(content: bytes, authority: str = "881", account: Account | None = None) -> list[SourceEvent]:
    """Return the events of a census; the reconciliation must balance."""
    account = account or Account()
    events = list(read_cin_census(io.BytesIO(content), authority=authority, account=account))
    assert account.balanced, account.render()
    return events


def a_child(*episodes: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Return a child of the DfE API."""
    details = {"date_of_birth": "2015-03-27", "sex": "F", "ethnicity": "WBRI"}
    return {"la_child_id": "C1", "child_details": details, "social_care_episodes": list(episodes), **changes}


def an_api_episode(**changes: Any) -> dict[str, Any]:
    """Return an episode of the DfE API."""
    return {"social_care_episode_id": "E1", "referral_date": "2026-01-05", "referral_source": "6", **changes}


def read_api(
    new: Any,
    previous: Any = None,
    *,
    kind: Literal["snapshot", "delta"] = "snapshot",
    account: Account | None = None,
    as_of: date = TODAY,
) -> list[SourceEvent]:
    """Return the events of a payload, given as JSON values; the reconciliation must balance."""
    account = account or Account()
    before = None if previous is None else io.BytesIO(json.dumps(previous).encode())
    after = io.BytesIO(json.dumps(new).encode())
    events = list(read_dfe_api(after, before, authority="881", kind=kind, account=account, as_of=as_of))
    assert account.balanced, account.render()
    return events


def types(events: Iterable[SourceEvent]) -> list[str]:
    """Return the type names, without prefix and version."""
    return [event["type"].removeprefix("uk.csc.").removesuffix(".v1") for event in events]


def only(events: Iterable[SourceEvent], type_name: str) -> SourceEvent:
    """Return the one event of this type."""
    [event] = of_type(events, type_name)
    return event


def of_type(events: Iterable[SourceEvent], type_name: str) -> list[SourceEvent]:
    """Return the events of this type."""
    return [event for event in events if event["type"] == f"uk.csc.{type_name}.v1"]


def faults(events: Iterable[SourceEvent]) -> Iterator[str]:
    """Yield the type and field of every event that breaks its contract."""
    from pydantic import ValidationError

    for event in events:
        try:
            EVENT_TYPES[event["type"]].model_validate(event["data"])
        except ValidationError as error:
            yield from (f"{event['type']} {'.'.join(map(str, problem['loc']))}" for problem in error.errors())
