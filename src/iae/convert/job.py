"""The whole conversion: into a folder beside, which takes its name when all is written."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from iae.convert import iea, imagefolder, parquet, uae, webdataset
from iae.convert.target import Progress, Target, WriteOptions
from iae.data.dataset import Dataset
from iae.errors import OutputError
from iae.files import make_folder

TARGETS: tuple[Target, ...] = (
    uae.TARGET,
    iea.TARGET,
    imagefolder.TARGET,
    parquet.TARGET,
    webdataset.TARGET,
)
"""Every form that is written; a new one is a module and a line here."""

_MARK = ".iae-convert"
"""A file of this name, locked while it works, says that a folder is the work of this job."""


def convert(
    dataset: Dataset, target: Target, out: Path, options: WriteOptions, progress: Progress
) -> None:
    """Write a data set in another form.

    Images whose picture cannot be read are listed in ``out`` (see ``read_unreadable``).
    All is written into ``OUT.part``, which is renamed at the end: ``out`` is whole or absent. What
    a killed run left of such a folder is replaced; what somebody else made is never touched.

    Args:
        dataset: what to write; its files are only read.
        target: the form.
        out: a folder that does not exist, or is empty.
        options: choices about the form.
        progress: called with images done and images in all.

    Raises:
        OutputError: ``out`` has contents or lies inside the data set, or cannot be written.
        DataError: no picture at all can be read.
    """
    out = Path(os.path.realpath(out))
    _refuse_taken(out, dataset)
    with _working_folder(out) as part:
        try:
            target.write(dataset, part, options, progress)
        except OSError as error:
            raise OutputError(f"cannot write {error.filename or part}: {error.strerror or error}"
                              ) from None  # fmt: skip


def _refuse_taken(out: Path, dataset: Dataset) -> None:
    root = Path(os.path.realpath(dataset.root))
    if out == root or (root.is_dir() and out.is_relative_to(root)):
        raise OutputError(f"{out} lies inside the data set {root}, which stays as it is; "
                          "choose a folder outside with -o")  # fmt: skip
    if out.is_dir() and not any(out.iterdir()):
        return
    if out.exists():
        raise OutputError(f"{out} exists already; choose a new or empty folder with -o")


@contextmanager
def _working_folder(out: Path) -> Iterator[Path]:
    """``OUT.part``, made new; renamed to ``OUT`` if all went well, else removed."""
    part = out.with_name(f"{out.name}.part")
    make_folder(out.parent)
    if part.is_symlink() or (part.exists() and not (part / _MARK).is_file()):
        raise OutputError(f"{part} is in the way and was not made by iae data convert; "
                          "move it away or choose another -o")  # fmt: skip
    make_folder(part)
    with (part / _MARK).open("a") as mark:
        _lock(mark, part)
        _clear(part)
        try:
            yield part
            (part / _MARK).unlink()
            part.rename(out)
        except OSError as error:
            raise OutputError(f"cannot write {out}: {error.strerror or error}") from None
        finally:
            if part.is_dir():  # it failed: nobody should take half a data set for a whole one
                _remove(part)


def _lock(mark: TextIO, part: Path) -> None:
    try:
        fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise OutputError(f"another iae data convert is writing {part}") from None


def _remove(part: Path) -> None:
    """The mark goes last: what an interrupted removal leaves is known again by the next run."""
    with suppress(OSError):
        _clear(part)
        shutil.rmtree(part)


def _clear(part: Path) -> None:
    for entry in part.iterdir():
        if entry.name == _MARK:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
