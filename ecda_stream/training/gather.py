"""A whole log, its partitions spread over processes: each holds the state of one partition at a time."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection, wait

from ecda_stream.errors import BadDefinition, EcdaStreamError, Unavailable
from ecda_stream.score.stream import Stream
from ecda_stream.training.harvest import Harvest
from ecda_stream.training.parts import LogFile, Part
from ecda_stream.training.rows import harvest_part
from ecda_stream.training.watch import Rewrite

Say = Callable[[Part], None]


def gather(log: LogFile, stream: Stream, processes: int, say: Say = lambda part: None, rewrite: Rewrite | None = None) -> Harvest:
    """Fold every partition and return what they gave together, the same for any number of processes.

    Raises BadDefinition if the stream cannot fold the log, Unavailable if a process ends before its work.
    """
    shares = [share for share in deal(log.parts, processes) if share]
    if len(shares) > 1:
        gathered = _in_processes(shares, stream, say, rewrite)
    else:
        gathered = {}
        for part in log.parts:
            gathered[part.partition] = harvest_part(part, stream, rewrite)
            say(part)
    harvest = Harvest()
    for _, given in sorted(gathered.items()):
        harvest.add(given)
    return harvest


def deal(parts: Sequence[Part], processes: int) -> list[list[Part]]:
    """Return the partitions of each process, the largest first, each to who has least so far."""
    shares: list[list[Part]] = [[] for _ in range(max(processes, 1))]
    for part in sorted(parts, key=lambda part: (-part.records, part.partition)):
        min(shares, key=lambda share: sum(dealt.records for dealt in share)).append(part)
    return shares


def _in_processes(shares: list[list[Part]], stream: Stream, say: Say, rewrite: Rewrite | None) -> dict[int, Harvest]:
    # Forked, so that neither the stream nor the truth behind a rewriting has to be sent.
    context = multiprocessing.get_context("fork")
    workers = []
    waiting: dict[Connection, int] = {}
    for share in shares:
        receiver, sender = context.Pipe(duplex=False)
        worker = context.Process(target=_work, args=(share, stream, rewrite, sender), daemon=True)
        worker.start()
        sender.close()  # before the next is forked: a sender that another process holds would hide the end of this one
        workers.append(worker)
        waiting[receiver] = len(share)
    gathered: dict[int, Harvest] = {}
    try:
        while waiting:
            for ready in wait(list(waiting)):
                assert isinstance(ready, Connection)
                part, given = _receive(ready)
                gathered[part.partition] = given
                say(part)
                waiting[ready] -= 1
                if not waiting[ready]:
                    del waiting[ready]
    finally:
        for worker in workers:
            worker.terminate()
            worker.join()
    return gathered


def _work(share: list[Part], stream: Stream, rewrite: Rewrite | None, sender: Connection) -> None:
    try:
        for part in share:
            sender.send((part, harvest_part(part, stream, rewrite)))
    except EcdaStreamError as error:
        sender.send(str(error))  # as text: not every error of ours survives pickling


def _receive(receiver: Connection) -> tuple[Part, Harvest]:
    try:
        received = receiver.recv()
    except EOFError:
        raise Unavailable("a process ended before its partitions were folded; with less memory, use --processes 1") from None
    if isinstance(received, str):
        raise BadDefinition("the log", [received])
    part, harvest = received
    return part, harvest
