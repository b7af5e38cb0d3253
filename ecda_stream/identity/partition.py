"""The partition of an authority: all its agencies' entries meet in one partition, in one order."""

from __future__ import annotations

import zlib

EVERY_AUTHORITY = "*"


def partition_of(authority: str, partitions: int) -> int:
    """Return int(code) modulo partitions for numeric codes, else the CRC-32 of the UTF-8 code modulo partitions."""
    number = int(authority) if authority.isascii() and authority.isdigit() else zlib.crc32(authority.encode())
    return number % partitions


def partitions_of(authority: str, partitions: int) -> range:
    """Return the partitions that get an entry: one, or all of them for authority `*`."""
    if authority == EVERY_AUTHORITY:
        return range(partitions)
    place = partition_of(authority, partitions)
    return range(place, place + 1)
