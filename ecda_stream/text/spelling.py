"""Slips of the pen: which misspelt words may be read as a word of the lexicon."""

from __future__ import annotations

from collections.abc import Iterable

SHORTEST = 6
"""Letters a word has at least before a slip in it is tolerated; in shorter ones too many slips are other words."""

VOWELS_FROM = 8
"""Letters a word has at least before a wrong unstressed vowel (a, e, i) is tolerated."""

_CLOSE_WORDS = """
martial casual though thought nuclear trail untied hosing hopping massing messing farmer later latter
county country diary dairy quite quiet except excepted expected consent contest sting string striking
staring starring planing planning scared sacred united desert dessert personal personnel prenatal present resent
recent decent moral morale
"""
_OTHER_WORDS = frozenset(_CLOSE_WORDS.split())


def slips(words: Iterable[str], real: Iterable[str]) -> dict[str, str]:
    """Return the one-letter slips of the words, each with the word meant.

    A slip is two neighbours swapped, a letter dropped inside, a letter doubled, or a, e and i confused in a long word. A slip
    that is itself a known word, or of two words at once, is left out.
    """
    known = set(words)
    avoid = known | set(real) | _OTHER_WORDS
    meant: dict[str, str] = {}
    unclear: set[str] = set()
    for word in sorted(known):
        if len(word) < SHORTEST or not word.isalpha() or not word.isascii():
            continue
        for slip in _slips_of(word) - avoid:
            if meant.setdefault(slip, word) != word:
                unclear.add(slip)
    return {slip: word for slip, word in meant.items() if slip not in unclear}


def _slips_of(word: str) -> set[str]:
    inner = range(1, len(word) - 1)
    swapped = {word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in inner}
    dropped = {word[:i] + word[i + 1 :] for i in inner}
    doubled = {word[:i] + word[i] + word[i:] for i in range(1, len(word))}
    confused = {word[:i] + vowel + word[i + 1 :] for i in inner if word[i] in "aei" for vowel in "aei"}
    return swapped | dropped | doubled | (confused if len(word) >= VOWELS_FROM else set())
