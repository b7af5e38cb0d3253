"""CloudEvents 1.0 over Kafka: binary mode (`ce_*` headers) and structured mode (one JSON object), and how bytes become either.

Source: CloudEvents 1.0 core specification and its Kafka protocol binding. Extensions of ours: `authority`, `recordedtime`,
`revision`, and in files `arrivedtime`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, ValidationError
from pydantic_core import PydanticCustomError

from ecda_stream.contract.base import Inbound
from ecda_stream.contract.fields import FIRST_YEAR, LAST_YEAR, Authority, Identifier
from ecda_stream.errors import InvalidEvent

LONDON = ZoneInfo("Europe/London")
STRUCTURED_CONTENT_TYPE = "application/cloudevents+json"
DEEPEST_NESTING = 32
"""Levels of objects and arrays; the deepest legitimate event has six."""
MOST_VALUES = 10_000
"""Keys, items and scalars in all; the fullest event that keeps its contract has some five thousand."""

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def _timestamp(value: Any) -> Any:
    """Only RFC 3339 text: pydantic alone would also take a number of seconds."""
    if isinstance(value, datetime) or (isinstance(value, str) and "T" in value.upper()):
        return value
    raise PydanticCustomError("wrong_time", "not a timestamp of the form YYYY-MM-DDTHH:MM:SS")


def _in_utc(value: datetime) -> datetime:
    """A time without zone is Europe/London; from here on all times are UTC."""
    if not FIRST_YEAR < value.year < LAST_YEAR:
        raise PydanticCustomError("wrong_time", "not a time of this century or the last")
    return (value if value.tzinfo else value.replace(tzinfo=LONDON)).astimezone(UTC)


def _revision(value: Any) -> Any:
    """An integer, or its digits: a Kafka header has only text."""
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10 else value


Timestamp = Annotated[datetime, BeforeValidator(_timestamp), AfterValidator(_in_utc)]


class Envelope(Inbound):
    """The context attributes of one source event; unknown attributes are tolerated."""

    id: Identifier
    source: Identifier
    specversion: Literal["1.0"]
    type: Annotated[str, Field(strict=True, max_length=200)]
    authority: Authority
    time: Timestamp | None = None
    recordedtime: Timestamp | None = None
    arrivedtime: Timestamp | None = None
    revision: Annotated[int, BeforeValidator(_revision), Field(strict=True, ge=0)] | None = None
    subject: str | None = None
    datacontenttype: str | None = None
    dataschema: str | None = None

    @property
    def system(self) -> str:
        """Return the system of the source `/{authority}/{system}`."""
        return self.source.rsplit("/", 1)[-1]


class StructuredEvent(Envelope):
    """One source event as one JSON object, as importers write it and files hold it."""

    data: Mapping[str, Any]


def refuse_constant(name: str) -> float:
    """Refuse NaN, Infinity and -Infinity, which Python's JSON reader would accept."""
    raise InvalidEvent("not-a-number", "NaN and infinities are not JSON")


def parse_object(value: bytes) -> dict[str, Any]:
    """Return the JSON object in `value`.

    Raises InvalidEvent: empty-value, not-json, nested-too-deep, too-many-values, not-a-number, not-unicode, wrong-shape.
    """
    if not value.strip():
        raise InvalidEvent("empty-value", "the record has a value of no characters")
    try:
        parsed = json.loads(value.decode("utf-8-sig"), parse_constant=refuse_constant)
    except RecursionError:
        raise InvalidEvent("nested-too-deep", f"more than {DEEPEST_NESTING} levels") from None
    except ValueError:
        raise InvalidEvent("not-json", "the value is not JSON in UTF-8") from None
    _check_tree(parsed)
    if not isinstance(parsed, dict):
        raise InvalidEvent("wrong-shape", "the value is JSON but not an object")
    return parsed


def _check_tree(parsed: Any) -> None:
    """Refuse deep nesting, too many values and lone surrogates, without recursion and before anything else looks at the values."""
    level: list[Any] = [parsed]
    values = 1
    for _ in range(DEEPEST_NESTING + 1):
        below: list[Any] = []
        for node in level:
            if isinstance(node, dict | list):
                values += len(node) * (2 if isinstance(node, dict) else 1)
                if values > MOST_VALUES:
                    raise InvalidEvent("too-many-values", f"more than {MOST_VALUES} values")
            if isinstance(node, dict):
                below.extend(node)
                below.extend(node.values())
            elif isinstance(node, list):
                below.extend(node)
            elif isinstance(node, str) and not node.isascii() and _LONE_SURROGATE.search(node):
                raise InvalidEvent("not-unicode", "a text holds a lone surrogate")
            elif isinstance(node, float) and node in (float("inf"), float("-inf")):
                raise InvalidEvent("not-a-number", "a number is too large to be one")
        if not below:
            return
        level = below
    raise InvalidEvent("nested-too-deep", f"more than {DEEPEST_NESTING} levels")


def explain(error: ValidationError, models: Iterable[type[BaseModel]], missing_codes: Mapping[str, str] | None = None) -> InvalidEvent:
    """Turn pydantic's complaint into a refusal that names the fields of the models and never their content (or a mapping's keys)."""
    declared = {name for model in models for name in model.model_fields}
    problems = error.errors(include_input=False, include_context=False, include_url=False)
    first = problems[0]
    field = ".".join(str(part) for part in first["loc"] if isinstance(part, int) or part in declared)
    if first["type"] == "missing":
        code = (missing_codes or {}).get(str(first["loc"][-1]) if first["loc"] else "", "missing-field")
    else:
        code = "wrong-code" if first["type"] == "wrong_code" else "wrong-field"
    return InvalidEvent(code, f"{field} ({first['type']}); {len(problems)} problem(s)")


def open_envelope(value: bytes | None, headers: Mapping[str, bytes | None]) -> tuple[Envelope, dict[str, Any]]:
    """Return the context attributes and the `data` of a Kafka record in either mode.

    A header can be null (Java's clients allow it): a null content type is none, a null attribute is refused.

    Raises InvalidEvent with the reason code; nothing of the record's content is in the message.
    """
    if value is None:
        raise InvalidEvent("tombstone", "the record has no value")
    parsed = parse_object(value)
    content_type = (headers.get("content-type") or b"").decode("ascii", "replace")
    binary = "ce_specversion" in headers and not content_type.startswith(STRUCTURED_CONTENT_TYPE)
    if binary:
        attributes, content = _attributes_of(headers), parsed
    else:
        attributes = {name: content for name, content in parsed.items() if name != "data"}
        content = parsed.get("data", {})
        if not isinstance(content, dict):
            raise InvalidEvent("wrong-shape", "data is not an object")
    if "specversion" not in attributes:
        raise InvalidEvent("wrong-shape", "neither ce_ headers nor a CloudEvents object")
    try:
        return Envelope.model_validate(attributes), content
    except ValidationError as error:
        raise explain(error, (Envelope,)) from None


def _attributes_of(headers: Mapping[str, bytes | None]) -> dict[str, Any]:
    attributes = {}
    for name, raw in headers.items():
        if not name.startswith("ce_"):
            continue
        if raw is None:
            raise InvalidEvent("wrong-field", "a ce_ header has no value")
        try:
            attributes[name[3:]] = raw.decode()
        except UnicodeDecodeError:
            raise InvalidEvent("not-unicode", "a ce_ header is not UTF-8") from None
    return attributes
