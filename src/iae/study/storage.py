"""The database: SQLite beside the settings, or PostgreSQL by URL; transactions of three kinds.

``reading`` sees one state. ``quick`` writes what may be lost with the power (who has which image
at present). ``durable`` writes what may not: it returns after the commit has reached the disk.

A SQLite commit waits for the disk, and only one can be under way. What other threads want to write
meanwhile is therefore taken together into the next one: the first of them writes for all that
wait. PostgreSQL does the like by itself, for a connection each.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Generic, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from iae.study.errors import StorageError

T = TypeVar("T")

_BUSY_SECONDS = 20.0
"""How long one process waits for another one's transaction; a transaction takes milliseconds."""
_POSTGRES_LOCK = 7_103_221
"""Any number, the same in all processes: of the lock that is held to hand out images."""


def database_url(setting: str, folder: Path) -> URL:
    """The URL of ``database`` in ``study.toml``: a PostgreSQL URL, or a file beside the settings.

    Raises:
        StorageError: the URL cannot be read or is of another database.
    """
    if "://" not in setting:
        return URL.create("sqlite", database=str(folder / setting))
    try:
        url = make_url(setting)
    except ArgumentError:
        raise StorageError("the database must be a file name or postgresql://USER@HOST/NAME") from (
            None
        )
    if url.get_backend_name() != "postgresql":
        raise StorageError(f"the database is {url.get_backend_name()}; wanted a file name (SQLite) "
                           "or postgresql://USER@HOST/NAME")  # fmt: skip
    return url.set(drivername="postgresql+psycopg")


class Storage:
    """One open database. All of it may be used from several threads."""

    def __init__(self, url: URL, *, pool_size: int = 10) -> None:
        """Open no connection yet.

        Args:
            url: as :func:`database_url` gives it.
            pool_size: connections kept; as many again may be open for a moment.
        """
        self.url = url
        self.is_sqlite = url.get_backend_name() == "sqlite"
        self._engine = _engine(url, pool_size, synchronous="FULL")
        # A second pool: SQLite does not take another synchronous within a transaction.
        self._quick = _engine(url, 2, synchronous="NORMAL") if self.is_sqlite else self._engine
        self._reader = self._engine
        if not self.is_sqlite:  # psycopg sends this with the first statement: no time of its own
            self._reader = self._engine.execution_options(isolation_level="REPEATABLE READ")
        self._lock = threading.Lock()
        self._waiting: list[_Job[Any]] = []
        self._is_led = False
        """Whether a thread is writing for those that wait, or has been told to."""

    @property
    def file(self) -> Path:
        """The SQLite file."""
        return Path(self.url.database or "")

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()
        self._quick.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that changes nothing and sees one state. Raises ``StorageError``."""
        with self._said(), self._reader.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def alone(self) -> Iterator[Connection]:
        """A durable transaction beside which nothing is handed out. Raises ``StorageError``."""
        with self._said():
            if self.is_sqlite:
                with _begin_immediate(self._engine) as connection:
                    yield connection
                return
            with self._engine.begin() as connection:
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_POSTGRES_LOCK})"))
                yield connection

    def quick(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` in a transaction that a power cut may undo, but never without later votes.

        One at a time among all processes, since it hands out images; else as ``durable``.
        """
        if self.is_sqlite:
            return self._queue(_Job(work, durable=False))
        with self._said(), self._engine.begin() as connection:
            connection.execute(text("SET LOCAL synchronous_commit TO off"))
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_POSTGRES_LOCK})"))
            return work(connection)

    def durable(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` in a transaction and return its result once that is on the disk.

        What ``work`` raises comes out here, and nothing of it is kept.

        Raises:
            StorageError: nothing was kept, or it is not known whether it was: send it again.
        """
        if self.is_sqlite:
            return self._queue(_Job(work, durable=True))
        with self._said(), self._engine.begin() as connection:
            return work(connection)

    def _queue(self, job: "_Job[T]") -> T:
        with self._lock:
            self._waiting.append(job)
            job.leads = not self._is_led
            self._is_led = True
        if not job.leads:
            job.told.wait()
        if job.leads:
            self._lead()
        return job.result()

    def _lead(self) -> None:
        """Write for all that wait, oneself among them, and let the next one lead."""
        with self._lock:
            jobs, self._waiting = self._waiting, []
        try:
            self._write(jobs)
        finally:
            with self._lock:
                self._is_led = bool(self._waiting)
                if self._waiting:
                    self._waiting[0].leads = True
                    self._waiting[0].told.set()
            for job in jobs:
                job.told.set()

    def _write(self, jobs: "list[_Job[Any]]") -> None:
        engine = self._engine if any(job.durable for job in jobs) else self._quick
        try:
            with self._said(), _begin_immediate(engine) as connection:
                for job in jobs:
                    job.run(connection)
        except BaseException as error:
            # No commit: a result that was computed is not one.
            for job in jobs:
                job.fail(error if isinstance(error, StorageError) else _interrupted(error))
            if not isinstance(error, StorageError):
                raise

    @contextmanager
    def _said(self) -> Iterator[None]:
        """Database errors that are about the machine as one line; others are bugs of ours."""
        try:
            yield
        except PoolTimeoutError:
            raise StorageError(f"{self._name}: too many requests at once; try again") from None
        except sqlite3.Error as error:  # while a connection is made ready
            raise self._unusable(error) from None
        except DBAPIError as error:
            if not _is_about_the_machine(error):
                raise
            raise self._unusable(error.orig) from None

    def _unusable(self, error: object) -> StorageError:
        reason = " ".join(str(error).split())
        return StorageError(f"cannot use the study database {self._name}: {reason}; "
                            "nothing was acknowledged")  # fmt: skip

    def checkpoint(self) -> None:
        """Bring everything into the SQLite file and empty the log beside it, if nobody reads now.

        What was deleted is then in neither. Raises ``StorageError``.
        """
        if self.is_sqlite:
            with self._said():
                connection = self._engine.raw_connection()
                connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
                connection.close()

    @property
    def _name(self) -> str:
        return str(self.file) if self.is_sqlite else self.url.render_as_string(hide_password=True)


class _Job(Generic[T]):
    """A piece of work that waits for its commit."""

    def __init__(self, work: Callable[[Connection], T], *, durable: bool) -> None:
        self._work = work
        self._result: T
        self._error: BaseException | None = None
        self.durable = durable
        self.leads = False
        self.told = threading.Event()
        """Set when the job is done, or when its thread is to lead."""

    def run(self, connection: Connection) -> None:
        """Do the work within the common transaction; its own failure undoes it alone."""
        try:
            with connection.begin_nested():
                self._result = self._work(connection)
        except DBAPIError:
            # Of a full disk SQLite rolls back everything, and what came after would be outside.
            raise
        except Exception as error:
            self._error = error

    def fail(self, error: BaseException) -> None:
        """The common commit failed; what the job itself got wrong stays its answer."""
        self._error = self._error or error

    def result(self) -> T:
        """What the work returned, or raise what it raised."""
        if self._error is not None:
            raise self._error
        return self._result


def _interrupted(error: BaseException) -> StorageError:
    return StorageError(f"writing was interrupted ({type(error).__name__}); "
                        "nothing was acknowledged")  # fmt: skip


def _engine(url: URL, pool_size: int, synchronous: str) -> Engine:
    if url.get_backend_name() != "sqlite":
        return create_engine(
            url, pool_size=pool_size, max_overflow=pool_size, pool_pre_ping=True,
            connect_args={"connect_timeout": 10},
        )  # fmt: skip
    engine = create_engine(
        url, pool_size=pool_size, max_overflow=pool_size, connect_args={"timeout": _BUSY_SECONDS}
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        connection.isolation_level = None  # the transactions are begun below, and nowhere else
        cursor = connection.cursor()
        # The waiting comes first: two processes may switch to the write-ahead log at once.
        cursor.execute(f"PRAGMA busy_timeout = {int(_BUSY_SECONDS * 1000)}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute(f"PRAGMA synchronous = {synchronous}")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA secure_delete = ON")  # who is forgotten leaves no bytes behind
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A transaction that reads first and writes later could fail for another one's writes.
        writes = connection.get_execution_options().get("iae_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


@contextmanager
def _begin_immediate(engine: Engine) -> Iterator[Connection]:
    with engine.connect().execution_options(iae_writes=True) as connection, connection.begin():
        yield connection


def _is_about_the_machine(error: DBAPIError) -> bool:
    """Whether a person can fix it: no room, no right, no server; not a wrong statement."""
    from sqlalchemy.exc import DatabaseError, InterfaceError, OperationalError

    if isinstance(error, OperationalError | InterfaceError):
        return "syntax error" not in str(error.orig) and "no such" not in str(error.orig)
    # "file is not a database", "disk image is malformed"
    return type(error) is DatabaseError or "read-only" in str(error.orig)
