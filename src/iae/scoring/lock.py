"""One run at a time on a folder of results: a lock that the system takes back from the dead."""

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from iae.errors import OutputError

LOCK = "lock"
"""Name of the lock file. It stays when the lock is given back: whoever removed it could take it
from under a run that has just opened it. What counts is the system's lock on it, not its being
there, so that a killed run leaves no obstacle."""

_NOTE_BYTES = 1000
"""At most so much is read of what the holder says about itself."""

_LOCKED_BYTE = 1 << 20
"""Windows forbids others to read a locked byte; this one lies behind the note."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder of results.

    Args:
        folder: an existing folder, in which the file ``lock`` is made.

    Raises:
        OutputError: another run holds it (the text says which, and since when), or the file
            system cannot lock.
    """
    path = folder / LOCK
    try:
        # Not "w": what the holder has written must be there to be read. Python lets no program
        # started from here inherit the file, so a decoder that outlives a killed run holds nothing.
        file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o666), "r+b", buffering=0)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}") from None
    with file:
        try:
            taken = _take(file)
        except OSError as error:
            raise OutputError(f"cannot lock {path}: {error.strerror}; choose a folder on another "
                              "disk with -o") from None  # fmt: skip
        if not taken:
            raise OutputError(f"another run is writing into {folder.parent} ({_holder(file)}); "
                              "wait for it, or choose another folder with -o")  # fmt: skip
        _note(file)
        try:
            yield
        finally:
            _give_back(file)


def _note(file: BinaryIO) -> None:
    since = datetime.now().astimezone().isoformat(" ", "seconds")
    text = f"process {os.getpid()} on {socket.gethostname()}, since {since}"
    try:
        file.truncate(0)
        file.write(text.encode())
    except OSError:  # a full disk says so where it matters
        file.truncate(0)


def _holder(file: BinaryIO) -> str:
    text = file.read(_NOTE_BYTES).decode("utf-8", "replace").strip()
    return text or "it does not say which"


if sys.platform == "win32":
    import msvcrt

    def _take(file: BinaryIO) -> bool:
        """Whether the lock is ours now; it ends with the process, however that ends."""
        file.seek(_LOCKED_BYTE)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        finally:
            file.seek(0)
        return True

    def _give_back(file: BinaryIO) -> None:
        file.seek(_LOCKED_BYTE)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _take(file: BinaryIO) -> bool:
        """Whether the lock is ours now; it ends with the process, however that ends."""
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _give_back(file: BinaryIO) -> None:
        file.truncate(0)  # while it is held: nobody else's note is wiped
        fcntl.flock(file, fcntl.LOCK_UN)
