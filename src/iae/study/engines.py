"""Where the database is, how it is connected to, and its errors as one line."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    DBAPIError,
    InterfaceError,
    OperationalError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from iae.study.errors import StorageError

_BUSY_SECONDS = 20.0
"""How long one process waits for another one's transaction; a transaction takes milliseconds."""
_POSTGRES_LOCK = 7_103_221
"""Any number, the same in all processes: of the lock that is held to write."""


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


def sqlite_engine(url: URL, pool_size: int) -> Engine:
    """Connections to a SQLite file: write-ahead log, transactions begun here and nowhere else.

    The execution option ``iae_writes`` tells how a transaction begins: None to read, ``durable``,
    or ``quick``, whose commit does not wait for the disk.
    """
    engine = create_engine(
        url, pool_size=pool_size, max_overflow=pool_size, connect_args={"timeout": _BUSY_SECONDS}
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        # The waiting comes first: two processes may switch to the write-ahead log at once.
        cursor.execute(f"PRAGMA busy_timeout = {int(_BUSY_SECONDS * 1000)}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA secure_delete = ON")  # who is forgotten leaves no bytes behind
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("iae_writes")
        if writes is None:
            connection.exec_driver_sql("BEGIN")
            return
        # Not within a transaction: there SQLite does not take another one.
        synchronous = "FULL" if writes == "durable" else "NORMAL"
        connection.exec_driver_sql(f"PRAGMA synchronous = {synchronous}")
        # A transaction that reads first and writes later could fail for another one's writes.
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def postgres_engine(url: URL, pool_size: int) -> Engine:
    """Connections to PostgreSQL; ``iae_writes`` as in :func:`sqlite_engine`."""
    engine = create_engine(
        url, pool_size=pool_size, max_overflow=pool_size, pool_pre_ping=True,
        connect_args={"connect_timeout": 10},
    )  # fmt: skip

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("iae_writes")
        if writes is not None:
            # One writer at a time, as in SQLite: it hands images out, and nobody deadlocks.
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_POSTGRES_LOCK})")
        if writes == "quick":
            connection.exec_driver_sql("SET LOCAL synchronous_commit TO off")

    return engine


@contextmanager
def said_in_one_line(name: str) -> Iterator[None]:
    """Errors of the database ``name`` that are about the machine as ``StorageError``.

    Others are bugs of ours, and stay what they are.
    """
    try:
        yield
    except PoolTimeoutError:
        raise StorageError(f"{name}: too many requests at once; try again") from None
    except sqlite3.Error as error:  # while a connection is made ready
        raise _unusable(name, error) from None
    except DBAPIError as error:
        if not _is_about_the_machine(error):
            raise
        raise _unusable(name, error.orig) from None


def _unusable(name: str, error: object) -> StorageError:
    reason = " ".join(str(error).split())
    return StorageError(f"cannot use the study database {name}: {reason}; nothing was acknowledged")


def _is_about_the_machine(error: DBAPIError) -> bool:
    """Whether a person can fix it: no room, no right, no server; not a wrong statement."""
    if isinstance(error, OperationalError | InterfaceError):
        return "syntax error" not in str(error.orig) and "no such" not in str(error.orig)
    # "file is not a database", "disk image is malformed"
    return type(error) is DatabaseError or "read-only" in str(error.orig)
