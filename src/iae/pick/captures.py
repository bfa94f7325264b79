"""What grouping wants to know of each photo beside its scores, kept in ``OUT/.iae/pick.sqlite``.

That is when, where and how it was taken (:mod:`iae.images.exif`), and a small copy of it. Both are
read once for each version of a file: a second run opens no photo. The file is a cache: deleted, or
damaged, it is made anew.
"""

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from iae.errors import ImageError, OutputError
from iae.images.exif import CaptureFacts, capture_facts
from iae.images.fingerprint import SMALL_BYTES, small_copy
from iae.images.preprocess import PreprocessSpec
from iae.scoring.decoding import Prepared, Task
from iae.scoring.known import Stamp, path_key, stamp_of
from iae.scoring.store_file import STATE
from iae.scoring.workers import DecoderPool

CACHE = "pick.sqlite"

VERSION = 2
"""Raised when capture facts or small copies come out in another way: all are then read again."""

_BATCH = 64

_TABLE = """CREATE TABLE IF NOT EXISTS capture (path BLOB PRIMARY KEY, size INTEGER,
mtime_ns INTEGER, facts TEXT NOT NULL, small BLOB NOT NULL) WITHOUT ROWID"""

Progress = Callable[[int, int], None]
"""Called with (photos read, photos to read)."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Capture:
    """How one photo was taken, and what it looks like from afar."""

    facts: CaptureFacts
    small: NDArray[np.uint8]
    """(SMALL_BYTES,) its small copy; zeros where it can no longer be read."""


def read_captures(
    out: Path,
    photos: Sequence[Path],
    thumbnails: Sequence[Path],
    spec: PreprocessSpec,
    *,
    workers: int | None = None,
    progress: Progress = lambda done, total: None,
) -> list[Capture]:
    """How the photos were taken, in their order; read from their files where that is not known.

    Args:
        out: the folder of results, whose lock the caller holds.
        photos: (N) files that could be read when they were scored.
        thumbnails: (N) where a thumbnail of each would lie: small copies are made of those that
            do, which is quicker than decoding the photos again.
        spec: how pictures are put to the network; the small copy is made of the same pixels.
        workers: decoding processes; one a core by default.
        progress: called after each photo that is read.

    Raises:
        OutputError: what was read cannot be kept.
    """
    with _opened(out / STATE / CACHE) as connection:
        stamps = [stamp_of(photo) for photo in photos]
        known = dict(_known(connection))
        found: dict[int, Capture] = {}
        for i, (photo, stamp) in enumerate(zip(photos, stamps, strict=True)):
            before = known.get(path_key(photo))
            if before is not None and stamp is not None and before[0] == _short(stamp):
                found[i] = before[1]
        new = [i for i in range(len(photos)) if i not in found]
        smalls = _small_copies([(photos[i], thumbnails[i]) for i in new], spec, workers)
        rows = []
        for done, (i, small) in enumerate(zip(new, smalls, strict=True), start=1):
            found[i] = Capture(facts=capture_facts(photos[i]), small=small)
            rows.append((path_key(photos[i]), stamps[i], found[i]))
            if len(rows) == _BATCH or done == len(new):
                _put(connection, rows)
                rows = []
            progress(done, len(new))
        _forget(connection, known.keys() - {path_key(photo) for photo in photos})
    return [found[i] for i in range(len(photos))]


def _small_copies(
    sources: Sequence[tuple[Path, Path]], spec: PreprocessSpec, workers: int | None
) -> Iterator[NDArray[np.uint8]]:
    """Of each thumbnail, or where there is none, of the photo."""
    if not sources:  # no decoding process is started for nothing
        return
    tasks = (Task(small if small.is_file() else photo) for photo, small in sources)
    with DecoderPool(spec, with_facts=False, workers=workers) as pool:
        for prepared in pool.map(tasks):
            yield _small(prepared)


def _small(prepared: Prepared | ImageError) -> NDArray[np.uint8]:
    from PIL import Image

    if isinstance(prepared, ImageError):
        return np.zeros(SMALL_BYTES, np.uint8)
    return small_copy(Image.fromarray(prepared.pixels))


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    try:
        try:
            connection = _connect(path)
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorname", "") not in ("SQLITE_NOTADB", "SQLITE_CORRUPT"):
                raise
            path.unlink()
            connection = _connect(path)
        with closing(connection):
            yield connection
    except (sqlite3.DatabaseError, OSError) as error:
        raise OutputError(f"cannot read or write {path} ({error}); see that the disk has room and "
                          "the folder may be written, or delete the file")  from None  # fmt: skip


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path)
    try:
        if connection.execute("PRAGMA user_version").fetchone()[0] != VERSION:
            connection.execute("DROP TABLE IF EXISTS capture")
            connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute(_TABLE)
        connection.commit()
    except BaseException:
        connection.close()
        raise
    return connection


def _short(stamp: Stamp) -> tuple[int, int]:
    return stamp.size, stamp.mtime_ns


def _known(
    connection: sqlite3.Connection,
) -> Iterator[tuple[bytes, tuple[tuple[int, int], Capture]]]:
    for path, size, mtime, facts, small in connection.execute("SELECT * FROM capture"):
        try:
            capture = Capture(
                facts=CaptureFacts(**json.loads(facts)), small=np.frombuffer(small, np.uint8)
            )
        except (ValueError, TypeError):  # not what we wrote: read again
            continue
        if capture.small.size == SMALL_BYTES:
            yield path, ((size, mtime), capture)


def _put(
    connection: sqlite3.Connection, rows: Sequence[tuple[bytes, Stamp | None, Capture]]
) -> None:
    with connection:
        connection.executemany(
            "INSERT OR REPLACE INTO capture VALUES (?, ?, ?, ?, ?)",
            [(path, *_short(stamp), json.dumps(asdict(capture.facts)), capture.small.tobytes())
             for path, stamp, capture in rows if stamp is not None and capture.small.any()],
        )  # fmt: skip


def _forget(connection: sqlite3.Connection, paths: set[bytes]) -> None:
    with connection:
        connection.executemany(
            "DELETE FROM capture WHERE path = ?", [(path,) for path in sorted(paths)]
        )
