"""A copy of the database while raters go on voting."""

import sqlite3
from contextlib import closing
from pathlib import Path

from iae.errors import OutputError
from iae.files import written_whole
from iae.study.errors import StorageError, StudyError
from iae.study.storage import Storage

_PAGES = 256
"""Copied in one go (1 MB); votes are stored in between."""


def backup(storage: Storage, target: Path) -> None:
    """Copy a SQLite database to ``target``, whole and as of one moment; votes go on meanwhile.

    Raises:
        StudyError: the study is on PostgreSQL, whose own programs do this; the text says how.
        OutputError: the copy cannot be written; an older one of that name stays as it was.
        StorageError: the database cannot be read.
    """
    if not storage.is_sqlite:
        url = storage.url.set(drivername="postgresql").render_as_string(hide_password=True)
        raise StudyError("this study is on PostgreSQL; back it up while it runs with: "
                         f"pg_dump --format=custom --file={target} '{url}'")  # fmt: skip
    if target.resolve() == storage.file.resolve():
        raise OutputError(f"{target} is the study database itself; name another file")
    with written_whole(target) as part:
        try:
            with (
                closing(sqlite3.connect(f"{storage.file.resolve().as_uri()}?mode=rw", uri=True))
                as source, closing(sqlite3.connect(part)) as copy,
            ):  # fmt: skip
                source.execute("BEGIN")  # one moment, however long the copying takes
                source.execute("SELECT count(*) FROM study").fetchone()
                source.backup(copy, pages=_PAGES)
                if copy.execute("PRAGMA quick_check").fetchone() != ("ok",):
                    raise StorageError(f"the study database {storage.file} is damaged")
        except sqlite3.Error as error:
            raise OutputError(f"cannot copy {storage.file} to {target}: {error}") from None
