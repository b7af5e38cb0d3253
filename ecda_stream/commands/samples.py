"""The invented samples of a folder as one file of source events, in the order in which they were recorded, else happened."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

AS_OF = date(2026, 11, 20)
"""The day on which the sample extracts were made."""


def import_samples(folder: Path, out: Path, say: Callable[[str], None]) -> Path:
    """Run every importer over its samples and write what they give, sorted; return the file."""
    from ecda_stream.contract.canonical import to_canonical_json
    from ecda_stream.replay import record_of_line
    from ecda_stream.sources.accounting import Account

    lines: list[tuple[Any, int, bytes]] = []
    for path in sorted(folder.iterdir()):
        authority = (re.findall(r"\d{3}", path.name) or [""])[0]
        account = Account()
        before = len(lines)
        for event in _events(path, authority, account):
            line = event if isinstance(event, bytes) else to_canonical_json(event)
            lines.append((record_of_line("", 0, line, "recorded").arrived_at, len(lines), line))
        balance = "every element accounted for" if account.balanced else "NOT BALANCED"
        say(f"  {path.name}: {len(lines) - before} events; {balance}")
    out.write_bytes(b"".join(line + b"\n" for _, _, line in sorted(lines)))
    return out


def _events(path: Path, authority: str, account: Any) -> Iterator[dict[str, Any] | bytes]:
    from ecda_stream.sources.cin_census import read_cin_census
    from ecda_stream.sources.dfe_api import read_dfe_api
    from ecda_stream.sources.documents import read_documents

    if path.name.startswith("cin_census_"):
        with path.open("rb") as stream:
            yield from read_cin_census(stream, authority=authority, account=account)
    elif path.name.startswith("dfe_api_"):
        with path.open("rb") as stream:
            yield from read_dfe_api(stream, None, authority=authority, kind="snapshot", as_of=AS_OF, account=account)
    elif path.name.startswith("documents_"):
        yield from read_documents(path, authority=authority, account=account)
    elif path.suffix == ".jsonl":
        yield from path.read_bytes().splitlines()


def read_events(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the events of a file of EVENTS."""
    with path.open("rb") as lines:
        for line in lines:
            yield json.loads(line)
