"""truth.jsonl tells who everybody is, what was planted in each closure and what each document says."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, get_args

import pytest

from ecda_stream.contract.events import PREFIX
from ecda_stream.contract.finding import Concept, Experiencer
from ecda_stream.simulate.narrative import Status

from .worlds import Recorded, a_recorded_world


@pytest.fixture(scope="module")
def world() -> Recorded:
    return a_recorded_world()


def by_id(world: Recorded) -> dict[tuple[str, str], list[dict[str, Any]]]:
    events: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for event in world.events:
        events[event["source"], event["id"]].append(event)
    return events


def test_every_identifier_of_every_event_belongs_to_one_person(world: Recorded) -> None:
    owner = {(e["authority"], e["agency"], e["identifier_kind"], e["value"]): e["person"] for e in world.truth["identifier"]}
    used = {
        (event["authority"], event["source"].rsplit("/", 1)[-1], identifier["kind"], identifier["value"])
        for event in world.events
        for person in event["data"].get("people", ())
        for identifier in person["identifiers"]
    }

    assert used <= set(owner)
    assert len(owner) == len(world.truth["identifier"])


def test_an_identifier_that_two_agencies_use_is_of_the_same_person(world: Recorded) -> None:
    people: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for entry in world.truth["identifier"]:
        people[entry["authority"], entry["identifier_kind"], entry["value"]].add(entry["person"])

    assert all(len(persons) == 1 for persons in people.values())


def test_some_people_have_two_records_of_which_some_are_merged(world: Recorded) -> None:
    ids: dict[str, set[str]] = defaultdict(set)
    for entry in world.truth["identifier"]:
        if entry["identifier_kind"] == "la_child_id":
            ids[entry["person"]].add(entry["value"])
    doubled = [person for person, values in ids.items() if len(values) == 2]
    merged = [event for event in world.events if event["type"] == PREFIX + "person.merged.v1"]

    assert 0 < len({event["id"] for event in merged}) < len(doubled)
    for event in merged:
        values = {person["identifiers"][0]["value"] for person in event["data"]["people"]}
        assert values in list(ids.values())


def test_a_persons_family_is_the_start_of_its_name(world: Recorded) -> None:
    assert all(entry["person"].startswith(entry["family"] + "/") for entry in world.truth["identifier"])


def test_every_closure_of_the_truth_was_recorded_and_ends_on_the_true_day(world: Recorded) -> None:
    events = by_id(world)
    for entry in world.truth["closure"]:
        versions = [event for event in events[entry["source"], entry["event_id"]] if "closure_reason" in event["data"]]
        assert entry["closing_day"] in {event["data"]["closure_date"] for event in versions}


def test_every_closure_that_was_recorded_and_not_by_mistake_is_in_the_truth(world: Recorded) -> None:
    told = {(entry["source"], entry["event_id"]) for entry in world.truth["closure"]}
    recorded = {
        (event["source"], event["id"])
        for event in world.events
        if event["type"] == PREFIX + "closure.recorded.v1" and "closure_reason" in event["data"]
    }

    assert told <= recorded
    assert len(told) / len(recorded) > 0.98  # the others wait for their correction, or for the day on which they are really closed


def test_probabilities_are_probabilities_and_outcomes_are_nested(world: Recorded) -> None:
    for entry in world.truth["closure"]:
        assert 0 <= entry["probability"] < 1
        assert 0 <= entry["probability_observable"] < 1
        assert entry["escalated"] <= entry["to_s47"] <= entry["returned"]


def test_every_document_says_what_it_mentions_in_the_words_of_the_contract(world: Recorded) -> None:
    events = by_id(world)
    documents = world.truth["document"]

    assert len({entry["event_id"] for entry in documents}) == len(documents)
    for entry in documents:
        assert events[entry["source"], entry["event_id"]][0]["type"] == PREFIX + "document.recorded.v1"
        for mention in entry["mentions"]:
            assert mention["concept"] in get_args(Concept)
            assert mention["status"] in get_args(Status)
            assert mention["whose"] in get_args(Experiencer)


def test_documents_mention_every_status(world: Recorded) -> None:
    statuses = {mention["status"] for entry in world.truth["document"] for mention in entry["mentions"]}

    assert statuses == set(get_args(Status))
