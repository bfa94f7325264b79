"""The file the store lies in: opened, made, refused when it is another's, its errors in words."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from iae.errors import DataError, OutputError

STATE = ".iae"
"""Folder in a folder of results for what the next run wants to know. Hidden, so that a search for
photos does not enter it."""

STORE = "library.sqlite"

APPLICATION = 0x69616531
"""``PRAGMA application_id`` of our files ("iae1"): another program's database is told by it."""

FORMAT = 1
"""``PRAGMA user_version``: what the tables mean. Raised with every change to them."""

# The vectors lie apart, so that a run that only asks what is known does not read past them.
# A row without a position is of a photo that the last run did not find, or has yet to score.
_TABLES = """
CREATE TABLE photo (
    path BLOB PRIMARY KEY,
    name TEXT NOT NULL,
    position INTEGER,
    size INTEGER,
    mtime_ns INTEGER,
    ctime_ns INTEGER,
    checksum INTEGER,
    model TEXT NOT NULL,
    facts_version INTEGER NOT NULL,
    reader TEXT NOT NULL,
    thumbnail INTEGER NOT NULL,
    error TEXT NOT NULL,
    score TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE embedding (
    path BLOB PRIMARY KEY REFERENCES photo ON UPDATE CASCADE ON DELETE CASCADE,
    vector BLOB NOT NULL
) WITHOUT ROWID;
"""

_SECONDS = 10.0
"""How long to wait for a reader that has the file in its hands."""


def store_path(out: Path) -> Path:
    """Where the store of a folder of results lies."""
    return out / STATE / STORE


def open_to_write(path: Path) -> sqlite3.Connection:
    """The store's file for the one run that writes it; made when it is not there.

    While it is written changes go to a write-ahead log that is not forced to the disk at every
    commit: a batch of 16 costs 1 ms, against 19 to 24 ms with a rollback journal, a tenth of the
    time of small photos (measured here). A killed process loses nothing that it had committed; a
    power cut may cost the last seconds, which are scored again, but never the file. The exclusive
    mode keeps the log's index in our own memory, so that this works on network drives as well,
    where the usual shared one does not.

    Raises:
        OutputError: the file is damaged, foreign or of a newer version, or cannot be written.
    """
    with explained(path):
        connection = sqlite3.connect(path, isolation_level=None, timeout=_SECONDS)
        try:
            _check_kind(connection, path)
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA foreign_keys = ON")
            _make_tables(connection)
        except BaseException:
            connection.close()
            raise
        return connection


def open_to_read(out: Path) -> sqlite3.Connection:
    """The store's file of a folder of results, for whoever only wants to know.

    Raises:
        DataError: there is none.
        OutputError: it is damaged, foreign, of a newer version, or being written.
    """
    path = store_path(out)
    if not path.is_file():
        raise DataError(f"{out} holds no scores of 'iae score'; run: iae score PHOTOS -o {out}")
    with explained(path):
        connection = sqlite3.connect(path, isolation_level=None, timeout=_SECONDS)
        try:
            _check_kind(connection, path)
        except BaseException:
            connection.close()
            raise
        return connection


def close_written(connection: sqlite3.Connection, path: Path) -> None:
    """Put the log into the file and close it: what lies there between runs is one plain file.

    Raises:
        OutputError: the disk is full or gone.
    """
    with explained(path), closing(connection):
        connection.execute("PRAGMA journal_mode = DELETE")


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what SQLite says into one line on what to do.

    Raises:
        OutputError: the file is damaged, full, locked or cannot be reached.
    """
    try:
        yield
    except (sqlite3.ProgrammingError, sqlite3.IntegrityError, sqlite3.InterfaceError):
        raise  # a mistake of ours
    except sqlite3.DatabaseError as error:
        raise OutputError(_explanation(error, path)) from None


def damaged(path: Path, found: object) -> OutputError:
    """The error to raise where the file holds what we never wrote."""
    return OutputError(f"{path} is damaged ({found}); delete it, and the next run scores every "
                       "photo again")  # fmt: skip


def _explanation(error: sqlite3.Error, path: Path) -> str:
    code = getattr(error, "sqlite_errorname", "")
    if code == "SQLITE_FULL":
        return (f"cannot write {path}: the disk is full; what was scored is kept: make room and "
                "run the same command to go on")  # fmt: skip
    if code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return f"{path} is in use by another run or program; wait until that has ended"
    if code.startswith(("SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_PERM")):
        return (f"cannot read or write {path} ({error}); see that the disk has room and the "
                "folder may be written, or choose another with -o")  # fmt: skip
    return str(damaged(path, error))


def _check_kind(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse another program's database, and one of a version that is still to come."""
    application, tables = _application(connection)
    if tables and application != APPLICATION:
        raise OutputError(f"{path} is a database of another program; move it away, or choose "
                          "another folder with -o")  # fmt: skip
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > FORMAT:
        raise OutputError(f"{path} was written by a newer version of iae (its format is {version}, "
                          f"this version reads {FORMAT}); update iae, or choose another folder "
                          "with -o")  # fmt: skip


def _application(connection: sqlite3.Connection) -> tuple[int, int]:
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    return application, connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]


def _make_tables(connection: sqlite3.Connection) -> None:
    if _application(connection)[1]:
        return
    connection.executescript(
        f"BEGIN IMMEDIATE; PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {FORMAT};"
        f"{_TABLES} COMMIT;"
    )
