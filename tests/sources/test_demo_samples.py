"""The invented samples of the demo: reproducible, of every layout, and wrong only where they are meant to be."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from itertools import chain
from pathlib import Path

import pytest

from ecda_stream.contract.events import EVENT_TYPES
from ecda_stream.identity.identifiers import Unusable, examine
from ecda_stream.sources.accounting import Account
from ecda_stream.sources.cin_census import read_cin_census
from ecda_stream.sources.dfe_api import read_dfe_api
from ecda_stream.sources.documents import read_documents
from ecda_stream.sources.reading import SourceEvent

from .builders import TODAY, faults, of_type

PROJECT = Path(__file__).resolve().parents[2]
DEMO = PROJECT / "streams" / "re_referral" / "examples" / "demo"
CENSUSES = sorted(DEMO.glob("cin_census_*.xml"))
PAYLOADS = sorted(DEMO.glob("dfe_api_*.json"))
DOCUMENTS = sorted(DEMO.glob("documents_*"))


def read(path: Path) -> list[SourceEvent]:
    account = Account()
    authority = path.stem[-3:]
    if path in DOCUMENTS:
        events = list(read_documents(path, authority=authority, account=account))
    else:
        with path.open("rb") as stream:
            if path in CENSUSES:
                events = list(read_cin_census(stream, authority=authority, account=account))
            else:
                events = list(read_dfe_api(stream, None, authority=authority, kind="snapshot", account=account, as_of=TODAY))
    assert account.balanced, account.render()
    assert account.warnings == []
    return events


def test_the_generator_reproduces_the_samples_byte_for_byte(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "tests.make_demo_samples", str(tmp_path)], cwd=PROJECT, check=True)

    def files(folder: Path) -> dict[str, bytes]:
        return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    assert files(tmp_path) == files(DEMO)


def test_every_authority_has_cases_and_documents() -> None:
    assert {path.stem[-3:] for path in CENSUSES} == {"881", "882", "883", "330", "816"}
    assert {path.stem[-3:] for path in PAYLOADS} == {"925", "873", "886"}
    assert {path.stem[-3:] for path in DOCUMENTS} == {path.stem[-3:] for path in (*CENSUSES, *PAYLOADS)}
    assert sum(path.stat().st_size for path in DEMO.rglob("*") if path.is_file()) < 1_600_000


@pytest.mark.parametrize("path", [*CENSUSES, *PAYLOADS], ids=lambda path: path.stem)
def test_cases_are_wrong_only_where_they_are_meant_to_be(path: Path) -> None:
    events = read(path)

    assert sorted(faults(events)) == [
        "uk.csc.closure.recorded.v1 closure_date",
        "uk.csc.closure.recorded.v1 closure_reason",
        "uk.csc.referral.received.v1 referral_source",
    ]
    closures = of_type(events, "closure.recorded")
    assert len(closures) > 50
    assert sum("2026-10" <= event["data"]["closure_date"] <= "2026-11-20" for event in closures) >= 8
    assert any(event["data"]["closure_date"] < event["data"]["referral_date"] for event in closures)
    people = {json.dumps(event["data"]["people"][0]) for event in events}
    assert sum('"ZZZZ"' in person for person in people) == sum('"sex": "X"' in person for person in people) == 1
    numbers = {i["value"] for event in events for i in event["data"]["people"][0]["identifiers"] if i["kind"] == "upn"}
    assert sum(isinstance(examine("upn", number), Unusable) for number in numbers) == 1


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_documents_have_60_to_250_words_and_are_not_alike(path: Path) -> None:
    events = read(path)

    texts = [event["data"]["text"] for event in events]
    assert list(faults(events)) == []
    assert all(60 <= len(text.split()) <= 250 for text in texts)
    assert len({text[:60] for text in texts}) > 0.85 * len(texts)


def test_one_document_an_authority_belongs_to_no_episode() -> None:
    for path in DOCUMENTS:
        dates = Counter(event["data"].get("referral_date") or event["data"]["episode_id"] for event in read(path))
        assert dates["2001-02-03"] + dates["no-such-episode"] == 1


def test_events_of_other_agencies_name_children_of_the_cases() -> None:
    events = [json.loads(line) for line in (DEMO / "events.jsonl").read_text().splitlines()]
    known = {e["data"]["people"][0]["identifiers"][0]["value"] for path in (*CENSUSES, *PAYLOADS) for e in read(path)}

    named = {i["value"] for e in events for p in e["data"]["people"] for i in p.get("identifiers", []) if i["kind"] == "la_child_id"}
    assert 140 <= len(events) <= 160
    assert named <= known
    assert {event["type"] for event in events} - set(EVENT_TYPES) == {"uk.csc.weather.observed.v1"}
    assert list(faults(event for event in events if event["type"] in EVENT_TYPES)) == []
    assert len(events) - len({event["id"] for event in events}) == 1
    relations = Counter(relation["kind"] for event in events for relation in event["data"].get("relations", []))
    assert relations["sibling_of"] > 5 < relations["parent_of"]


def test_some_children_come_back_and_get_worse() -> None:
    events = list(chain.from_iterable(read(path) for path in (*CENSUSES, *PAYLOADS)))
    referrals = Counter(event["data"]["people"][0]["identifiers"][0]["value"] for event in of_type(events, "referral.received"))

    assert 0.2 < sum(count > 2 for count in referrals.values()) / len(referrals) < 0.45
    assert len(of_type(events, "cp_plan.started")) > 50
