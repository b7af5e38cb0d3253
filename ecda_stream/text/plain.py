"""A note made plain: single spaces, simple quotes and dashes, with the way back to the position in the original."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise

_ONE_TO_ONE = {
    **dict.fromkeys((*range(9), 0x0B, 0x0C, 0x1C, 0x1D, 0x1E, 0x85, 0x2028, 0x2029), "\n"),
    **dict.fromkeys((0x09, *range(0x0E, 0x1C), 0x1F, *range(0x7F, 0x85), *range(0x86, 0xA1), *range(0x2000, 0x200B)), " "),
    **dict.fromkeys((0x1680, 0x202F, 0x205F, 0x3000), " "),
    # A lone surrogate cannot be encoded, and spaCy encodes every token to hash it.
    **dict.fromkeys(range(0xD800, 0xE000), " "),
    **dict.fromkeys(map(ord, "‘’‛ʼ`´"), "'"),
    **dict.fromkeys(map(ord, "“”„"), '"'),
    **dict.fromkeys(map(ord, "‐‑‒–—―−"), "-"),
}
_SQUEEZED = re.compile(r" *(?:\r\n|\r|\n) *| {2,}|[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")
# No word is this long; affix rules take quadratic time in the length of a run without a space.
_RUN = re.compile(r"[^ \n\r]{100,}")


@dataclass(frozen=True)
class Plain:
    """Plain text, and where each squeezed piece began, so that a position can be taken back to the original."""

    text: str
    cuts: tuple[int, ...]
    shifts: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> Plain:
        """Return the plain form of any text; it is never longer than the text."""
        even = _RUN.sub(lambda run: " " * len(run[0]), text.translate(_ONE_TO_ONE))
        parts: list[str] = []
        cuts, shifts = [0], [0]
        length = last = 0
        for found in _SQUEEZED.finditer(even):
            kept = "\n" if "\n" in found[0] or "\r" in found[0] else " " if " " in found[0] else ""
            if found[0] == kept:
                continue
            parts += (even[last : found.start()], kept)
            length += found.start() - last + len(kept)
            last = found.end()
            cuts.append(length)
            shifts.append(last - length)
        parts.append(even[last:])
        return cls("".join(parts), tuple(cuts), tuple(shifts))

    def origin(self, position: int) -> int:
        """Return where the character at this position stood in the original text."""
        return position + self.shifts[bisect_right(self.cuts, position) - 1]


def pieces(text: str, start: int, end: int, longest: int) -> list[tuple[int, int]]:
    """Cut a stretch into pieces of at most `longest` characters, at a space where there is one."""
    bounds = [start]
    while end - bounds[-1] > longest:
        space = text.rfind(" ", bounds[-1] + 1, bounds[-1] + longest)
        bounds.append(space if space > 0 else bounds[-1] + longest)
    bounds.append(end)
    return list(pairwise(bounds))
