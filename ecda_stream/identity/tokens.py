"""Keyed tokens: the only form in which an identifier enters the event log."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass, field

from ecda_stream.errors import BadDefinition

SHORTEST_KEY_BYTES = 32


@dataclass(frozen=True)
class Secret:
    """The key of the tokens, with the id that every token carries; never printed."""

    key_id: str
    key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        faults = []
        if not re.fullmatch(r"[a-z0-9]{1,12}", self.key_id):
            faults.append("the key id is 1 to 12 lower-case letters and digits")
        if len(self.key) < SHORTEST_KEY_BYTES:
            faults.append(f"the key has {len(self.key)} bytes; {SHORTEST_KEY_BYTES} are needed")
        if faults:
            raise BadDefinition("the pseudonymisation secret", faults)

    def token(self, authority: str, kind: str, value: str) -> str:
        """Return the token of a normalised identifier: HMAC-SHA-256 over authority, kind and value, cut to 128 bits.

        Each part goes in with its length, so that no two triples give the same bytes; authority and kind keep domains apart: the
        same number in two authorities, or as two kinds, gives unrelated tokens.
        """
        message = b"".join(f"{len(part.encode())}:".encode() + part.encode() for part in (authority, kind, value))
        return f"{self.key_id}_{hmac.new(self.key, message, hashlib.sha256).hexdigest()[:32]}"

    def derive(self, purpose: str) -> bytes:
        """Return 32 bytes for another purpose than tokens, from which neither the key nor a token can be computed."""
        return hmac.new(self.key, b"derive:" + purpose.encode(), hashlib.sha256).digest()
