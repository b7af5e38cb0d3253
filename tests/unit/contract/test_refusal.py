"""Every refusal has a reason in words, and no reason is invented on the spot."""

from __future__ import annotations

import re

from ecda_stream.contract.refusal import REASONS
from tests.builders import ROOT


def test_every_reason_that_the_core_gives_is_listed() -> None:
    sources = [
        path.read_text(encoding="utf-8")
        for folder in ("contract", "identity")
        for path in (ROOT / "ecda_stream" / folder).rglob("*.py")
    ]
    given = {code for source in sources for code in re.findall(r'InvalidEvent\(\s*"([a-z0-9-]+)"', source)} - {"wrong-seal"}

    assert given <= set(REASONS)


def test_reasons_are_slugs_or_numbers_of_the_national_validator() -> None:
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*|[0-9]{4}Q?", code) for code in REASONS)
