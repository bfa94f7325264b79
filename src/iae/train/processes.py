"""Several processes on one machine that train one network: started, listened to, ended.

The parent only listens. So it can end all of them when one fails, whatever the others wait for.
"""

import math
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import torch
from torch import distributed

from iae.errors import CheckpointError, IaeError
from iae.train.share import Share

Report = Callable[[str], None]
Progress = Callable[[str, int, int], None]
"""Called with (what is being done, done, total)."""

_PATIENCE = timedelta(days=1)
"""Others wait while the first decodes; a process that fails is noticed by the parent."""
_LAST_WORDS = 3.0
"""Seconds: where one process fails, others fail after it, and the cause may come to light last."""
_TIME_TO_STOP = 30.0
"""Seconds that the first process has to end its step after Ctrl-C."""


class Work(Protocol):
    """What each process runs."""

    def __call__(self, *, share: Share, report: Report, progress: Progress) -> Any:
        """Do this share; what the first process returns is the result."""


def run_in_processes(
    work: Work, count: int, *, on_gpus: bool, report: Report, progress: Progress
) -> Any:
    """Run ``work`` in ``count`` new processes that know of each other; the first one's result.

    Args:
        work: is sent to the processes, so it can be pickled, and so can its result.
        count: processes; on GPUs each has one of its own.
        on_gpus: let them talk by NCCL; else by gloo, sharing the cores.
        report: what the first process reports.
        progress: how far the first process is.

    Raises:
        IaeError: what a process raised, or one ended without a word. All have ended then.
    """
    context = get_context("spawn")  # forked children could use neither CUDA nor autograd
    with TemporaryDirectory(prefix="iae-train-") as folder:
        processes, ears = [], []
        for rank in range(count):
            ear, mouth = context.Pipe(duplex=False)
            process = context.Process(
                target=_run, args=(work, Share(rank, count), on_gpus, Path(folder), mouth),
                daemon=True,
            )  # fmt: skip
            with _ctrl_c_ignored():  # children inherit it, until they are ready
                process.start()
            mouth.close()  # the child's copy is the last one: when it dies, the ear hears so
            processes.append(process)
            ears.append(ear)
        try:
            return _listen(ears, processes, report, progress)
        finally:
            _end(processes)


def _listen(
    ears: list[Connection], processes: list[SpawnProcess], report: Report, progress: Progress
) -> Any:
    """Pass on what is told until all are done."""
    result: Any = None
    failures: list[BaseException] = []
    open_ears, until, interrupted = list(ears), math.inf, False
    while open_ears and time.monotonic() < until:
        try:
            heard = wait(open_ears, None if until == math.inf else _LAST_WORDS)
        except KeyboardInterrupt:
            # The first process has got it as well, and says how to go on; unless it is not there
            # yet. Whoever presses once more, and not just twice at once, will not wait for that.
            again = interrupted and until - time.monotonic() < _TIME_TO_STOP - _LAST_WORDS
            until = 0.0 if again else time.monotonic() + _TIME_TO_STOP
            interrupted = True
            continue
        for ear in heard:
            assert isinstance(ear, Connection)
            try:
                kind, what = ear.recv()
            except EOFError:
                open_ears.remove(ear)
                failures += _silent_death(ears.index(ear), processes)
                continue
            if kind == "report":
                report(what)
            elif kind == "progress":
                progress(*what)
            elif kind == "result":
                result = what
            else:
                failures.append(what)
        if failures and until == math.inf:
            until = time.monotonic() + _LAST_WORDS
    if failures:
        raise next((f for f in failures if isinstance(f, IaeError)), failures[0])
    if interrupted:
        raise KeyboardInterrupt
    return result


def _silent_death(rank: int, processes: list[SpawnProcess]) -> list[IaeError]:
    processes[rank].join(_LAST_WORDS)
    code = processes[rank].exitcode
    if code == 0 or code == _TOLD:
        return []
    return [CheckpointError(f"process {rank + 1} of {len(processes)} was ended from outside (exit "
                            f"status {code}), perhaps for want of memory; go on with --resume, "
                            "or with fewer --devices")]  # fmt: skip


_TOLD = 3
"""Exit status of a process that has said what went wrong."""


def _end(processes: list[SpawnProcess]) -> None:
    for process in processes:
        process.terminate()
    for process in processes:
        process.join(_LAST_WORDS)
        if process.is_alive():  # it waits for a GPU
            process.kill()
            process.join()


def _run(work: Work, share: Share, on_gpus: bool, folder: Path, mouth: Connection) -> None:
    """One process, from its first line to its last."""
    _end_with_the_parent()
    if share.is_first:  # the others end with it
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        _meet(share, on_gpus, folder)
        tell = partial(_tell, mouth if share.is_first else None)
        result = work(
            share=share,
            report=lambda line: tell("report", line),
            progress=lambda what, done, total: tell("progress", (what, done, total)),
        )
        tell("result", result)
        share.wait_for_all()  # nobody hangs up while another still talks
        distributed.destroy_process_group()
    except Exception as error:
        if not isinstance(error, IaeError):
            error.add_note("".join(traceback.format_exception(error)))
        _tell(mouth, "error", error)
        mouth.close()
        # Not by way of an orderly end, which can wait for the others.
        os._exit(_TOLD)


def _tell(mouth: Connection | None, kind: str, what: object) -> None:
    if mouth is not None:
        mouth.send((kind, what))


def _meet(share: Share, on_gpus: bool, folder: Path) -> None:
    """Make the processes known to each other, by a file: no port has to be free."""
    if on_gpus:
        torch.cuda.set_device(share.rank)
    else:
        loop = {"linux": "lo", "darwin": "lo0"}.get(sys.platform)
        if loop:  # where a machine's own name leads nowhere, gloo would not start
            os.environ.setdefault("GLOO_SOCKET_IFNAME", loop)
        if "OMP_NUM_THREADS" not in os.environ:
            torch.set_num_threads(max(1, (os.cpu_count() or 1) // share.count))
    distributed.init_process_group(
        "nccl" if on_gpus else "gloo", init_method=(folder / "meeting").as_uri(),
        rank=share.rank, world_size=share.count, timeout=_PATIENCE,
    )  # fmt: skip


def _end_with_the_parent() -> None:
    parent = parent_process()
    assert parent is not None

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@contextmanager
def _ctrl_c_ignored() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():  # only that one may set it
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
