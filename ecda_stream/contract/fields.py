"""Field types shared by the event types: days, codes and free identifiers, each as strict as JSON allows."""

from __future__ import annotations

import re
from collections.abc import Mapping
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

_NUMBER_OR_DATE = re.compile(r"[0-9]{6}|([0-9][_.:/+-]?){8}")
"""Six digits in a row (an NHS number, a UPN, a ULN, a telephone number), or eight with separators (a date, an NHS number in groups)."""
_POSTCODE = re.compile(r"(?<![A-Z0-9])[A-Z]{1,2}[0-9][A-Z0-9]?[_.:/+-]?[0-9][A-Z]{2}(?![A-Z0-9])", re.IGNORECASE)


def looks_personal(code: str) -> bool:
    """Return whether a code has the form of something that says who or where somebody is: a long number, a date, a postcode."""
    return bool(_NUMBER_OR_DATE.search(code) or _POSTCODE.search(code))


def _not_personal(code: str) -> str:
    if looks_personal(code):
        raise PydanticCustomError("personal_code", "has the form of an identifier, a date or a postcode")
    return code


OpenCode = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Za-z0-9_.:/+-]{1,40}$"), AfterValidator(_not_personal)]
"""A code of a list that we do not hold (a case system's own outcomes): it reaches the log as it is, so it is one short word, and
nothing that has the form of an identifier, a date or a postcode."""

OpenCodes = Annotated[tuple[OpenCode, ...], Field(max_length=32)]

OurId = Annotated[str, StringConstraints(strict=True, pattern=r"^[0-9a-f]{32}$")]
"""An id that we gave: a hash (canonical.hash_of)."""

Flag = StrictBool
Count = Annotated[StrictInt, Field(ge=0)]
Counts = Annotated[Mapping[OpenCode, Count], Field(max_length=128)]
Authority = Annotated[str, StringConstraints(strict=True, pattern=r"^(\*|[A-Za-z0-9]{1,12})$")]
"""A local authority code such as 881, or `*` for every authority (decisions only)."""

SYSTEM_PATTERN = r"^[a-z][a-z0-9_-]{0,39}$"
System = Annotated[str, StringConstraints(strict=True, pattern=SYSTEM_PATTERN)]
