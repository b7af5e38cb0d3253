"""Reconciliation: every leaf of a file ends in an event or on a named list, so seen == carried + left out, path by path.

The three are counted at different moments: seen when a leaf is parsed, carried when the event that owns it is yielded, left out when
its child is done. A mapping that forgets a leaf therefore shows as an imbalance or as a path on the list, never as silence.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

_NAME = re.compile(r"^[A-Za-z_@(][A-Za-z0-9_()\- \[\]]{0,59}$")
_MOST_PATHS = 2_000
PERSON = "(the child, in every event)"
"""Where the leaves of the child itself are carried."""


@dataclass(slots=True, eq=False)
class Leaf:
    """One value of a file with the path of its element; owned by at most one fact, settled when it is accounted for."""

    path: str
    value: Any
    owned: bool = False
    settled: bool = False
    reason: str | None = None

    def leave_out(self, reason: str) -> None:
        """Put the leaf on the named list, unless a fact owns it."""
        if not self.owned:
            self.reason = reason


@dataclass(slots=True, eq=False)
class Block:
    """An element or object: its leaves and inner blocks by name, in file order."""

    fields: dict[str, list[Leaf | Block]] = field(default_factory=dict)

    def add(self, name: str, part: Leaf | Block) -> None:
        """Append a part under its name."""
        self.fields.setdefault(name, []).append(part)

    def leaf(self, name: str) -> Leaf | None:
        """Return the first leaf of this name that has a value; an empty one is absent."""
        return next(iter(self.leaves(name)), None)

    def leaves(self, name: str) -> list[Leaf]:
        """Return all leaves of this name that have a value."""
        return [part for part in self.fields.get(name, ()) if isinstance(part, Leaf) and part.value is not None]

    def blocks(self, name: str) -> list[Block]:
        """Return all inner blocks of this name."""
        return [part for part in self.fields.get(name, ()) if isinstance(part, Block)]

    def walk(self) -> Iterator[Leaf]:
        """Yield every leaf below, those without a value too."""
        for parts in self.fields.values():
            for part in parts:
                if isinstance(part, Leaf):
                    yield part
                else:
                    yield from part.walk()


@dataclass
class Account:
    """The reconciliation of one import, and its warnings; one account may serve several files."""

    seen: Counter[str] = field(default_factory=Counter)
    carried: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(event type, path) -> leaves."""
    left_out: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(reason, path) -> leaves."""
    events: Counter[str] = field(default_factory=Counter)
    """Event type without prefix -> events yielded."""
    warnings: list[str] = field(default_factory=list)
    stopped_early: bool = False
    """Whether the import ended before its file did, so that the child being read may be accounted for in part."""
    _names: dict[str, str] = field(default_factory=dict, repr=False)

    def name(self, path: str) -> str:
        """Return the path, safe to print: a file chooses its element names, so odd ones, and too many, become placeholders."""
        known = self._names.get(path)
        if known is not None:
            return known
        if len(self._names) >= _MOST_PATHS:
            return "(more paths)"
        parts = path.split("/")
        safe = "/".join(part if _NAME.match(part) else "(odd name)" for part in parts[:12]) + ("/..." if len(parts) > 12 else "")
        self._names[path] = safe
        return safe

    def see(self, path: str) -> None:
        """Count a leaf that the file holds."""
        self.seen[self.name(path)] += 1

    def carry(self, type_name: str, leaves: Iterable[Leaf]) -> None:
        """Count leaves that an event carries, each once however often it is yielded."""
        for leaf in leaves:
            if not leaf.settled:
                leaf.settled = True
                self.carried[type_name, self.name(leaf.path)] += 1

    def leave_out(self, path: str, reason: str) -> None:
        """Count a leaf that no event carries, with the reason."""
        self.left_out[reason, self.name(path)] += 1

    def settle(self, block: Block, reasons: Mapping[str, str], otherwise: str) -> None:
        """Put every leaf of the block that no event carried on the named list; `reasons` goes by the last name of the path."""
        for leaf in block.walk():
            if leaf.settled:
                continue
            leaf.settled = True
            if leaf.value is None:
                reason = leaf.reason or "empty"
            else:
                reason = leaf.reason or reasons.get(leaf.path.rsplit("/", 1)[-1]) or otherwise
            self.leave_out(leaf.path, reason)

    def warn(self, message: str) -> None:
        """Keep a warning, once."""
        if message not in self.warnings:
            self.warnings.append(message)

    @property
    def balanced(self) -> bool:
        """Return whether seen == carried + left out, for every path."""
        accounted: Counter[str] = Counter()
        for (_, path), count in [*self.carried.items(), *self.left_out.items()]:
            accounted[path] += count
        return accounted == self.seen

    def as_json(self) -> dict[str, Any]:
        """Return the reconciliation as JSON values."""
        return {
            "balanced": self.balanced,
            "stopped_early": self.stopped_early,
            "seen": self.seen.total(),
            "carried": self.carried.total(),
            "left_out": self.left_out.total(),
            "events": dict(sorted(self.events.items())),
            "carried_by": _nested(self.carried),
            "left_out_because": _nested(self.left_out),
            "warnings": list(self.warnings),
        }

    def render(self) -> str:
        """Return the table for people: what became which event, what was left out and why; names and counts only."""
        lines = [f"warning: {warning}" for warning in self.warnings]
        lines.append(f"events {self.events.total()}")
        lines += [f"  {count:>8}  {type_name}" for type_name, count in sorted(self.events.items())]
        for title, counted in (("carried", self.carried), ("left out", self.left_out)):
            lines.append(f"{title} {counted.total()}")
            for group, paths in _nested(counted).items():
                lines.append(f"  {sum(paths.values()):>8}  {group}")
                lines += [f"  {'':>8}  {count:>8}  {path}" for path, count in paths.items()]
        verdict = "stopped early" if self.stopped_early else "balanced" if self.balanced else "NOT BALANCED"
        lines.append(f"seen {self.seen.total()} = carried {self.carried.total()} + left out {self.left_out.total()}: {verdict}")
        return "\n".join(lines)


def _nested(counted: Counter[tuple[str, str]]) -> dict[str, dict[str, int]]:
    nested: dict[str, dict[str, int]] = {}
    for (group, path), count in sorted(counted.items()):
        nested.setdefault(group, {})[path] = count
    return nested
