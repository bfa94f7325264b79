"""What a server's requests want of the database, done together for all that wait.

A commit waits for the disk, and only one can be under way. Whatever arrives meanwhile is done in
the next transaction together, so a hundred votes may share one wait; each is acknowledged after
it. Only that wait is in a thread: the statements before it take microseconds each, and every one
of them would hand Python's lock to and fro between two threads.
"""

import asyncio
from asyncio import AbstractEventLoop, Future, Task
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from iae.study.storage import Storage

T = TypeVar("T")


class Clerk:
    """Does work in transactions of a storage; each event loop that asks has a line of its own."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._lines: WeakKeyDictionary[AbstractEventLoop, _Line] = WeakKeyDictionary()

    async def ask(self, work: Callable[[Connection], T], *, durable: bool) -> T:
        """Run ``work`` in a transaction and return its result after the commit.

        What ``work`` raises comes out here, and nothing of it is kept. Work of a request that was
        given up before its turn is not begun.

        Args:
            work: may write; shares its transaction with the work of others.
            durable: whether the result has to survive a power cut; else it may be lost with it.

        Raises:
            StorageError: nothing was kept, or it is not known whether it was: ask again.
        """
        loop = asyncio.get_running_loop()
        line = self._lines.setdefault(loop, _Line())
        job = _Job(work, durable, loop.create_future())
        line.waiting.append(job)
        if line.serving is None or line.serving.done():
            line.serving = loop.create_task(self._serve(line))
        result: T = await job.future
        return result

    async def _serve(self, line: "_Line") -> None:
        while line.waiting:
            jobs = [job for job in line.waiting if not job.future.done()]
            line.waiting = []
            try:
                await self._do(jobs)
            except Exception as error:
                # No commit: a computed result is none. What a job got wrong stays its answer.
                for job in jobs:
                    job.error = job.error or error
            for job in jobs:
                job.tell()

    async def _do(self, jobs: "list[_Job[Any]]") -> None:
        with ExitStack() as undone:
            connection = undone.enter_context(
                self._storage.writing(durable=any(job.durable for job in jobs))
            )
            if len(jobs) == 1:
                jobs[0].result = jobs[0].work(connection)  # its failure may undo everything
            else:
                for job in jobs:
                    job.run(connection)
            commit = undone.pop_all().close
        await asyncio.to_thread(commit)


@dataclass
class _Line:
    """What waits in one event loop, and who is seeing to it."""

    waiting: "list[_Job[Any]]" = field(default_factory=list)
    serving: "Task[None] | None" = None


@dataclass
class _Job(Generic[T]):
    """A piece of work that waits for its commit."""

    work: Callable[[Connection], T]
    durable: bool
    future: "Future[T]"
    error: Exception | None = None
    result: T | None = None

    def run(self, connection: Connection) -> None:
        """Do the work within a transaction of several; its own failure undoes it alone."""
        # Not begin_nested(), which takes as long as three statements.
        connection.exec_driver_sql("SAVEPOINT job")
        try:
            self.result = self.work(connection)
        except DBAPIError:
            # Of a full disk SQLite rolls back everything, and what came after would be outside.
            raise
        except Exception as error:
            self.error = error
            connection.exec_driver_sql("ROLLBACK TO SAVEPOINT job")
        connection.exec_driver_sql("RELEASE SAVEPOINT job")

    def tell(self) -> None:
        """Hand over what became of it, unless nobody waits for it any more."""
        if self.future.done():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)  # type: ignore[arg-type]
