"""Field types shared by the event types: days, codes and free identifiers, each as strict as JSON allows."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StrictBool, StrictInt, StringConstraints
from pydantic_core import PydanticCustomError

FIRST_YEAR, LAST_YEAR = 1900, 2100


def _iso_day(value: Any) -> Any:
    """Only a date, or `YYYY-MM-DD`: pydantic alone would also take a number of seconds or a midnight."""
    if isinstance(value, str):
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            raise PydanticCustomError("wrong_date", "not a date of the form YYYY-MM-DD")
        return value
    if type(value) is date:
        return value
    raise PydanticCustomError("wrong_date", "not a date of the form YYYY-MM-DD")


def _year_in_range(day: date) -> date:
    """Year 1 or 9999 is a typing error, and arithmetic on it would overflow."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise PydanticCustomError("wrong_date", "not a date of this century or the last")
    return day


Day = Annotated[date, BeforeValidator(_iso_day), AfterValidator(_year_in_range)]
"""A calendar day in Europe/London."""

Text = Annotated[str, StringConstraints(strict=True)]
Identifier = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=200)]
"""A source's own identifier of something; admit replaces it by a token."""

OpenCode = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Za-z0-9_.:/+-]{1,60}$")]
"""A code of a list that we do not hold (a case system's own outcomes); one word, so that no sentence passes for a code."""

Flag = StrictBool
Count = Annotated[StrictInt, Field(ge=0)]
Authority = Annotated[str, StringConstraints(strict=True, pattern=r"^(\*|[A-Za-z0-9]{1,12})$")]
"""A local authority code such as 881, or `*` for every authority (decisions only)."""

SYSTEM_PATTERN = r"^[a-z][a-z0-9_-]{0,39}$"
System = Annotated[str, StringConstraints(strict=True, pattern=SYSTEM_PATTERN)]
