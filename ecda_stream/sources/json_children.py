"""The children of a DfE API payload, one at a time: an array, an object that holds one, or a single child."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

import ijson  # type: ignore[import-untyped, unused-ignore]

from ecda_stream.sources.accounting import Account, Block, Leaf
from ecda_stream.sources.reading import DEEPEST_NESTING, UnreadableFile

REPEATED_KEY = "key given twice in one object"
NOT_A_CHILD = "not an object where a child should be"
BESIDE_CHILDREN = "beside the children: la_code and other wrapping of older payloads"
_SCALARS = frozenset({"null", "boolean", "number", "string"})
_BUFFER_BYTES = 16 * 1024
_BOM = b"\xef\xbb\xbf"

_Events = Iterator[tuple[str, Any]]


class _WithoutBom:
    """A stream whose byte order mark, if it has one, is skipped."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._at_start = True

    def read(self, size: int = -1) -> bytes:
        """Read like the stream below."""
        if not self._at_start or size == 0:
            return self._stream.read(size)
        self._at_start = False
        head = b""
        while len(head) < 3 and (more := self._stream.read(3 - len(head))):
            head += more
        rest = self._stream.read(size - len(head) if size >= 3 else size)
        return (b"" if head == _BOM else head) + rest


def read_children(stream: BinaryIO, account: Account | None = None) -> Iterator[dict[str, Any]]:
    """Yield each child as JSON values; what is not a child is put on the account's named list.

    Raises UnreadableFile if the stream is not JSON, is cut off or is nested too deeply; children before it have been yielded.
    """
    try:
        yield from _children(iter(ijson.basic_parse(_WithoutBom(stream), use_float=True, buf_size=_BUFFER_BYTES)), account or Account())
    except (ijson.JSONError, UnicodeDecodeError, ValueError, StopIteration):
        raise UnreadableFile("not JSON in UTF-8, or cut off") from None


def _children(events: _Events, account: Account) -> Iterator[dict[str, Any]]:
    first, value = next(events, ("empty", None))
    if first == "empty":
        raise UnreadableFile("the file is empty")
    if first == "start_array":
        yield from _items(events, account)
    elif first == "start_map":
        yield from _object(events, account)
    else:
        _leave_out(account, "(file)", value, NOT_A_CHILD)
    for _ in events:  # the parser complains about what follows the value
        pass


def _items(events: _Events, account: Account) -> Iterator[dict[str, Any]]:
    for event, value in events:
        if event == "end_array":
            return
        item = _build(event, value, events, account)
        if isinstance(item, dict):
            yield item
        else:
            _leave_out(account, "[]", item, NOT_A_CHILD)


def _object(events: _Events, account: Account) -> Iterator[dict[str, Any]]:
    single: dict[str, Any] = {}
    held_children = False
    for event, name in events:
        if event == "end_map":
            break
        event, value = next(events)
        if name.lower() == "children" and event == "start_array":
            held_children = True
            yield from _items(events, account)
        else:
            single[name] = _build(event, value, events, account)
    if held_children:
        for name, value in single.items():
            _leave_out(account, name, value, BESIDE_CHILDREN)
    else:
        yield single


def _leave_out(account: Account, path: str, value: Any, reason: str) -> None:
    for leaf in to_block({path: value}, "", account).walk():
        account.leave_out(leaf.path, reason)


def _build(event: str, value: Any, events: _Events, account: Account) -> Any:
    """Return the value that starts with this event; a key given twice keeps its last value and the account says so."""
    if event in _SCALARS:
        return value
    root: list[Any] | dict[str, Any] = [] if event == "start_array" else {}
    open_containers: list[list[Any] | dict[str, Any]] = [root]
    keys: list[str] = [""]
    while open_containers:
        event, value = next(events)
        if event == "map_key":
            keys[-1] = value
            continue
        if event in ("end_map", "end_array"):
            open_containers.pop()
            keys.pop()
            continue
        made = [] if event == "start_array" else {} if event == "start_map" else value
        container = open_containers[-1]
        if isinstance(container, list):
            container.append(made)
        else:
            if keys[-1] in container:
                _leave_out(account, keys[-1], container[keys[-1]], REPEATED_KEY)
            container[keys[-1]] = made
        if event not in _SCALARS:
            if len(open_containers) >= DEEPEST_NESTING:
                raise UnreadableFile(f"objects and arrays are nested deeper than {DEEPEST_NESTING} levels")
            open_containers.append(made)
            keys.append("")
    return root


def to_block(value: dict[str, Any], path: str, account: Account | None) -> Block:
    """Turn an object into a block, counting every leaf; null and empty text are absent.

    Without an account nothing is counted, neither here nor later: the previous extract was accounted for when it was new.
    """
    block = Block()
    for name, part in value.items():
        here = f"{path}/{name}" if path else name
        block.fields.setdefault(name, [])
        _add(block, name, part, here, account)
    return block


def _add(block: Block, name: str, part: Any, path: str, account: Account | None) -> None:
    if isinstance(part, list):
        for inner in part:
            _add(block, name, inner, f"{path}[]", account)
    elif isinstance(part, dict):
        block.add(name, to_block(part, path, account))
    else:
        if account is not None:
            account.see(path)
        block.add(name, Leaf(path, None if isinstance(part, str) and not part.strip() else part, settled=account is None))
