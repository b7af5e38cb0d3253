"""Slips of the keyboard: letters change inside long words, and neither the words nor their number do."""

from __future__ import annotations

from collections.abc import Callable, Mapping

SHORTEST_WORD = 5  # "no" and "not" stay as they are: a slip there would change what is said


def mistype(text: str, share: float, misspellings: Mapping[str, tuple[str, ...]], draw: Callable[[], float]) -> str:
    """Mistype about this share of the words. Capitalised words, hence names, are spared."""
    slips = int(len(text) / 6.2 * share + draw())
    for _ in range(slips):
        place = int(draw() * len(text))
        start = text.rfind(" ", 0, place) + 1
        end = text.find(" ", place)
        core = text[start : end if end >= start else len(text)].rstrip(".,;:)?\"'")
        if len(core) >= SHORTEST_WORD and core.isalpha() and core.islower():
            known = misspellings.get(core)
            wrong = known[int(draw() * len(known))] if known else _slip(core, draw)
            text = text[:start] + wrong + text[start + len(core) :]
    return text


def _slip(word: str, draw: Callable[[], float]) -> str:
    """Swap two letters, lose one or double one, never the first."""
    place = 1 + int(draw() * (len(word) - 2))
    kind = draw()
    if kind < 0.45:
        return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    if kind < 0.8:
        return word[:place] + word[place + 1 :]
    return word[:place] + word[place] + word[place:]
