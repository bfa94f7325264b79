"""The database of a study: who reads sees one state, and one writes at a time.

``durable`` writing returns after its commit has reached the disk. The other kind is for what may
be lost with the power (who has which image at present), and is never lost without later votes.
"""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection

from iae.study.engines import postgres_engine, said_in_one_line, sqlite_engine


class Storage:
    """One open database. All of it may be used from several threads."""

    def __init__(self, url: URL, *, pool_size: int = 10) -> None:
        """Open no connection yet.

        Args:
            url: as ``database_url`` gives it.
            pool_size: connections kept; as many again may be open for a moment.
        """
        self.url = url
        self.is_sqlite = url.get_backend_name() == "sqlite"
        make = sqlite_engine if self.is_sqlite else postgres_engine
        self._engine = make(url, pool_size)
        self._reader = self._engine
        if not self.is_sqlite:  # psycopg sends this with the first statement: no time of its own
            self._reader = self._engine.execution_options(isolation_level="REPEATABLE READ")
        self._turn = threading.Lock()
        """Threads come in their order; SQLite lets those of other processes try now and then."""

    @property
    def file(self) -> Path:
        """The SQLite file."""
        return Path(self.url.database or "")

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that changes nothing and sees one state. Raises ``StorageError``."""
        with self._said(), self._reader.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self, *, durable: bool = True) -> Iterator[Connection]:
        """A transaction beside which no other one writes, in any process.

        Args:
            durable: whether leaving waits for the disk.

        Raises:
            StorageError: nothing was kept, or it is not known whether it was: do it again.
        """
        kind = "durable" if durable else "quick"
        with (
            self._turn,
            self._said(),
            self._engine.connect().execution_options(iae_writes=kind) as connection,
            connection.begin(),
        ):
            yield connection

    def checkpoint(self) -> None:
        """Bring everything into the SQLite file and empty the log beside it, if nobody reads now.

        What was deleted is then in neither. Raises ``StorageError``.
        """
        if self.is_sqlite:
            with self._said():
                connection = self._engine.raw_connection()
                connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
                connection.close()

    def _said(self) -> AbstractContextManager[None]:
        shown = self.url.render_as_string(hide_password=True)
        return said_in_one_line(str(self.file) if self.is_sqlite else shown)
