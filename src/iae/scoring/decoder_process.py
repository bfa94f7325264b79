"""What runs in a decoder process: photos prepared one after the other, within limits.

Nothing heavy is imported here (neither ONNX Runtime nor polars): a process is ready within about
.15 seconds and takes some 40 MB.
"""

import os
import signal
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from iae.errors import ImageError, OutputError
from iae.images.preprocess import PreprocessSpec
from iae.scoring.decoding import Task, prepare_photo
from iae.scoring.messages import receive, send


def main() -> None:
    """Answer tasks from standard input on standard output until the pool, or its owner, is gone.

    The first message holds the settings. Each task then gets one answer: what was prepared, or
    ``error`` (of the photo) or ``output_error`` (of the place for its thumbnail).
    """
    tasks, answers = _keep_the_pipes()
    settings = receive(tasks)
    if settings is None:
        return
    limits = settings[0]
    spec, with_facts = PreprocessSpec.from_dict(limits["spec"]), bool(limits["with_facts"])
    _end_with_the_pool()
    _set_limits(limits["memory"])
    send(answers, {"ready": True})
    while (task := receive(tasks)) is not None:
        _set_alarm(limits["seconds"])
        answer, pixels = _answer(task[0], spec, with_facts)
        _set_alarm(0)
        try:
            send(answers, answer, pixels)
        except BrokenPipeError:
            break
    os._exit(0)  # nothing is left to tidy up, and nobody to wait for


def _keep_the_pipes() -> tuple[BinaryIO, BinaryIO]:
    """The pipes under other numbers; what C libraries print from now on goes nowhere."""
    tasks = os.fdopen(os.dup(0), "rb", buffering=0)
    answers = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    return tasks, answers


def _end_with_the_pool() -> None:
    """Ask Linux to end this process with the thread that started it, even in a call that hangs.

    Elsewhere it ends when the pipe does, or at the latest by its alarm.
    """
    if not sys.platform.startswith("linux"):
        return
    try:
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    except (ImportError, OSError, AttributeError):
        return


def _set_limits(memory: int) -> None:
    """At most this many bytes of address space; no core dumps; ended by SIGTERM alone."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # which removes an unfinished file
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # what Ctrl-C means, the pool decides
    try:
        import resource
    except ImportError:  # not a POSIX system: no limits
        return
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    soft = memory if hard == resource.RLIM_INFINITY else min(memory, hard)
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:  # if the whole computer runs out of memory, this process is to go, not the pool
        Path("/proc/self/oom_score_adj").write_text("500")
    except OSError:
        return


def _set_alarm(seconds: float) -> None:
    """Let the system end this process after so many seconds, even in a C call that never ends."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _answer(
    task: dict[str, Any], spec: PreprocessSpec, with_facts: bool
) -> tuple[dict[str, Any], bytes | memoryview]:
    thumbnail = task["thumbnail"]
    try:
        prepared = prepare_photo(
            Task(Path(task["path"]), Path(thumbnail) if thumbnail else None), spec, with_facts
        )
    except ImageError as error:
        return {"error": str(error)}, b""
    except OutputError as error:
        return {"output_error": str(error)}, b""
    except Exception as error:
        return {"error": _bug(error)}, b""
    facts = None if prepared.facts is None else asdict(prepared.facts)
    return {"facts": facts, "shape": prepared.pixels.shape}, prepared.pixels.tobytes()


def _bug(error: Exception) -> str:
    """One photo that we fail on must not cost a run of thousands; but it is said whose fault."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = "" if trace is None else (
        f" at {Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
    )  # fmt: skip
    text = " ".join(str(error).split())[:200]
    return f"iae has a bug here, please report it: {type(error).__name__}: {text}{where}"
