"""What every importer shares: the form of what it yields, and the error for a file that cannot be read."""

from __future__ import annotations

from typing import Any

from ecda_stream.errors import EcdaStreamError

SourceEvent = dict[str, Any]
"""One structured CloudEvent, ready for canonical JSON."""

DEEPEST_NESTING = 32
"""Levels of elements or objects in a file; the formats read here need fewer than ten."""


class UnreadableFile(EcdaStreamError):
    """A file is not what it should be; the message names the line or column and never the content.

    Whatever was read before it has been yielded already, so an import can be repeated: its event ids are the same.
    """
