"""The two places for marks, sidecars and the photos themselves, behind one set of three steps."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

from iae.errors import XmpError
from iae.xmp.embed import Embedding, embedded, read_embedded
from iae.xmp.exiftool import ExifTool
from iae.xmp.marks import Marks, Values
from iae.xmp.merge import Changes
from iae.xmp.packet import EMPTY, edit_packet, read_packet
from iae.xmp.replace import current_bytes
from iae.xmp.scan import embedded_packet
from iae.xmp.sidecar import read_sidecar, sidecar_of


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A photo whose file has to change."""

    photo: Path
    file: Path
    """The file that holds the marks: the sidecar, or the photo itself."""
    marks: Marks
    changes: Changes


class Versions(NamedTuple):
    """A file's bytes (None: it is not there) and what they become."""

    old: bytes | None
    new: bytes


class Target(Protocol):
    """Where marks go."""

    batch: int
    """How many photos are worked on at once."""

    def file_of(self, photo: Path) -> Path:
        """The file that holds, or will hold, the marks. Raises XmpError."""

    def values(self, photos: Sequence[Path], files: Sequence[Path]) -> list[Values | XmpError]:
        """What they say now, or why that cannot be known."""

    def edited(self, plans: Sequence[Planned]) -> list[Versions | XmpError]:
        """The files and what they become, or why they cannot be changed."""


class Sidecars:
    """``photo.jpg.xmp``, or by the stem ``photo.xmp``."""

    batch = 64

    def __init__(self, *, stem: bool) -> None:
        self._stem = stem
        self._names: dict[Path, frozenset[str]] = {}
        self._beginnings: dict[Path, bytes] = {}  # of one batch: a raw file is searched once

    def file_of(self, photo: Path) -> Path:
        """The sidecar; where it is a link, the file that it leads to."""
        if not photo.is_file():
            raise XmpError("there is no such photo (any more)")
        path = sidecar_of(photo, self._listed(photo.parent), stem=self._stem)
        return Path(os.path.realpath(path)) if path.is_symlink() and path.is_file() else path

    def values(self, photos: Sequence[Path], files: Sequence[Path]) -> list[Values | XmpError]:
        """Read each sidecar, or what a new one would begin with."""
        self._beginnings.clear()
        return [self._values(photo, file) for photo, file in zip(photos, files, strict=True)]

    def edited(self, plans: Sequence[Planned]) -> list[Versions | XmpError]:
        """The sidecars with the changes."""
        return [self._edited(plan) for plan in plans]

    def _edited(self, plan: Planned) -> Versions | XmpError:
        try:
            old = read_sidecar(plan.file)
            data = self._beginning(plan.photo) if old is None else old
            return Versions(old, edit_packet(data, plan.changes))
        except XmpError as error:
            return error

    def _values(self, photo: Path, file: Path) -> Values | XmpError:
        try:
            data = read_sidecar(file)
            return read_packet(self._beginning(photo) if data is None else data)
        except XmpError as error:
            text = str(error)
            return XmpError(text if file.name in text else f"{file.name} {text}")

    def _beginning(self, photo: Path) -> bytes:
        """What a new sidecar begins with: what is said of the photo already.

        Programs prefer a sidecar to what is inside of the photo, and one name of it to the other: a
        new one with our marks alone would hide the stars and keywords that a person gave.
        """
        if photo not in self._beginnings:
            self._beginnings[photo] = self._said_already(photo)
        return self._beginnings[photo]

    def _said_already(self, photo: Path) -> bytes:
        for data in (self._by_the_other_name(photo), embedded_packet(photo)):
            if data is None:
                continue
            try:
                read_packet(data)
                return data
            except XmpError:
                pass  # no program can read it either
        return EMPTY

    def _by_the_other_name(self, photo: Path) -> bytes | None:
        try:
            names = self._listed(photo.parent)
            return read_sidecar(sidecar_of(photo, names, stem=not self._stem))
        except XmpError:  # by its stem it is another photo's
            return None

    def _listed(self, folder: Path) -> frozenset[str]:
        if folder not in self._names:
            try:
                self._names[folder] = frozenset(path.name for path in folder.iterdir())
            except OSError as error:
                raise XmpError(f"its folder cannot be listed: {error.strerror}") from None
        return self._names[folder]


class Photos:
    """The photo files themselves, through a running ExifTool."""

    batch = 16  # photos are held in memory; fewer would start ExifTool more often

    def __init__(self, tool: ExifTool) -> None:
        self._tool = tool

    def file_of(self, photo: Path) -> Path:
        """The photo; where it is a link, the file that it leads to."""
        if not photo.is_file():
            raise XmpError("there is no such photo (any more)")
        return Path(os.path.realpath(photo))

    def values(self, photos: Sequence[Path], files: Sequence[Path]) -> list[Values | XmpError]:
        """Read the packets inside of the photos."""
        return read_embedded(self._tool, files)

    def edited(self, plans: Sequence[Planned]) -> list[Versions | XmpError]:
        """The photos' files with the changes, their pictures the same."""
        wanted = [Embedding(photo=p.file, marks=p.marks, changes=p.changes) for p in plans]
        return [
            data if isinstance(data, XmpError) else _versions(plan.file, data)
            for plan, data in zip(plans, embedded(self._tool, wanted), strict=True)
        ]


def _versions(file: Path, new: bytes) -> Versions | XmpError:
    try:
        return Versions(current_bytes(file), new)
    except XmpError as error:
        return error
