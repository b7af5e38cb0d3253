"""JSON that a person can read and that is the same every time: keys sorted, what is short on one line."""

from __future__ import annotations

import json
from typing import Any

LONGEST_LINE = 130


def to_readable_json(value: Any, indent: str = "") -> str:
    """Return a value as JSON; a list of numbers stays on one line however long it is."""
    flat = json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False)
    if not isinstance(value, dict | list) or not value or len(indent) + len(flat) <= LONGEST_LINE:
        return flat
    deeper = indent + "  "
    if isinstance(value, dict):
        inside = [f"{deeper}{json.dumps(key)}: {to_readable_json(value[key], deeper)}" for key in sorted(value)]
        return "{\n" + ",\n".join(inside) + f"\n{indent}}}"
    if all(isinstance(item, int | float) for item in value):
        return flat
    return "[\n" + ",\n".join(f"{deeper}{to_readable_json(item, deeper)}" for item in value) + f"\n{indent}]"
