"""Photos decoded in child processes, so that a file which breaks its decoder costs that file only.

Each child (:class:`iae.scoring.child.Child`) is a plain program of its own, fed through pipes by
one thread here (:class:`iae.scoring.feeder.Feeder`). docs/decisions/005-decoder-processes.md tells
why it is not ``multiprocessing``.
"""

import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from queue import PriorityQueue
from types import TracebackType
from typing import Self

from iae.errors import ImageError
from iae.images.preprocess import PreprocessSpec
from iae.scoring.decoding import Prepared, Task
from iae.scoring.feeder import Feeder, Job, last_job

SECONDS = 60.0
"""A photo may take this long, waiting for a slow disk included."""

MEMORY = 5 * 2**30
"""Address space of a decoder process in bytes; the program itself takes .1 GiB of it, and
the worst picture of the largest size that is decoded 4.1."""

_AHEAD = 64
"""Photos prepared ahead of whoever takes them (150 kB each at 224 pixels); bounds the memory."""

_WAITING_PER_CHILD = 4
"""Another child is started when so many photos wait per child there is: its start costs as much
processor time as decoding a few photos."""


class DecoderPool:
    """Child processes that prepare photos; a context manager.

    Children are started when there is work for them, and replaced when a photo has ended one.
    """

    def __init__(
        self,
        spec: PreprocessSpec,
        *,
        with_facts: bool = True,
        workers: int | None = None,
        seconds: float = SECONDS,
        memory: int = MEMORY,
    ) -> None:
        """Take the settings; nothing is started yet.

        Args:
            spec: how photos are prepared.
            with_facts: whether technical facts are measured.
            workers: processes at most; one a core that this process may use by default.
            seconds: a photo may take this long (POSIX only).
            memory: bytes of address space a process may have (POSIX only; macOS does not hold
                programs to it).
        """
        self._settings = {"spec": spec.to_dict(), "with_facts": with_facts, "seconds": seconds,
                          "memory": memory}  # fmt: skip
        self._workers = workers or _cores()
        self._jobs: PriorityQueue[Job] = PriorityQueue()
        self._feeders: list[Feeder] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for feeder in self._feeders:
            feeder.stop()
            self._jobs.put(last_job())
        for feeder in self._feeders:
            feeder.join()

    def map(self, tasks: Iterable[Task]) -> Iterator[Prepared | ImageError]:
        """Prepare photos; one outcome each, in their order, however many processes there are.

        A photo whose decoder crashes is tried once more in a fresh process, so that it does not
        answer for what another photo did to the process before.

        Raises:
            OutputError: a thumbnail cannot be written.
        """
        ahead = max(_AHEAD, self._workers * _WAITING_PER_CHILD)
        pending: deque[Future[Prepared | ImageError]] = deque()
        for place, task in enumerate(tasks):
            job = Job(place, task)
            self._jobs.put(job)
            pending.append(job.outcome)
            self._start_a_child_if_needed()
            if len(pending) >= ahead:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()

    def _start_a_child_if_needed(self) -> None:
        enough = len(self._feeders) * _WAITING_PER_CHILD
        if len(self._feeders) < self._workers and self._jobs.qsize() > enough:
            self._feeders.append(Feeder(self._jobs, self._settings))


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
