"""A decoder process, seen from the process that started it."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

from iae.scoring.decoding import Task
from iae.scoring.messages import Message, receive, send

# The child finds what this process finds; its path is set before anything is imported.
_PROGRAM = """
import sys
sys.path[:] = sys.argv[1:]
from iae.scoring.decoder_process import main
main()
"""

_ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    # GNU's malloc would give the memory of every picture back to the system and ask for it anew,
    # page by page: 1.8 ms a photo of 1080×800, with facts 3.5. Larger blocks still go back.
    "MALLOC_MMAP_THRESHOLD_": str(64 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(128 << 20),
}
"""What each decoder process finds set, over what this process has."""

_PIPE_BYTES = 1 << 20
"""Room asked for in each pipe, so that a child need not wait until its answer is taken."""

_SECONDS_TO_END = 1.0
"""A child that was told to end and has not after this is killed."""


@dataclass(frozen=True)
class End:
    """Why a child ended while it had a photo in hand."""

    reason: str
    """Said of that photo."""
    is_final: bool
    """Whether trying again in a fresh process is of no use."""


def end_of(status: int, seconds: float) -> End:
    """What an exit status means.

    Args:
        status: of the process; the number of a signal, negative, where that ended it.
        seconds: how long a photo may take.
    """
    if status >= 0:
        return End(f"the decoder ended by itself (exit status {status})", is_final=False)
    if -status == getattr(signal, "SIGALRM", None):
        return End(f"decoding took longer than {seconds:g} seconds", is_final=True)
    if -status == getattr(signal, "SIGKILL", None):
        text = f"the decoder was killed (signal {-status}), probably for want of memory"
        return End(text, is_final=False)
    return End(f"the decoder crashed (signal {-status})", is_final=False)


class Child:
    """One running :mod:`iae.scoring.decoder_process`."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        """Start it; returns before it is ready.

        Args:
            settings: its first message; what it needs is told in ``decoder_process.main``.

        Raises:
            OSError: the system starts no further process.
        """
        self._seconds = settings["seconds"]
        # In a group of its own, Ctrl-C and Ctrl-Z in a terminal reach the parent alone.
        own_group = {"process_group": 0} if os.name == "posix" else {}
        self._process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, *sys.path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | _ENVIRONMENT,
            **own_group,  # type: ignore[call-overload]  # of Popen's many, by os.name
        )
        self._tasks = cast(BinaryIO, self._process.stdin)
        self._answers = cast(BinaryIO, self._process.stdout)
        for pipe in (self._tasks, self._answers):
            _widen(pipe)
        with suppress(BrokenPipeError):  # wait_until_ready tells
            send(self._tasks, settings)

    def wait_until_ready(self) -> None:
        """Wait for its first sign of life.

        Raises:
            RuntimeError: it ended before; why, it has said on standard error.
        """
        if receive(self._answers) is None:
            raise RuntimeError("a decoder process did not start")

    def send(self, task: Task) -> None:
        """Give it a photo; if it has ended, :meth:`answer` will tell."""
        thumbnail = None if task.thumbnail is None else str(task.thumbnail)
        with suppress(BrokenPipeError):
            send(self._tasks, {"path": str(task.path), "thumbnail": thumbnail})

    def answer(self) -> Message | None:
        """Wait for its next answer; None when it has ended instead."""
        return receive(self._answers)

    def end(self) -> "End":
        """Wait for its end, and say what it was."""
        return end_of(self._process.wait(), self._seconds)

    def terminate(self) -> None:
        """Tell it to leave its photo and end; returns at once."""
        self._process.terminate()

    def close(self) -> None:
        """End it, if it has not ended, and let go of its pipes."""
        with suppress(BrokenPipeError):
            self._tasks.close()
        try:
            self._process.wait(_SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._answers.close()


def _widen(pipe: BinaryIO) -> None:
    try:
        import fcntl

        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    except (ImportError, AttributeError, OSError):  # not on Linux, or too many wide ones
        return
