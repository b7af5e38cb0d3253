"""Partition = authority."""

from __future__ import annotations

import zlib

from ecda_stream.identity.partition import partition_of, partitions_of


def test_a_numeric_code_goes_by_its_remainder() -> None:
    assert partition_of("881", 32) == 17  # 881 = 27*32 + 17
    assert partition_of("0881", 32) == 17


def test_any_other_code_goes_by_its_checksum() -> None:
    assert partition_of("E06000014", 32) == zlib.crc32(b"E06000014") % 32


def test_every_authority_means_every_partition() -> None:
    assert list(partitions_of("*", 4)) == [0, 1, 2, 3]
    assert list(partitions_of("881", 4)) == [1]
