"""Writing files so that a reader never meets half of one."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from iae.errors import OutputError


@contextmanager
def written_whole(target: Path, *, make_parents: bool = True) -> Iterator[Path]:
    """Yield a temporary path beside ``target``; it takes the target's name when all went well.

    If something goes wrong, the temporary file is removed and an older ``target`` stays as it was.

    Args:
        target: the file.
        make_parents: whether to make its folder. A long run that has made it says no, so that a
            folder which is removed meanwhile is not made again.

    Raises:
        OutputError: the folder or the file cannot be written.
    """
    if target.is_dir():
        raise OutputError(f"cannot write {target}: Is a directory; name a file")
    part = target.with_name(f".{target.name}.part")
    try:
        if make_parents:
            make_folder(target.parent)
        yield part
        part.replace(target)
    except OSError as error:
        raise OutputError(f"cannot write {target}: {error.strerror or error}") from None
    finally:
        with suppress(OSError):  # gone already, or the folder itself is what went wrong
            part.unlink()


def keep_outside(target: Path, source: Path, option: str) -> None:
    """Refuse to write into what is only read.

    Args:
        target: the file or folder that would be written; symlinks are followed.
        source: the file or folder that is read.
        option: what the user chooses ``target`` with, for the message.

    Raises:
        OutputError: ``target`` is ``source``, or lies in that folder.
    """
    real, root = Path(os.path.realpath(target)), Path(os.path.realpath(source))
    if real == root or (root.is_dir() and real.is_relative_to(root)):
        raise OutputError(f"{target} lies inside the data set {source}, which stays as it is; "
                          f"choose a place outside with {option}")  # fmt: skip


def make_folder(folder: Path) -> None:
    """Make a folder for results, with those above it, unless it exists.

    Raises:
        OutputError: something else has its name, or it cannot be made or written into.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise OutputError(f"cannot make the folder {folder}: a file has that name; "
                          "choose another with -o")  from None  # fmt: skip
    except NotADirectoryError:
        raise OutputError(f"cannot make the folder {folder}: a part of that path is a file; "
                          "choose another with -o") from None  # fmt: skip
    except OSError as error:
        raise OutputError(f"cannot make the folder {folder}: {error.strerror}") from None
    if not os.access(folder, os.W_OK | os.X_OK):  # known before the work, not after it
        raise OutputError(f"cannot write into the folder {folder}: Permission denied")


def refuse_taken(folder: Path) -> None:
    """See that a folder is new or empty: nothing of anybody's is ever written over.

    Raises:
        OutputError: it holds something, or is no folder.
    """
    try:
        is_free = not os.path.lexists(folder) or (folder.is_dir() and not any(folder.iterdir()))
    except OSError as error:
        raise OutputError(f"cannot look into {folder}: {error.strerror}") from None
    if not is_free:
        raise OutputError(f"{folder} exists already; name a new or empty folder")


@contextmanager
def appearing(folder: Path) -> Iterator[Path]:
    """Yield a hidden folder beside ``folder``; it takes the name when all went well.

    If something goes wrong it is removed.

    Raises:
        OutputError: ``folder`` cannot be written, or the hidden one is in the way.
    """
    real = Path(os.path.realpath(folder))
    part = real.with_name(f".{real.name}.part")
    make_folder(real.parent)
    try:
        part.mkdir()
    except FileExistsError:
        raise OutputError(f"{part} is in the way, perhaps of a run that was killed; remove it or "
                          "name another folder") from None  # fmt: skip
    except OSError as error:
        raise OutputError(f"cannot make the folder {folder}: {error.strerror}") from None
    try:
        yield part
        if real.exists():
            real.rmdir()  # it is empty, or this fails
        part.rename(real)
    except OSError as error:
        raise OutputError(f"cannot write {folder}: {error.strerror or error}") from None
    finally:
        shutil.rmtree(part, ignore_errors=True)
