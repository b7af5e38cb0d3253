"""Days and codes are as strict as JSON allows."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from ecda_stream.contract.fields import Count, Day, Flag, OpenCode

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


@pytest.mark.parametrize("value", ["not one word", "", "x" * 61, "naïve", "a\n", 7])
def test_a_sentence_does_not_pass_for_a_code(value: Any) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(OpenCode).validate_python(value)


@pytest.mark.parametrize("value", ["true", 1, 0, "Y", None])
def test_a_flag_is_a_json_boolean(value: Any) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Flag).validate_python(value)


@pytest.mark.parametrize("value", [-1, 1.0, "1", True])
def test_a_count_is_a_whole_number_from_nought(value: Any) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Count).validate_python(value)
