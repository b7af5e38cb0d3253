"""Exit codes, the same for every command, and the one place where our errors become one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

import typer

from ecda_stream.errors import EcdaStreamError, Unavailable


class ExitCode(IntEnum):
    """0 ok, 1 failure, 2 usage (by typer itself), 3 bad records found, 4 threshold not met, 5 dependency unreachable."""

    OK = 0
    FAILURE = 1
    USAGE = 2
    BAD_RECORDS = 3
    THRESHOLD = 4
    UNREACHABLE = 5


@contextmanager
def errors_as_exit_codes() -> Iterator[None]:
    """Print one of our errors to stderr, without a traceback, and leave with its code."""
    try:
        yield
    except Unavailable as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(ExitCode.UNREACHABLE) from error
    except EcdaStreamError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(ExitCode.FAILURE) from error
