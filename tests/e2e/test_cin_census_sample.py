"""The national fake CIN census through a real Kafka: every closure is refused by a code, not scored by a reason, or scored."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from ecda_stream.sources.accounting import Account
from ecda_stream.sources.cin_census import read_cin_census
from ecda_stream.worker.publishing import publish_events
from tests.worker.system import LONGEST_SECONDS, SCORES, SOCIAL_CARE, System, running_system

SAMPLE = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "cin_census_samples" / "fake_CIN_data.xml"
CLOSURE = "uk.csc.closure.recorded.v1"

pytestmark = [
    pytest.mark.broker,
    pytest.mark.skipif(
        not SAMPLE.exists(), reason=f"NOT TESTED HERE: the national fake CIN census is not beside the project ({SAMPLE.name})"
    ),
]


class Census:
    def __init__(self, system: System) -> None:
        with SAMPLE.open("rb") as stream:
            self.events = list(read_cin_census(stream, authority="881", account=Account()))
        publish_events(iter(self.events), bootstrap=system.bootstrap, on_progress=lambda _: None)
        system.wait_until_through(LONGEST_SECONDS)
        self.letters = system.all(f"{SOCIAL_CARE}.dlq")
        self.scores = [json.loads(found.value or b"") for found in system.all(SCORES)]


@pytest.fixture(scope="module")
def census(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Census]:
    with running_system(tmp_path_factory.mktemp("census")) as system:
        yield Census(system)


def refused_closures(census: Census) -> list[tuple[str, str]]:
    """The reason code and closure reason of each refused closure."""
    found = []
    for letter in census.letters:
        headers = dict(letter.headers)
        if headers["ce_type"].decode() == CLOSURE:
            found.append((headers["dlq-reason-code"].decode(), json.loads(letter.value or b"").get("closure_reason", "")))
    return found


def test_the_file_gives_402_referrals_and_252_closures_of_332_children(census: Census) -> None:
    types = Counter(event["type"] for event in census.events)
    children = {
        identifier["value"]
        for event in census.events
        for identifier in event["data"]["people"][0]["identifiers"]
        if identifier["kind"] == "la_child_id"
    }

    assert types["uk.csc.referral.received.v1"] == 402
    assert types[CLOSURE] == 252
    assert len(children) == 332


def test_each_of_the_252_closures_is_exactly_one_of_refused_not_scored_scored(census: Census) -> None:
    assert len(refused_closures(census)) + len({score["score_id"] for score in census.scores}) == 252
    assert {score["outcome"] for score in census.scores} <= {"scored", "not_scored"}


def test_reasons_for_closure_add_up_with_those_refused(census: Census) -> None:
    closures = [event["data"].get("closure_reason") for event in census.events if event["type"] == CLOSURE]
    not_scored = Counter(score["reason"] for score in census.scores if score["outcome"] == "not_scored" and score["revision"] == 0)
    refused = Counter(reason for _, reason in refused_closures(census))

    assert Counter(closures) == {"RC1": 28, "RC2": 37, "RC3": 23, "RC4": 39, "RC5": 19, "RC6": 37, "RC7": 39, "RC8": 30}
    assert not_scored["adopted"] + refused["RC1"] == 28
    assert not_scored["died"] + refused["RC2"] == 37
    assert not_scored["transferred-to-another-authority"] + refused["RC5"] == 19
    assert not_scored["transferred-to-adult-services"] + refused["RC6"] == 37
    latest = {score["score_id"]: score for score in sorted(census.scores, key=lambda score: int(score["revision"]))}
    rest = sum(score["outcome"] == "scored" or score["reason"] == "too-old" for score in latest.values())
    assert rest + sum(refused[code] for code in ("RC3", "RC4", "RC7", "RC8")) == 23 + 39 + 39 + 30
