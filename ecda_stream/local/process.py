"""A detached process of ours: started, recognised again by another command, and ended without ever hitting a stranger."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

POLL_S = 0.05


def spawn(command: Sequence[str], log: Path) -> int:
    """Start `command` in a session of its own, both outputs into `log` (emptied first); its process id.

    The environment is cut down to what a Java needs, so that JAVA_TOOL_OPTIONS and the like of the caller change nothing.
    """
    kept = {name: value for name in ("PATH", "HOME", "LANG", "TZ") if (value := os.environ.get(name))}
    return os.posix_spawn(
        command[0],
        list(command),
        kept,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(log), os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,
    )


def start_mark(pid: int) -> str | None:
    """When process `pid` started, as an opaque mark: with the pid it names one process for ever. None: not running."""
    mark = _mark_from_proc(pid) if Path("/proc/self/stat").exists() else _mark_from_ps(pid)
    if mark is None:
        with suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)  # a child of ours that ended would stay in the process table
    return mark


def end(pid: int, mark: str, deadline_s: float) -> bool:
    """Ask the process to end (SIGTERM), after `deadline_s` seconds force it (SIGKILL). True: it went when asked.

    Does nothing, and returns True, if `pid` is no longer the process that `mark` names.
    """
    for sent, patience_s in ((signal.SIGTERM, deadline_s), (signal.SIGKILL, 10.0)):
        if start_mark(pid) != mark:
            return True
        with suppress(ProcessLookupError):
            os.kill(pid, sent)
        until = time.monotonic() + patience_s
        while time.monotonic() < until:
            if start_mark(pid) != mark:
                return sent == signal.SIGTERM
            time.sleep(POLL_S)
    return False


def _mark_from_proc(pid: int) -> str | None:
    try:
        # The name, in brackets, may hold spaces and brackets: count the fields after the last one.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except (FileNotFoundError, ProcessLookupError):
        return None
    state, ticks_since_boot = fields[0], fields[19]
    return None if state in "ZX" else f"{boot}:{ticks_since_boot}"


def _mark_from_ps(pid: int) -> str | None:
    listed = subprocess.run(["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout.split(
        maxsplit=1
    )
    return listed[1].strip() if len(listed) == 2 and not listed[0].startswith("Z") else None
