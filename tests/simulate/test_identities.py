"""Identifiers are valid, one to a person, and do not tell who is whose sibling."""

from __future__ import annotations

import random

import pytest

from ecda_stream.identity.identifiers import Unusable, Usable, examine
from ecda_stream.simulate.identities import draw_identities, make_nhs_number, make_upn, mistype

from .worlds import lived_families

NUMBERS = [*range(2000), 400_000, 799_999]


def test_every_pupil_number_is_valid_and_used_once() -> None:
    upns = [make_upn("881", number) for number in NUMBERS]

    assert all(isinstance(examine("upn", upn), Usable) for upn in upns)
    assert len(set(upns)) == len(upns)


def test_every_nhs_number_is_valid_and_used_once() -> None:
    numbers = [make_nhs_number(number) for number in NUMBERS]

    assert all(isinstance(examine("nhs_number", number), Usable) for number in numbers)
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize(("kind", "value"), [("upn", make_upn("881", 12)), ("nhs_number", make_nhs_number(12))])
def test_a_mistyped_identifier_is_one_that_its_check_digit_gives_away(kind: str, value: str) -> None:
    for seed in range(50):
        assert isinstance(examine(kind, mistype(value, random.Random(seed))), Unusable)


def test_a_second_record_is_used_from_its_episode_on() -> None:
    authority, lived = max(lived_families(150), key=lambda pair: len(pair[1].course.episodes))
    rng = random.Random(0)
    for _ in range(200):
        identities = draw_identities(authority, 0, lived.course.household, 5, rng)
        ids = identities.by_child[0].la_child_ids
        if len(ids) == 2:
            break

    assert identities.by_child[0].la_child_id(ids[1][0] - 1) == ids[0][1]
    assert identities.by_child[0].la_child_id(ids[1][0]) == ids[1][1]
