"""Narratives with the case they belong to: FILE.csv, FILE.jsonl, or a folder of text files with an index.csv.

Columns (design: Files): la_child_id, referral_date or episode_id, kind, written_date, recorded_time (optional), document_id
(optional) and text; in a folder `file`, the path of the text inside the folder, stands in for text.

A document is named by its child, its case and its kind, so a text that was revised or whose date was corrected is the same document.
Two of one kind in one case and file with different written dates are two documents; the second gets an ordinal. Give the documents of
one case in one file: in two files the second would look like a revision of the first.
"""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from itertools import zip_longest
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ecda_stream.contract.canonical import hash_of
from ecda_stream.sources.accounting import Account, Block, Leaf
from ecda_stream.sources.children import event_id, make_child, to_event
from ecda_stream.sources.facts import NO_DATE, make_fact, text_of
from ecda_stream.sources.reading import SourceEvent, UnreadableFile

TYPE_NAME = "document.recorded.v1"
INDEX = "index.csv"
LONGEST_CELL = 64 * 2**20
"""Characters. More than the 2 MB that admit takes, so that an overlong text is refused there, by itself, and not here with its file."""

UNKNOWN_COLUMN = "not a column of a documents table"
BEYOND = "cell without a column"
UNNAMED_FILE = f"text file that {INDEX} does not name"
FILE_CARRIED = "path of the text file: the text is carried"

_Row = tuple[int, Mapping[str, Any]]


def read_documents(path: Path, *, authority: str, account: Account) -> Iterator[SourceEvent]:
    """Yield one document event a row, in the order of the file.

    Raises UnreadableFile for a missing column, bytes that are not UTF-8, a broken line, or an index entry that leaves the folder or
    is not there; the message names column and line. Events of the lines before it have been yielded.
    """
    if path.is_dir():
        rows = _folder_rows(path, account)
    elif path.suffix.lower() == ".jsonl":
        rows = _jsonl_rows(path)
    elif path.suffix.lower() == ".csv":
        rows = _csv_rows(path, "text")
    else:
        raise UnreadableFile("documents are a .csv file, a .jsonl file or a folder")
    with closing(_ordinals()) as ordinals:
        for line, row in rows:
            yield _event(row, line, ordinals, authority, account)


def _event(row: Mapping[str, Any], line: int, ordinals: sqlite3.Connection, authority: str, account: Account) -> SourceEvent:
    block = Block()
    for name, value in row.items():
        beyond = name.startswith("(beyond)")
        path = "(beyond)" if beyond else name
        account.see(path)
        empty = value is None or (isinstance(value, str) and not value.strip())
        block.add(name, Leaf(path, None if empty else value, reason=BEYOND if beyond and not empty else None))
    child = make_child([("la_child_id", leaf) for leaf in block.leaves("la_child_id")], {}, line)
    referral, episode, kind, written = (block.leaf(name) for name in ("referral_date", "episode_id", "kind", "written_date"))
    key = (text_of(referral) or text_of(episode) or NO_DATE, text_of(kind) or NO_DATE)
    recorded = block.leaf("recorded_time")
    fact = make_fact(
        TYPE_NAME,
        key,
        text_of(written),
        {
            "referral_date": referral,
            "episode_id": episode,
            "document_id": block.leaf("document_id"),
            "kind": kind,
            "written_date": written,
            "text": block.leaf("text"),
        },
    )
    if recorded is not None:
        recorded.owned = True
        fact.leaves.append(recorded)
    ordinal = _ordinal(ordinals, hash_of(child.key, *key), fact.day)
    own_id = event_id(authority, child.key, TYPE_NAME, key if ordinal == 1 else (*key, str(ordinal)))
    event = to_event(own_id, fact, child, authority, account)
    if recorded is not None:
        event["recordedtime"] = recorded.value
    account.settle(block, MappingProxyType({"file": FILE_CARRIED}), UNKNOWN_COLUMN)
    return event


def _ordinals() -> sqlite3.Connection:
    """Return a temporary database of hashes, on disk once it is large: memory must not grow with the file."""
    database = sqlite3.connect("", isolation_level=None)
    database.execute("CREATE TABLE document (key TEXT, written TEXT, ordinal INTEGER, PRIMARY KEY (key, written)) WITHOUT ROWID")
    return database


def _ordinal(database: sqlite3.Connection, key: str, written: str) -> int:
    row = database.execute("SELECT ordinal FROM document WHERE key = ? AND written = ?", (key, written)).fetchone()
    if row is not None:
        return int(row[0])
    count = database.execute("SELECT count(*) FROM document WHERE key = ?", (key,)).fetchone()[0]
    database.execute("INSERT INTO document VALUES (?, ?, ?)", (key, written, count + 1))
    return int(count) + 1


def _csv_rows(path: Path, text_column: str) -> Iterator[_Row]:
    if csv.field_size_limit() < LONGEST_CELL:
        csv.field_size_limit(LONGEST_CELL)
    line = 1
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream, strict=True)
            header = [name.strip() for name in next(reader, [])]
            _check_columns(header, text_column, path.name)
            for cells in reader:
                line = reader.line_num
                if cells:
                    yield line, _named(header, cells)
    except UnicodeDecodeError:
        raise UnreadableFile(f"{path.name}: not UTF-8 after line {line}") from None
    except csv.Error:
        raise UnreadableFile(f"{path.name}: not CSV, or cut off, after line {line}") from None
    except OSError:
        raise UnreadableFile(f"{path.name} cannot be read") from None


def _named(header: list[str], cells: list[str]) -> dict[str, str]:
    row: dict[str, str] = {}
    for name, cell in zip_longest(header, cells):
        if name is None:
            row[f"(beyond) {len(row)}"] = cell
        elif cell is not None:
            row[name] = cell
    return row


def _check_columns(header: list[str], text_column: str, file_name: str) -> None:
    needed = ["la_child_id", "kind", "written_date", text_column]
    missing = [name for name in needed if name not in header]
    if not {"referral_date", "episode_id"} & set(header):
        missing.insert(1, "referral_date or episode_id")
    if missing:
        raise UnreadableFile(f"{file_name} lacks column {', '.join(missing)}")
    if len(set(header)) < len(header):
        raise UnreadableFile(f"{file_name} has a column twice")


def _jsonl_rows(path: Path) -> Iterator[_Row]:
    line = 0
    try:
        with path.open("rb") as stream:
            for line, raw in enumerate(stream, start=1):
                text = raw.decode("utf-8-sig" if line == 1 else "utf-8").strip()
                if not text:
                    continue
                row = json.loads(text)
                if not isinstance(row, dict):
                    raise UnreadableFile(f"{path.name}: line {line} is not a JSON object")
                yield line, row
    except OSError:
        raise UnreadableFile(f"{path.name} cannot be read") from None
    except (ValueError, RecursionError):
        raise UnreadableFile(f"{path.name}: line {line} is not JSON in UTF-8") from None


def _folder_rows(folder: Path, account: Account) -> Iterator[_Row]:
    index = folder / INDEX
    if not index.is_file():
        raise UnreadableFile(f"the folder has no {INDEX}")
    root = folder.resolve()
    named: set[Path] = set()
    for line, row in _csv_rows(index, "file"):
        given = str(row.get("file") or "").strip()
        if not given:
            yield line, row
            continue
        try:
            file = (root / given).resolve()
        except (OSError, ValueError, RuntimeError):
            raise UnreadableFile(f"{INDEX}: line {line}: no such file") from None
        if not file.is_relative_to(root):
            raise UnreadableFile(f"{INDEX}: line {line}: the file lies outside of the folder")
        named.add(file)
        yield line, {**row, "text": _text_of_file(file, line)}
    for file in sorted(root.rglob("*")):
        if file.is_file() and file not in named and file != root / INDEX:
            account.see("(text file)")
            account.leave_out("(text file)", UNNAMED_FILE)


def _text_of_file(file: Path, line: int) -> str:
    try:
        return file.read_bytes().decode("utf-8-sig")
    except OSError:
        raise UnreadableFile(f"{INDEX}: line {line}: no such file, or it cannot be read") from None
    except UnicodeDecodeError:
        raise UnreadableFile(f"{INDEX}: line {line}: the file is not UTF-8") from None
