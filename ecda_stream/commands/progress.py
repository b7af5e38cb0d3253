"""A count on stderr where somebody is watching; silence in a pipe or a log."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator

_EVERY = 100


@contextlib.contextmanager
def counting(what: str) -> Iterator[Callable[[], None]]:
    """Yield what to call for each thing done."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    bar = (SpinnerColumn(), TextColumn("{task.completed} {task.description}"), TimeElapsedColumn())
    with Progress(*bar, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=None)
        done = 0

        def one_more() -> None:
            nonlocal done
            done += 1
            if done % _EVERY == 0:
                progress.update(task, completed=done)

        yield one_more


@contextlib.contextmanager
def working(what: str) -> Iterator[None]:
    """Show that something runs which does not say how far it is."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(what):
        yield
