"""What earlier runs found out about the photos, in ``OUT/.iae/library.sqlite``.

A run writes it batch by batch, so that a killed run loses one batch at most; the next one takes
what is there. Other commands read it with :func:`open_library`.
"""

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from iae.errors import OutputError
from iae.images.technical import TechnicalFacts
from iae.scoring.known import Entry, Plan, Stamp
from iae.scoring.scores import PhotoScore
from iae.scoring.store_file import (
    close_written,
    damaged,
    explained,
    open_to_read,
    open_to_write,
    store_path,
)

if TYPE_CHECKING:  # it brings the network along, which a reader does not need
    from iae.scoring.pipeline import ScoredPhoto

_ENTRY = ("path, name, position, size, mtime_ns, ctime_ns, checksum, model, facts_version, reader, "
          "thumbnail, error")  # fmt: skip

# What compares a photo with its library is made anew for every table.
_STORED = ("aesthetic_mean", "aesthetic_std", "levels", "high_prob", "emotions", "positive_prob",
           "interval", "facts")  # fmt: skip


class Store:
    """The store, opened by the run that writes it; whoever opens it holds the folder's lock."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self._path = path
        self._connection = connection
        self._inode = os.stat(path).st_ino  # noqa: PTH116

    @classmethod
    @contextmanager
    def open(cls, out: Path) -> Iterator["Store"]:
        """Open the store of a folder of results, or make it; ``out/.iae`` must be there.

        Raises:
            OutputError: the file is damaged, foreign or of a newer version, or cannot be written.
        """
        path = store_path(out)
        connection = open_to_write(path)
        try:
            yield cls(path, connection)
        except BaseException:
            connection.close()  # what went wrong is what is to be told; the log stays and is read
            raise
        close_written(connection, path)

    def entries(self) -> dict[bytes, Entry]:
        """What is known of every photo, by path; 20,000 take .1 s."""
        with self._reading():
            rows = self._connection.execute(f"SELECT {_ENTRY} FROM photo")
            return {row[0]: _entry(row) for row in rows}

    def arrange(self, plan: Plan) -> None:
        """Put the known photos in their new places, in one transaction; all others lose theirs.

        What has no place is in no table, but stays until :meth:`forget_the_rest`: after a run over
        the wrong folder was stopped, the right one is still known.
        """
        with self._transaction():
            before = {path: (name, position, stamp) for path, name, position, *stamp in
                      self._connection.execute("SELECT path, name, position, size, mtime_ns, "
                                               "ctime_ns FROM photo")}  # fmt: skip
            here = {old for old, _ in plan.known}
            self._connection.executemany(
                "UPDATE photo SET position = NULL WHERE path = ?",
                [(path,) for path, row in before.items()
                 if path not in here and row[1] is not None],
            )  # fmt: skip
            self._connection.executemany(
                "UPDATE photo SET path = ?, name = ?, position = ?, size = ?, mtime_ns = ?, "
                "ctime_ns = ? WHERE path = ?",
                [(new.path, new.name, new.position, *_stamp_values(new.stamp), old)
                 for old, new in plan.known
                 if old != new.path
                 or before[old] != (new.name, new.position, _stamp_values(new.stamp))],
            )  # fmt: skip

    def put(self, batch: Iterable[tuple[Entry, "ScoredPhoto"]]) -> None:
        """Store scored photos, all or none of them; what was known of them is replaced.

        Raises:
            OutputError: the disk is full, or the folder is gone.
        """
        self.check_it_is_there()
        with self._transaction():
            for entry, photo in batch:
                self._put(entry, photo)

    def _put(self, entry: Entry, photo: "ScoredPhoto") -> None:
        row = (entry.path, entry.name, entry.position, *_stamp_values(entry.stamp), entry.checksum,
               entry.model, entry.facts_version, entry.reader, entry.thumbnail, entry.error,
               _score_text(photo.score))  # fmt: skip
        marks = ", ".join("?" * len(row))
        self._connection.execute("DELETE FROM photo WHERE path = ?", (entry.path,))
        self._connection.execute(f"INSERT INTO photo ({_ENTRY}, score) VALUES ({marks})", row)
        if photo.embedding is not None:
            vector = np.asarray(photo.embedding, "<f2").tobytes()
            self._connection.execute("INSERT INTO embedding VALUES (?, ?)", (entry.path, vector))

    def forget_the_rest(self) -> None:
        """Remove the photos that have no place: they are gone from where this run looked."""
        with self._transaction():
            self._connection.execute("DELETE FROM photo WHERE position IS NULL")

    def scores(self) -> list[PhotoScore]:
        """The photos that have a place, in order; without what compares them with each other."""
        with self._reading():
            return _scores(self._connection)

    def check_it_is_there(self) -> None:
        """See that the folder of the results is still the one that was opened.

        Raises:
            OutputError: it was removed, moved or unmounted while the run went on. SQLite would go
                on writing into a file that has no name any more.
        """
        try:
            same = os.stat(self._path).st_ino == self._inode  # noqa: PTH116
        except OSError:
            same = False
        if not same:
            raise OutputError(f"the folder {self._path.parent.parent} was removed, moved or "
                              "unmounted while results were written into it; bring it back, and "
                              "run the same command to go on")  # fmt: skip

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with explained(self._path):
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # a full disk may have ended it already
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def _reading(self) -> Iterator[None]:
        with _readable(self._path):
            yield


@dataclass(frozen=True)
class Library:
    """The scores of a folder of results, as ``iae score`` left them."""

    out: Path
    scores: list[PhotoScore]
    """In the order of the tables; facts where they were measured, nothing that compares photos."""
    files: list[Path]
    """Where each photo lay: absolute paths, in the order of ``scores``."""

    def embeddings(self) -> NDArray[np.float32]:
        """(N, D) what the network sees in each photo, in the order of ``scores``; read when asked.

        Stored as float16, three digits; rows of unreadable photos are NaN. (N, 0) where no photo
        could be read. 20,000 photos with D = 1280 take 100 MB.

        Raises:
            OutputError: the store has been changed or damaged since.
        """
        with closing(open_to_read(self.out)) as connection, _readable(store_path(self.out)):
            return _embeddings(connection, [os.fsencode(file) for file in self.files])


def open_library(out: Path) -> Library:
    """The scores of an earlier run of ``iae score`` into ``out``.

    Raises:
        DataError: there are none.
        OutputError: the store is damaged, foreign, of a newer version, or being written.
    """
    with closing(open_to_read(out)) as connection, _readable(store_path(out)):
        paths = connection.execute("SELECT position, path FROM photo WHERE position IS NOT NULL")
        files = [Path(os.fsdecode(path)) for _, path in sorted(paths)]
        return Library(out, _scores(connection), files)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Say in one line that the file is damaged, be it to SQLite or in what we wrote into it."""
    with explained(path):
        try:
            yield
        except (ValueError, TypeError, KeyError) as error:
            raise damaged(path, error) from None


def _entry(row: tuple[Any, ...]) -> Entry:
    path, name, position, size, mtime, ctime, checksum, model, facts, reader, thumbnail, error = row
    return Entry(path=path, name=name, position=position, checksum=checksum, model=model,
                 stamp=None if size is None else Stamp(size, mtime, ctime), facts_version=facts,
                 reader=reader, thumbnail=bool(thumbnail), error=error)  # fmt: skip


def _stamp_values(stamp: Stamp | None) -> list[int | None]:
    return [None] * 3 if stamp is None else [stamp.size, stamp.mtime_ns, stamp.ctime_ns]


def _score_text(score: PhotoScore) -> str:
    """The scores as JSON, to the last digit; the interval may be missing, and the facts."""
    if score.error:
        return ""
    values = {name: getattr(score, name) for name in _STORED}
    if score.facts is not None:
        values["facts"] = {part.name: getattr(score.facts, part.name) for part in fields(
            score.facts)}  # fmt: skip
    return json.dumps(values, separators=(",", ":"))


def _score(name: str, error: str, text: str) -> PhotoScore:
    if error:
        return PhotoScore(path=name, error=error)
    values = json.loads(text)
    for key in ("levels", "emotions", "interval"):
        values[key] = None if values[key] is None else tuple(values[key])
    if values["facts"] is not None:
        values["facts"] = TechnicalFacts(**values["facts"])
    return PhotoScore(path=name, **values)


def _scores(connection: sqlite3.Connection) -> list[PhotoScore]:
    rows = connection.execute(
        "SELECT position, name, error, score FROM photo WHERE position IS NOT NULL"
    )
    # Sorted here: SQLite would use a file for it.
    placed = [(position, _score(name, error, text)) for position, name, error, text in rows]
    placed.sort(key=lambda row: row[0])
    return [score for _, score in placed]


def _embeddings(connection: sqlite3.Connection, paths: list[bytes]) -> NDArray[np.float32]:
    row = connection.execute(
        "SELECT length(vector) FROM photo JOIN embedding USING (path) "
        "WHERE position IS NOT NULL LIMIT 1"
    ).fetchone()
    vectors = np.full((len(paths), row[0] // 2 if row else 0), np.nan, np.float32)
    for i, path in enumerate(paths):
        found = connection.execute("SELECT vector FROM embedding WHERE path = ?", (path,))
        if (vector := found.fetchone()) is not None:
            vectors[i] = np.frombuffer(vector[0], "<f2")
    return vectors
