"""Tokens: keyed, and unrelated across keys, authorities and kinds."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from ecda_stream.errors import BadDefinition
from ecda_stream.identity.tokens import Secret

KEY = b"only for tests, 32 bytes or more"
SECRET = Secret("t1", KEY)


def test_a_token_is_the_first_half_of_the_hmac_with_the_id_of_the_key() -> None:
    expected = hmac.new(KEY, b"3:8813:upn2:C1", hashlib.sha256).hexdigest()[:32]

    assert SECRET.token("881", "upn", "C1") == f"t1_{expected}"


def test_authority_kind_and_key_keep_domains_apart() -> None:
    tokens = {
        SECRET.token("881", "upn", "1"),
        SECRET.token("882", "upn", "1"),
        SECRET.token("881", "uln", "1"),
        SECRET.token("881", "upn", "2"),
        SECRET.token("88", "1upn", "1"),
        Secret("t1", KEY + b"!").token("881", "upn", "1"),
        Secret("t2", KEY).token("881", "upn", "1"),
    }

    assert len(tokens) == 7


def test_a_derived_key_is_no_token_and_differs_by_purpose() -> None:
    assert SECRET.derive("one") != SECRET.derive("other")
    assert len(SECRET.derive("one")) == 32
    assert KEY not in SECRET.derive("one")


def test_a_secret_is_never_printed() -> None:
    assert "only for tests" not in f"{SECRET!r} {SECRET}"


def test_every_fault_of_a_secret_is_reported_at_once() -> None:
    with pytest.raises(BadDefinition) as refused:
        Secret("Key 1", b"short")

    assert len(refused.value.faults) == 2
    assert "short" not in str(refused.value)
