"""What one picture of a data set is: looked at once, whatever is wrong with it."""

import hashlib
import io
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from iae.data.dataset import FileStore, ImageStore
from iae.data.records import ImageRecord
from iae.errors import ImageError
from iae.images.fingerprint import Fingerprint, pixel_digest, take_fingerprint
from iae.images.kind import kind_of

State = Literal["readable", "missing", "empty", "unreadable"]

_HEAD = 32
"""Bytes that show which kind of file it is."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class PhotoFacts:
    """One picture as it was found."""

    name: str
    """The image's name in its data set."""
    state: State
    size: int = 0
    """Bytes of the encoded file."""
    mtime: int | None = None
    """Last change in nanoseconds, of files."""
    sha256: str = ""
    """Of the encoded file; empty where there is none."""
    kind: str | None = None
    """By its content: JPEG, PNG … (see ``kind_of``)."""
    problem: str = ""
    """Why it is not readable."""
    fingerprint: Fingerprint | None = None
    """Of what is readable."""


def look_at(record: ImageRecord, store: ImageStore, known: PhotoFacts | None) -> PhotoFacts:
    """The facts of one picture; never raises.

    Args:
        record: whose picture.
        store: where the pictures are; files are streamed, not held.
        known: the facts of an earlier look, given back if the picture has not changed since (a
            file: the same size and time; anything else: the same bytes).
    """
    try:
        if isinstance(store, FileStore):
            return _look_at_file(record, known)
        return _look_at_bytes(record.name, store.read(record), known)
    except ImageError as error:
        return PhotoFacts(name=record.name, state="unreadable", problem=str(error))
    except Exception as error:  # a picture that trips a reader is a finding, not the end of a run
        problem = f"{type(error).__name__}: {error}"[:200]
        return PhotoFacts(name=record.name, state="unreadable", problem=problem)


def digest_of(record: ImageRecord, store: ImageStore) -> str | None:
    """Hash of all its decoded pixels, or None where it cannot be read (any more)."""
    try:
        return pixel_digest(io.BytesIO(store.read(record)))
    except ImageError:
        return None


def _look_at_file(record: ImageRecord, known: PhotoFacts | None) -> PhotoFacts:
    name, path = record.name, record.path
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        problem = "a link to nothing" if path.is_symlink() else "there is no such file"
        return PhotoFacts(name=name, state="missing", problem=problem)
    except OSError as error:
        problem = f"cannot read the file: {error.strerror}"
        return PhotoFacts(name=name, state="unreadable", problem=problem)
    if not stat.S_ISREG(found.st_mode):  # opening a pipe would wait for its writer for ever
        return PhotoFacts(name=name, state="unreadable", problem="not a regular file")
    if known and (known.size, known.mtime) == (found.st_size, found.st_mtime_ns):
        return known
    return _open_and_look(name, path, found.st_mtime_ns)


def _open_and_look(name: str, path: Path, mtime: int) -> PhotoFacts:
    try:
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            return _look_at_open(name, file, sha256, size=file.tell(), mtime=mtime)
    except OSError as error:
        problem = f"cannot read the file: {error.strerror}"
        return PhotoFacts(name=name, state="unreadable", problem=problem)


def _look_at_bytes(name: str, data: bytes, known: PhotoFacts | None) -> PhotoFacts:
    sha256 = hashlib.sha256(data).hexdigest()
    if known and known.sha256 == sha256:
        return known
    return _look_at_open(name, io.BytesIO(data), sha256, size=len(data), mtime=None)


def _look_at_open(
    name: str, file: BinaryIO, sha256: str, *, size: int, mtime: int | None
) -> PhotoFacts:
    if size == 0:
        return PhotoFacts(name=name, state="empty", mtime=mtime, problem="0 bytes")
    file.seek(0)
    kind = kind_of(file.read(_HEAD))
    file.seek(0)
    fingerprint, problem = None, ""
    try:
        fingerprint = take_fingerprint(file)
    except ImageError as error:
        problem = f"{error}; it is {kind}" if kind in ("HTML", "PDF", "ZIP") else str(error)
    return PhotoFacts(
        name=name,
        state="readable" if fingerprint else "unreadable",
        size=size,
        mtime=mtime,
        sha256=sha256,
        kind=kind,
        problem=problem,
        fingerprint=fingerprint,
    )
