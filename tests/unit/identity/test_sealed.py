"""Sealed references: only the review team opens them, and equal references are sealed equally."""

from __future__ import annotations

import json

import pytest

from ecda_stream.errors import InvalidEvent
from ecda_stream.identity.sealed import Sealer, unseal
from ecda_stream.identity.tokens import Secret
from tests.builders import REVIEW_PRIVATE, REVIEW_PUBLIC, a_closure, admitted

SEALER = Sealer(Secret("t1", b"only for tests, 32 bytes or more"), REVIEW_PUBLIC)
REFERENCE = {"source": "/881/case_system", "la_child_id": "C1"}


def test_what_is_sealed_can_be_opened_with_the_review_teams_key() -> None:
    assert json.loads(unseal(SEALER.seal(REFERENCE), REVIEW_PRIVATE)) == REFERENCE


def test_another_key_opens_nothing() -> None:
    with pytest.raises(InvalidEvent) as refused:
        unseal(SEALER.seal(REFERENCE), bytes(range(1, 33)))

    assert refused.value.reason_code == "wrong-seal"


@pytest.mark.parametrize("sealed", ["", "AAAA", "not base64!", SEALER.seal(REFERENCE)[:-4] + "AAAA"])
def test_what_was_altered_is_not_opened(sealed: str) -> None:
    with pytest.raises(InvalidEvent):
        unseal(sealed, REVIEW_PRIVATE)


def test_equal_references_are_sealed_equally_and_others_differently() -> None:
    assert SEALER.seal(REFERENCE) == SEALER.seal(dict(reversed(REFERENCE.items())))
    assert SEALER.seal(REFERENCE)[:40] != SEALER.seal({**REFERENCE, "la_child_id": "C2"})[:40]


def test_another_secret_seals_differently() -> None:
    assert Sealer(Secret("t2", b"another secret, 32 bytes or more"), REVIEW_PUBLIC).seal(REFERENCE) != SEALER.seal(REFERENCE)


def test_a_closure_carries_the_reference_to_its_case() -> None:
    sealed = admitted(a_closure(episode_id="E7")).sealed_reference

    assert sealed is not None
    assert json.loads(unseal(sealed, REVIEW_PRIVATE)) == {
        "source": "/881/case_system",
        "la_child_id": "C1",
        "episode_id": "E7",
        "referral_date": "2026-01-05",
    }
