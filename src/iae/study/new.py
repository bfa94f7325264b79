"""Making the folder of a study: ``study.toml`` and, if it is SQLite, the database beside it."""

import os
import time
from collections.abc import Sequence
from pathlib import Path

from iae.errors import OutputError
from iae.files import make_folder, written_whole
from iae.study.clock import milliseconds
from iae.study.create import fill
from iae.study.engines import database_url
from iae.study.errors import StudyError
from iae.study.migrate import migrate
from iae.study.settings import FILE, StudySettings, load_settings
from iae.study.storage import Storage


def new_study(folder: Path, text: str, photos: Path, names: Sequence[str]) -> StudySettings:
    """Make a study.

    Args:
        folder: it must not hold a study yet; it is made if it is not there.
        text: what ``study.toml`` should say.
        photos: the folder of the photos.
        names: of the photos, relative to it.

    Returns:
        The settings, as they were read back.

    Raises:
        StudyError: there is a study already, or no photo.
        ConfigError: the text holds a wrong setting; nothing is left behind.
        OutputError, StorageError: it cannot be written.
    """
    path = folder / FILE
    if path.exists():
        raise StudyError(f"{folder} holds a study already; choose another folder")
    make_folder(folder)
    with written_whole(path) as part:
        part.write_text(text, "utf-8")
    try:
        settings = load_settings(path)
        _make_database(folder, settings, photos, names)
    except BaseException:
        path.unlink()
        raise
    return settings


def _make_database(
    folder: Path, settings: StudySettings, photos: Path, names: Sequence[str]
) -> None:
    url = database_url(settings.database, folder)
    storage = Storage(url)
    made = storage.is_sqlite and not storage.file.exists()
    if storage.is_sqlite and not made:
        raise OutputError(f"{storage.file} exists already; choose another folder")
    try:
        with storage.writing() as connection:
            migrate(connection)
            real = Path(os.path.realpath(photos))
            fill(connection, settings, real, names, milliseconds(time.time()))
    except BaseException:
        storage.close()
        if made:
            for suffix in ("", "-wal", "-shm"):
                Path(f"{storage.file}{suffix}").unlink(missing_ok=True)
        raise
    storage.close()
