"""Every line is a valid source event in the order of recording, except what is wrong on purpose."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from datetime import date, datetime
from typing import Any

import pytest

from ecda_stream.contract.canonical import to_canonical_json
from ecda_stream.contract.events import EVENT_TYPES, PREFIX
from ecda_stream.contract.rules import check
from ecda_stream.contract.source_event import arrived_when_recorded, decode
from ecda_stream.errors import InvalidEvent
from ecda_stream.identity.identifiers import Unusable, examine
from ecda_stream.replay import record_of_line
from ecda_stream.simulate.family import KEY_LENGTH, TYPES

from .worlds import END, Recorded, a_recorded_world, authorities

DATE_ONLY = {(one.code, system.name) for one in authorities() for system in one.systems.values() if system.date_only}


@pytest.fixture(scope="module")
def world() -> Recorded:
    return a_recorded_world()


def of_type(world: Recorded, name: str) -> list[dict[str, Any]]:
    return [event for event in world.events if event["type"] == PREFIX + name]


def system_of(event: dict[str, Any]) -> tuple[str, str]:
    return event["authority"], event["source"].rsplit("/", 1)[-1]


def test_the_only_records_that_are_refused_are_closures_without_a_reason(world: Recorded) -> None:
    refused: Counter[str] = Counter()
    for number, line in enumerate(world.lines):
        record = record_of_line("events.jsonl", number, line[KEY_LENGTH:])
        try:
            event = arrived_when_recorded(decode(record))
            check(event)
        except InvalidEvent as error:
            refused[error.reason_code] += 1
        else:
            assert event.unknown_fields == 0

    assert set(refused) == {"8805"}
    closures = len(of_type(world, "closure.recorded.v1"))
    assert 0.001 < refused.total() / closures < 0.03


def test_a_closure_that_came_without_reason_comes_again_with_one(world: Recorded) -> None:
    reasons: dict[str, list[str | None]] = defaultdict(list)
    for event in of_type(world, "closure.recorded.v1"):
        reasons[event["id"]].append(event["data"].get("closure_reason"))
    again = [given for given in reasons.values() if given[0] is None and len(given) > 1]

    assert again
    assert all(given[-1] for given in again)


def test_lines_are_canonical_json(world: Recorded) -> None:
    for line in world.lines[:2000]:
        assert to_canonical_json(json.loads(line[KEY_LENGTH:])) == line[KEY_LENGTH:]


def test_every_kind_of_event_occurs_and_is_one_of_the_contract(world: Recorded) -> None:
    assert {PREFIX + name for name in TYPES} <= set(EVENT_TYPES)
    assert len({event["type"] for event in world.events}) >= len(TYPES) - 2


def test_lines_stand_in_the_order_of_recording_unless_sent_again(world: Recorded) -> None:
    seen: set[bytes] = set()
    last = ""
    for line, event in zip(world.lines, world.events, strict=True):
        stamp = event.get("recordedtime")
        if line[KEY_LENGTH:] in seen:
            continue
        seen.add(line[KEY_LENGTH:])
        if stamp:
            assert stamp >= last
            last = stamp


def test_nothing_is_recorded_after_the_end_or_before_it_happened(world: Recorded) -> None:
    end = date.fromordinal(END).isoformat()
    for event in world.events:
        happened = event["data"][EVENT_TYPES[event["type"]].happened_field]
        if stamp := event.get("recordedtime"):
            assert happened <= stamp[:10] <= end


def test_a_quarter_of_the_systems_sends_dates_and_neither_times_nor_revisions(world: Recorded) -> None:
    assert len(DATE_ONLY) == 4
    for event in world.events:
        if system_of(event) in DATE_ONLY:
            assert not {"time", "recordedtime", "revision"} & set(event)
        else:
            assert "recordedtime" in event


def test_most_is_recorded_within_two_days_and_some_after_months(world: Recorded) -> None:
    waits = [
        (datetime.fromisoformat(event["recordedtime"]).date() - date.fromisoformat(event["data"]["referral_date"])).days
        for event in of_type(world, "referral.received.v1")
        if "recordedtime" in event and "revision" not in event
    ]

    assert sum(wait <= 3 for wait in waits) / len(waits) > 0.6
    assert 0.001 < sum(wait > 30 for wait in waits) / len(waits) < 0.05


def test_the_same_id_means_the_same_again_or_a_correction(world: Recorded) -> None:
    by_id: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for event in world.events:
        by_id[event["id"]].append(event)
    repeated = [events for events in by_id.values() if len(events) > 1]
    duplicates = sum(events[0] == events[1] for events in repeated)

    assert duplicates > 50
    assert len(repeated) - duplicates > 50
    for events in repeated:
        assert len({(event["type"], event["source"]) for event in events}) == 1
        for event in events:
            if event["data"] != events[0]["data"] and system_of(event) not in DATE_ONLY and "revision" not in event:
                assert any(other.get("revision") for other in events)


def test_corrections_change_dates_sources_factors_and_texts(world: Recorded) -> None:
    changed: Counter[str] = Counter()
    first: dict[str, dict[str, Any]] = {}
    for event in world.events:
        before = first.setdefault(event["id"], event)["data"]
        changed.update(name for name, value in event["data"].items() if before.get(name) != value)

    assert set(changed) >= {"closure_date", "referral_source", "factors", "text", "closure_reason", "referral_no_further_action_flag"}


def test_what_is_retracted_was_recorded_before(world: Recorded) -> None:
    ids: set[str] = set()
    kinds: Counter[str] = Counter()
    for event in world.events:
        if event["type"] == PREFIX + "record.retracted.v1":
            assert event["data"]["event_id"] in ids
            kinds[system_of(event)[1]] += 1
        ids.add(event["id"])

    assert set(kinds) == {"police", "social_care"}
    assert of_type(world, "closure.retracted.v1")


def test_social_care_always_says_which_episode(world: Recorded) -> None:
    for event in world.events:
        name = event["type"].removeprefix(PREFIX)
        if name.split(".")[0] in ("referral", "assessment", "s47", "cp_plan", "cin_plan", "cla", "closure", "document", "worker"):
            assert event["data"]["episode_id"]
            assert event["data"]["referral_date"]


def test_only_some_families_have_stated_relations_and_only_some_systems_a_family_id(world: Recorded) -> None:
    referrals = of_type(world, "referral.received.v1")
    stated = [event for event in referrals if "relations" in event["data"]]
    with_id = {event["authority"] for event in world.events if "family_id" in event["data"]}

    assert 0.2 < len(stated) / len(referrals) < 0.95
    assert len(with_id) < len(authorities())


def test_each_agency_names_children_in_its_own_way(world: Recorded) -> None:
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    events: Counter[str] = Counter()
    for event in world.events:
        if event["data"].get("people"):
            agency = system_of(event)[1]
            events[agency] += 1
            person = event["data"]["people"][0]
            kinds[agency].update({identifier["kind"] for identifier in person["identifiers"]})

    assert set(kinds["education"]) == {"upn"}
    assert kinds["police"]["police:nominal"] == events["police"]
    assert 0.4 < kinds["police"]["la_child_id"] / events["police"] < 0.6
    assert kinds["housing"]["housing:household_member"] == events["housing"]
    assert 0.1 < kinds["housing"]["la_child_id"] / events["housing"] < 0.5


def test_few_identifiers_are_mistyped_and_these_can_be_seen_to_be(world: Recorded) -> None:
    reasons: Counter[str] = Counter()
    for event in world.events:
        for person in event["data"].get("people", ()):
            for identifier in person["identifiers"]:
                found = examine(identifier["kind"], identifier["value"])
                reasons[found.reason if isinstance(found, Unusable) else "usable"] += 1

    assert set(reasons) == {"usable", "wrong-check-digit"}
    assert 0 < reasons["wrong-check-digit"] / reasons.total() < 0.005


def test_nobody_lives_at_a_real_address(world: Recorded) -> None:
    postcodes = {person["postcode"] for event in world.events for person in event["data"].get("people", ()) if "postcode" in person}

    assert postcodes
    assert all(postcode.startswith("ZZ99 ") for postcode in postcodes)


def test_an_unborn_child_has_no_name_and_no_sex_yet(world: Recorded) -> None:
    unborn = [
        person
        for event in of_type(world, "referral.received.v1")
        for person in event["data"]["people"]
        if "expected_birth_date" in person
    ]

    assert unborn
    assert {(person.get("forename"), person["sex"]) for person in unborn} == {("Unborn", "U")}


def test_codes_are_those_of_their_year(world: Recorded) -> None:
    for event in of_type(world, "closure.recorded.v1"):
        if event["data"].get("closure_reason") == "RC9":
            assert event["data"]["closure_date"] >= "2022-03-01"
    for event in of_type(world, "school.excluded.v1"):
        assert event["data"]["category"] != ("SUSP" if event["data"]["start_date"] < "2020-08-01" else "FIXD")


def test_documents_hold_text_and_are_missing_more_often_in_some_teams(world: Recorded) -> None:
    documents = of_type(world, "document.recorded.v1")
    assert all(event["data"]["text"].strip() for event in documents)
    assert sum(len(event["data"]["text"]) for event in documents) / len(documents) > 200

    shares = []
    for one in authorities():
        for team in one.teams:
            closed = written = 0
            for lived, told in world.told:
                if lived.course.team.name == team.name:
                    closed += len(lived.course.closings)
                    written += sum(b'"kind":"closure"' in line for line in told.lines)
            if closed > 40:
                shares.append(written / closed)
    assert max(shares) - min(shares) > 0.15
