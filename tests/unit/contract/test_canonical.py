"""Canonical JSON: one value, one sequence of bytes."""

from __future__ import annotations

import pytest

from ecda_stream.contract.canonical import digest, hash_of, to_canonical_json


def test_the_order_of_keys_makes_no_difference() -> None:
    assert to_canonical_json({"b": 1, "a": [1.0, None, "é"]}) == '{"a":[1.0,null,"é"],"b":1}'.encode()
    assert digest({"b": 1, "a": 2}) == digest({"a": 2, "b": 1})


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_json_does_not_have_is_an_error(value: float) -> None:
    with pytest.raises(ValueError):
        to_canonical_json([value])


def test_no_two_lists_collide_by_joining() -> None:
    assert len({hash_of("ab", "c"), hash_of("a", "bc"), hash_of("abc"), hash_of("a", "b", "c"), hash_of("1:a")}) == 5
