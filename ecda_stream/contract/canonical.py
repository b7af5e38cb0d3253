"""Canonical JSON: one value, one sequence of bytes, so that equal things can be compared and hashed as bytes."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from pydantic import BaseModel


def to_canonical_json(value: Any) -> bytes:
    """Return UTF-8 JSON with sorted keys and no spaces; pydantic models are dumped in JSON mode without absent (None) fields.

    Raises ValueError for NaN and infinities, which JSON does not have.
    """
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json", exclude_none=True)
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def digest(value: Any) -> str:
    """Return the first 16 hexadecimal digits of the SHA-256 of the canonical JSON: names a version, protects nothing."""
    return hashlib.sha256(to_canonical_json(value)).hexdigest()[:16]


def hash_of(*parts: str) -> str:
    """Return 32 hexadecimal digits of SHA-256 over the parts, each with its length so that no two lists collide by joining."""
    joined = b"".join(f"{len(part.encode())}:".encode() + part.encode() for part in parts)
    return hashlib.sha256(joined).hexdigest()[:32]
