"""The contract as JSON Schema 2020-12 and code tables, for whoever publishes to us or reads what we publish, in any language.

An arriving schema tolerates unknown fields, as admit does. A published schema forbids them, and has no null: a field without a value is
absent. JSON Schema cannot say everything: the rules over several fields (contract/rules.py), the check digits, and that a code must not
look like an identifier (contract/fields.py) are not in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from ecda_stream.contract.alert import Alert, Notice
from ecda_stream.contract.base import Published
from ecda_stream.contract.codes import CODE_TABLES
from ecda_stream.contract.entry import Entry
from ecda_stream.contract.envelope import StructuredEvent
from ecda_stream.contract.events import EVENT_TYPES, PREFIX
from ecda_stream.contract.refusal import REASONS, Refusal
from ecda_stream.contract.score import ScoreRecord

DIALECT = "https://json-schema.org/draft/2020-12/schema"
URN = "urn:ecda-stream:schema:"
SUFFIX = ".schema.json"
CODES = "codes.json"

PUBLISHED: Mapping[str, type[Published]] = {
    "entry": Entry,
    "score_record": ScoreRecord,
    "alert": Alert,
    "notice": Notice,
    "refusal": Refusal,
}

Json = dict[str, Any]


def generate_schemas() -> dict[str, Json]:
    """Return the content of every file, by its name below the folder of schemas."""
    files = {f"events/{data.type_name}{SUFFIX}": _schema(f"events:{data.type_name}", data) for data in EVENT_TYPES.values()}
    files[f"envelope{SUFFIX}"] = _envelope()
    for name, model in PUBLISHED.items():
        files[f"{name}{SUFFIX}"] = _without_null(_schema(name, model))
    files[f"refusal{SUFFIX}"]["properties"]["reason_code"]["enum"] = list(REASONS)
    files[CODES] = {table.name: dict(table.labels) for table in CODE_TABLES}
    return files


def _envelope() -> Json:
    """Add what the types do not say: which event types there are, and the looser forms that our own validators let in."""
    schema = _schema("envelope", StructuredEvent)
    fields = schema["properties"]
    fields["type"]["enum"] = list(EVENT_TYPES)
    fields["data"]["description"] = f"events/<type without {PREFIX}>{SUFFIX}"
    for name in ("time", "recordedtime", "arrivedtime"):
        fields[name] = {
            "description": "RFC 3339; without a zone it is Europe/London.",
            "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt]",
            "type": ["string", "null"],
        }
    fields["revision"]["anyOf"].append({"description": "A Kafka header has only text.", "pattern": "^[0-9]{1,9}$", "type": "string"})
    return schema


def _schema(name: str, model: type[BaseModel]) -> Json:
    return {"$schema": DIALECT, "$id": URN + name, **model.model_json_schema(schema_generator=_Generator)}


class _Generator(GenerateJsonSchema):
    """pydantic's generator without its titles of fields, which repeat the name, and with `ge` where it misses to translate it."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Set no titles; those of code tables are set by the tables."""
        return False

    def generate(self, schema: Any, mode: Any = "validation") -> Json:
        """Return the schema with standard keywords only."""
        generated: Json = _renamed(super().generate(schema, mode))
        return generated


def _renamed(node: Any) -> Any:
    """A bound behind a validator of ours comes out as `ge`, a keyword that JSON Schema does not have."""
    if isinstance(node, dict):
        return {("minimum" if key == "ge" else key): _renamed(value) for key, value in node.items()}
    return [_renamed(item) for item in node] if isinstance(node, list) else node


def _without_null(schema: Json) -> Json:
    """Canonical JSON leaves out a field that is None: such a field is not required, and never null."""
    for model in (schema, *schema.get("$defs", {}).values()):
        optional = set()
        for name, field in model.get("properties", {}).items():
            if {"type": "null"} in field.get("anyOf", ()):
                optional.add(name)
                model["properties"][name] = _not_null(field)
        if required := [name for name in model.get("required", ()) if name not in optional]:
            model["required"] = required
        else:
            model.pop("required", None)
    return schema


def _not_null(field: Json) -> Json:
    others = [option for option in field["anyOf"] if option != {"type": "null"}]
    rest = {key: value for key, value in field.items() if key not in ("anyOf", "default")}
    return {**rest, **others[0]} if len(others) == 1 else {**rest, "anyOf": others}
