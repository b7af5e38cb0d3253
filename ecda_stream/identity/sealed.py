"""Sealed case references: which case is meant, readable by the review team alone.

X25519 key agreement, HKDF-SHA-256 and ChaCha20-Poly1305. The sender's one-time key is derived from the secret and the reference,
not drawn: the same record admitted twice gives the same entry, byte for byte, so that a repetition is recognised. That shows which
of two sealed references are equal, which the event ids beside them show anyway.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ecda_stream.contract.canonical import to_canonical_json
from ecda_stream.errors import InvalidEvent
from ecda_stream.identity.tokens import Secret

_NONCE = bytes(12)  # each message has a key of its own


class Sealer:
    """Seals case references to one review team's public key."""

    def __init__(self, secret: Secret, review_public_key: bytes) -> None:
        self._derivation_key = secret.derive("sealed-reference")
        self._public = X25519PublicKey.from_public_bytes(review_public_key)
        self._public_bytes = review_public_key

    def seal(self, reference: dict[str, str]) -> str:
        """Return the sealed reference as text (URL-safe base64)."""
        plain = to_canonical_json(reference)
        one_time = X25519PrivateKey.from_private_bytes(hmac.new(self._derivation_key, plain, hashlib.sha256).digest())
        one_time_public = one_time.public_key().public_bytes_raw()
        key = _message_key(one_time.exchange(self._public), one_time_public, self._public_bytes)
        return base64.urlsafe_b64encode(one_time_public + ChaCha20Poly1305(key).encrypt(_NONCE, plain, None)).decode()


def unseal(sealed: str, review_private_key: bytes) -> bytes:
    """Return the canonical JSON of the reference.

    Raises InvalidEvent if it was sealed to another key or altered.
    """
    private = X25519PrivateKey.from_private_bytes(review_private_key)
    try:
        raw = base64.urlsafe_b64decode(sealed)
        one_time_public = raw[:32]
        shared = private.exchange(X25519PublicKey.from_public_bytes(one_time_public))
        key = _message_key(shared, one_time_public, private.public_key().public_bytes_raw())
        return ChaCha20Poly1305(key).decrypt(_NONCE, raw[32:], None)
    except (InvalidTag, ValueError):
        raise InvalidEvent("wrong-seal", "the reference was sealed to another key, or altered") from None


def _message_key(shared: bytes, one_time_public: bytes, review_public: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=b"ecda_stream sealed reference 1" + one_time_public + review_public).derive(shared)
