"""The thread beside a decoder process: hands photos over, takes answers, replaces the process."""

from collections import deque
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, PriorityQueue
from threading import Lock, Thread
from typing import Any

import numpy as np

from iae.errors import ImageError, OutputError
from iae.images.technical import TechnicalFacts
from iae.scoring.child import Child, End
from iae.scoring.decoding import Prepared, Task
from iae.scoring.messages import Message

_IN_HAND = 2
"""Photos a child has at once: one it decodes, and the next, so that it never waits for us."""

_LAST = -1
"""The place of a job that tells a thread to end: before all others."""


@dataclass(order=True)
class Job:
    """A task, and where its outcome goes. Ordered by place, so that the oldest is done first."""

    place: int
    task: Task = field(compare=False)
    outcome: Future[Prepared | ImageError] = field(compare=False, default_factory=Future)


def last_job() -> Job:
    """What tells one feeder to end, before anything else that waits."""
    return Job(_LAST, Task(Path()))


class _Stopped(Exception):
    """The pool is being closed."""


class Feeder(Thread):
    """A thread that owns one child: hands it photos, takes its answers, replaces it."""

    def __init__(self, jobs: "PriorityQueue[Job]", settings: dict[str, Any]) -> None:
        super().__init__(daemon=True, name="iae-decoder")
        self._jobs, self._settings = jobs, settings
        self._in_hand: deque[Job] = deque()
        self._child: Child | None = None
        self._lock = Lock()
        self._stopped = False
        self.start()

    def stop(self) -> None:
        """Leave the photos under way; returns at once."""
        with self._lock:
            self._stopped = True
            if self._child is not None and self._in_hand:
                self._child.terminate()

    def run(self) -> None:
        """Until the pool is closed, or something is wrong that is no photo's fault."""
        try:
            while True:
                self._take_jobs()
                self._take_answer()
        except _Stopped:
            pass
        except Exception as error:  # whoever waits must learn of it, or would wait for ever
            self._fail_all(error)
        finally:
            if self._child is not None:
                self._child.close()

    def _take_jobs(self) -> None:
        while len(self._in_hand) < _IN_HAND:
            try:
                job = self._jobs.get(block=not self._in_hand)
            except Empty:
                return
            if job.place == _LAST:
                raise _Stopped
            self._in_hand.append(job)
            if self._stopped:  # asked when the photo is in hand: stop() looks there afterwards
                raise _Stopped
            self._living_child().send(job.task)

    def _take_answer(self) -> None:
        answer = self._living_child().answer()
        _settle(self._in_hand[0], answer or self._second_answer())
        self._in_hand.popleft()

    def _second_answer(self) -> Message:
        """What becomes of the photo that its child ended with."""
        end = self._bury_child()
        while len(self._in_hand) > 1:  # the child had not begun with these
            self._jobs.put(self._in_hand.pop())
        if end.is_final:
            return {"error": end.reason}, bytearray()
        child = self._living_child()
        child.send(self._in_hand[0].task)
        return child.answer() or ({"error": self._bury_child().reason}, bytearray())

    def _living_child(self) -> Child:
        if self._child is None:
            with self._lock:  # either stop() sees the child, or the child is not started
                if self._stopped:
                    raise _Stopped
                self._child = Child(self._settings)
            self._child.wait_until_ready()
        return self._child

    def _bury_child(self) -> End:
        child = self._living_child()
        end = child.end()
        with self._lock:
            self._child = None
        child.close()
        if self._stopped:
            raise _Stopped
        return end

    def _fail_all(self, error: Exception) -> None:
        with suppress(Empty):
            while True:
                job = self._jobs.get_nowait()
                if job.place == _LAST:  # another thread waits for it
                    self._jobs.put(job)
                    break
                self._in_hand.append(job)
        for job in self._in_hand:
            job.outcome.set_exception(error)


def _settle(job: Job, answer: Message) -> None:
    content, pixels = answer
    if "output_error" in content:
        job.outcome.set_exception(OutputError(content["output_error"]))
    elif "error" in content:
        job.outcome.set_result(ImageError(content["error"]))
    else:
        facts = content["facts"]
        job.outcome.set_result(
            Prepared(
                np.frombuffer(pixels, np.uint8).reshape(content["shape"]),
                None if facts is None else TechnicalFacts(**facts),
            )
        )
