"""Check digits against hand arithmetic; normal forms; what is set aside and why."""

from __future__ import annotations

import pytest

from ecda_stream.identity.identifiers import (
    Unusable,
    Usable,
    examine,
    has_valid_nhs_check_digit,
    has_valid_uln_check_digit,
    upn_check_letter,
)


@pytest.mark.parametrize(
    ("digits", "valid"),
    [
        # 9*10+4*9+3*8+4*7+7*6+6*5+5*4+9*3+1*2 = 299 = 27*11 + 2; 11 - 2 = 9
        ("9434765919", True),
        ("9434765918", False),
        # 9*10 = 90 = 8*11 + 2; 11 - 2 = 9
        ("9000000009", True),
        # 90 + 1*2 = 92 = 8*11 + 4; 11 - 4 = 7
        ("9000000017", True),
        # 4*10+4 ... all zeros: 0; 11 - 0 = 11, which is written 0
        ("0000000000", True),
        # 1*10 + 0... = 10; 11 - 10 = 1
        ("1000000001", True),
        # 6*2 = 12 = 11 + 1; 11 - 1 = 10: never valid, whatever the last digit
        ("0000000060", False),
        ("0000000061", False),
    ],
)
def test_an_nhs_number_is_valid_by_modulus_11(digits: str, valid: bool) -> None:
    assert has_valid_nhs_check_digit(digits) is valid


@pytest.mark.parametrize(
    ("digits", "valid"),
    [
        # 1*10 = 10; remainder 10; 10 - 10 = 0
        ("1000000000", True),
        ("1000000001", False),
        # 2*10 = 20 = 11 + 9; 10 - 9 = 1
        ("2000000001", True),
        # 1*10 + 0... + 6*2 = 22 = 2*11 + 0: never valid
        ("1000000060", False),
    ],
)
def test_a_uln_is_valid_by_modulus_11(digits: str, valid: bool) -> None:
    assert has_valid_uln_check_digit(digits) is valid


@pytest.mark.parametrize(
    ("body", "letter"),
    [
        # 8*2+0*3+1*4+2*5+0*6+0*7+0*8+0*9+1*10+0*11+0*12+1*13 = 53 = 2*23 + 7: A B C D E F G H
        ("801200001001", "H"),
        # all zeros: remainder 0
        ("000000000000", "A"),
        # a temporary number ends with a letter, which counts its place: B is 1, 1*13 = 13: A B C D E F G H J K L M N P
        ("00000000000B", "P"),
        # 1*10 + 1*13 = 23: remainder 0
        ("000000001001", "A"),
    ],
)
def test_the_letter_of_a_upn_is_its_remainder_by_23(body: str, letter: str) -> None:
    assert upn_check_letter(body) == letter


@pytest.mark.parametrize(
    ("kind", "written", "normal"),
    [
        ("nhs_number", "943 476 5919", Usable("nhs_number", "9434765919")),
        ("nhs_number", "943-476-5919", Usable("nhs_number", "9434765919")),
        ("upn", " h801200001001 ", Usable("upn", "H801200001001")),
        ("former_upn", "H801200001001", Usable("upn", "H801200001001")),
        ("uln", "2000000001", Usable("uln", "2000000001")),
        ("la_child_id", " c1 ", Usable("la_child_id", "C1")),
        ("mosaic:person", "77", Usable("mosaic:person", "77")),
        ("x" * 24 + ":" + "y" * 24, "77", Usable("x" * 24 + ":" + "y" * 24, "77")),
    ],
)
def test_an_identifier_has_one_normal_form(kind: str, written: str, normal: Usable) -> None:
    assert examine(kind, written) == normal


@pytest.mark.parametrize(
    ("kind", "written", "why"),
    [
        ("nhs_number", "9434765918", Unusable("nhs_number", "wrong-check-digit")),
        ("nhs_number", "943476591", Unusable("nhs_number", "wrong-format")),
        ("nhs_number", "９434765919", Unusable("nhs_number", "wrong-format")),
        ("upn", "A801200001001", Unusable("upn", "wrong-check-digit")),
        ("upn", "I801200001001", Unusable("upn", "wrong-format")),
        ("former_upn", "UNKNOWN", Unusable("former_upn", "wrong-format")),
        ("uln", "0000000001", Unusable("uln", "wrong-format")),
        ("la_child_id", "  ", Unusable("la_child_id", "empty")),
        ("mosaic:person", "", Unusable("generic", "empty")),
        ("shoe size", "7", Unusable("other", "unknown-kind")),
        ("Mosaic:person", "7", Unusable("other", "unknown-kind")),
        ("mosaic:person\n", "7", Unusable("other", "unknown-kind")),
        ("mosaic:" + "x" * 25, "7", Unusable("other", "unknown-kind")),
        ("x" * 25 + ":person", "7", Unusable("other", "unknown-kind")),
        ("nhs:n9434765919", "7", Unusable("other", "unknown-kind")),
        ("home:zz999zz", "7", Unusable("other", "unknown-kind")),
    ],
)
def test_what_cannot_be_used_is_named_and_not_kept(kind: str, written: str, why: Unusable) -> None:
    assert examine(kind, written) == why
