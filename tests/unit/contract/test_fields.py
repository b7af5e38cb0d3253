"""Days and codes are as strict as JSON allows."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from ecda_stream.contract.fields import Count, Day, Flag, OpenCode, OurId

DAY = TypeAdapter[date](Day)


@pytest.mark.parametrize("text", ["2024-02-29", "1900-01-01", "2100-12-31"])
def test_a_calendar_day_is_a_day(text: str) -> None:
    assert DAY.validate_python(text) == date.fromisoformat(text)


@pytest.mark.parametrize(
    "value",
    [
        "2023-02-29",
        "29/02/2024",
        "2024-2-29",
        "20240229",
        "2024-02-29T00:00:00",
        "1899-12-31",
        "2101-01-01",
        "0001-01-01",
        "",
        " 2024-02-2",
        "1699920000",
        "２０２４-02-29",
        1_699_920_000,
        1_699_920_000.0,
        True,
        None,
    ],
)
def test_anything_else_is_none(value: Any) -> None:
    with pytest.raises(ValidationError):
        DAY.validate_python(value)


@pytest.mark.parametrize("value", ["not one word", "", "x" * 41, "naïve", "a\n", 7])
def test_a_sentence_does_not_pass_for_a_code(value: Any) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(OpenCode).validate_python(value)


@pytest.mark.parametrize(
    "value",
    [
        "9434765919",
        "943476",
        "nhs:9434765919",
        "943-476-5919",
        "H801200001001",
        "2015-03-27",
        "born/2015-03-27",
        "27/03/2015",
        "20150327",
        "ZZ999ZZ",
        "zz999zz",
        "ZZ99-9ZZ",
        "W1A1AA",
        "at:M11AE",
    ],
)
def test_a_number_a_date_or_a_postcode_does_not_pass_for_a_code(value: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(OpenCode).validate_python(value)


@pytest.mark.parametrize(
    "value", ["NFA", "18A", "RC7", "baseline-1", "2031.1", "12345", "referral.received.v1", "s47", "U1", "step-down", "x" * 40]
)
def test_a_short_word_is_a_code(value: str) -> None:
    assert TypeAdapter[str](OpenCode).validate_python(value) == value


@pytest.mark.parametrize("value", ["a1", "a1" * 16 + "0", "A1" * 16, "g" * 32, "a1" * 16 + "\n", 7])
def test_an_id_that_we_gave_is_a_hash(value: Any) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(OurId).validate_python(value)

    assert TypeAdapter[str](OurId).validate_python("01234567" * 4)


@pytest.mark.parametrize("value", ["true", 1, 0, "Y", None])
def test_a_flag_is_a_json_boolean(value: Any) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Flag).validate_python(value)


@pytest.mark.parametrize("value", [-1, 1.0, "1", True])
def test_a_count_is_a_whole_number_from_nought(value: Any) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Count).validate_python(value)
