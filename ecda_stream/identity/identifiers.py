"""Identifiers as their issuers define them: normalised and checked before they are hashed, so that a typing error links nobody.

Sources: NHS Data Dictionary (NHS number, modulus 11); Department for Education, unique pupil numbers guide (check letter, modulus
23, letters without I, O and S); Learning Records Service (ULN, modulus 11).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from ecda_stream.contract.fields import looks_personal

UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
_GENERIC_KIND = re.compile(r"[a-z][a-z0-9_-]{0,23}:[a-z][a-z0-9_-]{0,23}")
_SEPARATORS = re.compile(r"[\s\-/.]+")


@dataclass(frozen=True)
class Usable:
    """An identifier fit to be hashed: its domain (kinds that share one, like upn and former_upn, link) and normal form."""

    domain: str
    value: str


@dataclass(frozen=True)
class Unusable:
    """Why an identifier was set aside; the value is not kept."""

    kind: str
    reason: str


def examine(kind: str, value: str) -> Usable | Unusable:
    """Return the identifier in normal form, or why it cannot be used."""
    if kind in ("upn", "former_upn"):
        return _examine_upn(kind, value)
    if kind == "nhs_number":
        digits = _SEPARATORS.sub("", value)
        return _checked(kind, digits, re.fullmatch(r"[0-9]{10}", digits) is not None, has_valid_nhs_check_digit)
    if kind == "uln":
        digits = _SEPARATORS.sub("", value)
        return _checked(kind, digits, re.fullmatch(r"[1-9][0-9]{9}", digits) is not None, has_valid_uln_check_digit)
    if kind in ("la_child_id", "mis_child_id") or _is_generic(kind):
        normal = value.strip().upper()
        if not normal:
            return Unusable(_known(kind), "empty")
        return Usable(kind, normal)
    return Unusable("other", "unknown-kind")


def _is_generic(kind: str) -> bool:
    """`{system}:{name}`; the kind reaches the log as it is, so nothing that has the form of an identifier passes for one."""
    return _GENERIC_KIND.fullmatch(kind) is not None and not looks_personal(kind)


def _known(kind: str) -> str:
    """A kind fit for a metric label: generic kinds are many and come from outside."""
    return "generic" if ":" in kind else kind


def _checked(kind: str, digits: str, well_formed: bool, valid: Callable[[str], bool]) -> Usable | Unusable:
    if not well_formed:
        return Unusable(kind, "wrong-format")
    return Usable(kind, digits) if valid(digits) else Unusable(kind, "wrong-check-digit")


def _examine_upn(kind: str, value: str) -> Usable | Unusable:
    upn = _SEPARATORS.sub("", value).upper()
    if not re.fullmatch(rf"[{UPN_LETTERS}][0-9]{{11}}[0-9{UPN_LETTERS}]", upn):
        return Unusable(kind, "wrong-format")
    return Usable("upn", upn) if upn_check_letter(upn[1:]) == upn[0] else Unusable(kind, "wrong-check-digit")


def upn_check_letter(body: str) -> str:
    """Return the check letter of the 12 characters after it; the last may be a letter (temporary UPN), which counts its place.

    >>> upn_check_letter("801200001001")
    'H'
    """
    places = [UPN_LETTERS.index(c) if c in UPN_LETTERS else int(c) for c in body]
    return UPN_LETTERS[sum(place * weight for weight, place in enumerate(places, start=2)) % 23]


def has_valid_nhs_check_digit(digits: str) -> bool:
    """Return whether the tenth digit is 11 minus the weighted sum (10 to 2) modulo 11, with 11 as 0 and 10 never valid.

    >>> has_valid_nhs_check_digit("9434765919")
    True
    """
    check = 11 - sum(int(digit) * weight for digit, weight in zip(digits[:9], range(10, 1, -1), strict=True)) % 11
    return check != 10 and check % 11 == int(digits[9])


def has_valid_uln_check_digit(digits: str) -> bool:
    """Return whether the tenth digit is 10 minus the weighted sum (10 to 2) modulo 11; a remainder of 0 is never valid."""
    remainder = sum(int(digit) * weight for digit, weight in zip(digits[:9], range(10, 1, -1), strict=True)) % 11
    return remainder != 0 and 10 - remainder == int(digits[9])
