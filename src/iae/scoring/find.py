"""Photos below the paths a person names."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from iae.errors import DataError, ImageError
from iae.images.decode import PHOTO_SUFFIXES, SUFFIXES, UNREAD_SUFFIXES

THUMBNAILS_MARK = ".iae-thumbnails"
"""An empty file of this name tells a later search that a folder holds thumbnails, not photos."""


@dataclass(frozen=True)
class Found:
    """One photo, or one place where no photo could be looked for."""

    path: Path
    """As named, with the folders below it: what opens the file from here."""
    problem: ImageError | None = None
    """Why it was not even tried."""

    @property
    def name(self) -> str:
        """The path as text that every file format can hold; undecodable bytes are escaped."""
        return str(self.path).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def find_photos(arguments: Sequence[Path], *, leave_out: Path) -> list[Found]:
    """Files named directly (whatever their suffix), and photos in folders named, recursively.

    Folders are searched for files with a photo's suffix, in sorted order (those of kinds that are
    not read come with that as their problem); hidden folders,
    ``leave_out`` (where results go), thumbnails of other runs and folders met before (links in
    circles) are not entered. A file that is met twice, by whatever name, is listed once.

    Raises:
        DataError: an argument does not exist or is ``leave_out``, or nothing was found at all.
    """
    results = os.path.realpath(leave_out)
    for argument in arguments:
        try:
            argument.lstat()
        except FileNotFoundError:
            raise DataError(f"there is no file or folder {argument}") from None
        except OSError as error:
            raise DataError(f"cannot look for photos in {argument}: {error.strerror}") from None
        if os.path.realpath(argument) == results:
            raise DataError(f"the results cannot go to {leave_out}, which is to be scored; "
                            "choose another folder with -o")  # fmt: skip
    seen = {results}
    found = [entry for argument in arguments for entry in _search(argument, seen)]
    if not found:
        where = ", ".join(str(argument) for argument in arguments)
        raise DataError(f"no photos in {where}; files looked for: {' '.join(sorted(SUFFIXES))}")
    return found


def _search(argument: Path, seen: set[str]) -> Iterator[Found]:
    real = _real(argument)
    if os.path.isdir(argument):  # noqa: PTH112  # Path.is_dir raises where nobody may look
        yield from _walk(argument, real, seen)
    elif _first_meeting(real, seen):
        yield Found(argument)


def _walk(folder: Path, real: str | None, seen: set[str]) -> Iterator[Found]:
    # The next one last; folders can lie deeper than Python recurses.
    to_visit: list[tuple[Path, bool, str | None]] = [(folder, True, real)]
    while to_visit:
        path, is_folder, real = to_visit.pop()
        if not _first_meeting(real, seen):
            continue
        if not is_folder:
            yield Found(path, _unread(path))
            continue
        try:
            entries = sorted(os.scandir(path), key=lambda entry: entry.name, reverse=True)
        except OSError as error:
            yield Found(path, ImageError(f"the folder cannot be listed: {error.strerror}"))
            continue
        if path != folder and any(entry.name == THUMBNAILS_MARK for entry in entries):
            continue
        to_visit += [(path / entry.name, _is_folder(entry), _real_entry(entry, real))
                     for entry in entries if _wanted(entry)]  # fmt: skip


def _wanted(entry: os.DirEntry[str]) -> bool:
    if _is_folder(entry):
        return not entry.name.startswith(".")
    # macOS keeps resource forks under names with "._".
    suffix = Path(entry.name).suffix.lower()
    return suffix in PHOTO_SUFFIXES | UNREAD_SUFFIXES and not entry.name.startswith("._")


def _unread(path: Path) -> ImageError | None:
    suffix = path.suffix.lower()
    if suffix not in UNREAD_SUFFIXES:
        return None
    return ImageError(f"{suffix[1:].upper()} files are not read; make a JPEG of it")


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link in a circle
        return False


def _real(path: Path) -> str | None:
    """The path without links; None where it leads nowhere, or in a circle."""
    try:
        return os.path.realpath(path, strict=True)
    except OSError:
        return None


def _real_entry(entry: os.DirEntry[str], folder: str | None) -> str | None:
    """The same for an entry of a folder: only a link has to be followed, which is dear."""
    if folder is None or entry.is_symlink():
        return _real(Path(entry.path))
    return os.path.join(folder, entry.name)  # noqa: PTH118


def _first_meeting(real: str | None, seen: set[str]) -> bool:
    if real is None:
        return True  # a broken link is reported when it cannot be opened
    if real in seen:
        return False
    seen.add(real)
    return True
