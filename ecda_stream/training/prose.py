"""Markdown in short lines, so that a card reads well in a diff."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

WIDTH = 136


def paragraph(*sentences: str, first: str = "", rest: str = "") -> str:
    """Return sentences as one wrapped paragraph."""
    text = " ".join(sentence for sentence in sentences if sentence)
    return textwrap.fill(text, WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False)


def bullets(items: Iterable[str]) -> str:
    """Return a list."""
    return "\n".join(paragraph(item, first="- ", rest="  ") for item in items)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
