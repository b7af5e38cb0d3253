"""Where all random numbers come from: a generator of its own for each thing that is drawn, seeded by its name."""

from __future__ import annotations

from random import Random


def chance_of(*names: object) -> Random:
    """Return the generator of something, such as seed, authority, family, part: independent of who else draws, and when."""
    return Random("/".join(map(str, names)))  # noqa: S311  # nothing here is a secret
