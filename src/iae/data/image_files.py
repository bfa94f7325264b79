"""Image files below a folder, found by the names that label files give them."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from iae.errors import DataError
from iae.images.decode import SUFFIXES


def image_names(folder: Path) -> Iterator[str]:
    """Names of the image files below a folder, relative to it, sorted within each folder.

    A folder that is a symlink is read; symlinks to folders below it are not followed (they may
    lead in circles). Hidden files, and what is no image by its suffix, are passed over. A folder
    that is not there has no images.

    Raises:
        DataError: a folder may not be read: whatever is in it would silently be missing.
    """
    for parent, folders, files in os.walk(folder, onerror=_refuse_unreadable):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        prefix = PurePosixPath(os.path.relpath(parent, folder).replace(os.sep, "/"))
        for name in sorted(files):
            if is_image_name(name):
                yield name if prefix == PurePosixPath(".") else f"{prefix}/{name}"


def _refuse_unreadable(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError | NotADirectoryError):
        raise DataError(f"cannot read the folder {error.filename}: {error.strerror}; "
                        "make it readable, or move it out of the data set")  # fmt: skip


def is_image_name(name: str) -> bool:
    """Whether a file is taken for an image by its name.

    >>> is_image_name("A.JPG"), is_image_name("._a.jpg"), is_image_name("Thumbs.db")
    (True, False, False)
    """
    return not name.startswith(".") and os.path.splitext(name)[1].lower() in SUFFIXES  # noqa: PTH122


def subfolders(folder: Path) -> list[Path]:
    """Folders in a folder that are not hidden, sorted; symlinks to folders count."""
    return sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))


def first_folder(parent: Path, names: Sequence[str]) -> Path | None:
    """The first of the folders that is there, whatever the case of its name."""
    try:
        there = {path.name.lower(): path for path in subfolders(parent)}
    except OSError:
        return None
    return next((there[name] for name in names if name in there), None)


class ImageFiles:
    """The image files below a folder, indexed once: 250,000 look-ups cost no disk access."""

    def __init__(self, folder: Path, *, walk: bool = True) -> None:
        """With ``walk=False`` it is known that there are none."""
        self.folder = folder
        self._by_path: dict[str, str] = {}
        self._by_stem: dict[str, str] = {}
        for name in image_names(folder) if walk else ():
            bare = _without_suffix(name).lower()
            self._by_path.setdefault(bare, name)
            self._by_stem.setdefault(bare.rpartition("/")[2], name)

    def __len__(self) -> int:
        return len(self._by_path)

    def find(self, name: str) -> Path | None:
        """The file of a name or id, or None.

        Its suffix may be another image suffix, in capitals, or left out; where it is not at that
        path, a file of its name in any folder below will do.
        """
        if not self._by_path:
            return None
        bare = _without_suffix(name).lower()
        found = self._by_path.get(bare) or self._by_stem.get(bare.rpartition("/")[2])
        return None if found is None else self.folder / found

    def expect(self, name: str) -> Path:
        """The file of a name or id, or where it should be (an id gets the suffix ``.jpg``)."""
        return self.find(name) or self.folder / with_suffix(name)


def with_suffix(name: str) -> str:
    """The name of an image; a bare id gets ``.jpg``.

    >>> with_suffix("0042"), with_suffix("a.PNG")
    ('0042.jpg', 'a.PNG')
    """
    return name if _without_suffix(name) != name else f"{name}.jpg"


def _without_suffix(name: str) -> str:
    stem, suffix = os.path.splitext(name)  # noqa: PTH122  a quarter of a million times
    return stem if suffix.lower() in SUFFIXES else name
