"""File names that every system and loader can hold, one for each image, folders kept."""

import hashlib
import re
from pathlib import PurePosixPath

from iae.images.decode import SUFFIXES

_UNSAFE = re.compile(r'[\x00-\x1f\x7f\\:*?"<>|#%\ud800-\udfff]')
"""What Windows refuses, what URLs and fsspec (``a::b``) read as syntax, bytes that are no text."""
_MAX = 200
"""Bytes of one part of a path; file systems take 255."""
_RESERVED = ("metadata.jsonl", "metadata.csv", "metadata.parquet")


def safe_name(name: str) -> str:
    r"""The name with what is unsafe replaced by ``_``; most names stay as they are.

    >>> safe_name("2019/a photo.jpg"), safe_name("/../a#1\n.jpg")
    ('2019/a photo.jpg', 'a_1_.jpg')
    """
    parts = [_UNSAFE.sub("_", part) for part in name.split("/")]
    kept = [_shortened(part.rstrip(" .").lstrip()) for part in parts if part not in ("", ".", "..")]
    return "/".join(part for part in kept if part) or "image"


def _shortened(part: str) -> str:
    if len(part.encode()) <= _MAX:
        return part
    suffix = PurePosixPath(part).suffix[:10]
    digest = hashlib.sha256(part.encode()).hexdigest()[:12]
    return part.encode()[: _MAX - 30].decode("utf-8", "ignore") + f"-{digest}{suffix}"


def has_photo_suffix(name: str) -> bool:
    """Whether a name ends as the file of a photo does."""
    return PurePosixPath(name).suffix.lower() in SUFFIXES


class FileNames:
    """Hands out each file name of a folder once, also where upper and lower case are the same."""

    def __init__(self) -> None:
        self._taken = set(_RESERVED)
        self._folders: set[str] = set()

    def claim(self, name: str, suffix: str = "") -> str:
        """A free name for an image; ``suffix`` is added to one that does not end like a photo."""
        safe = safe_name(name)
        stem, ending = safe, suffix
        if has_photo_suffix(safe):
            ending = PurePosixPath(safe).suffix
            stem = safe[: -len(ending)]
        if _above(stem) & self._taken:  # a file has the name of its folder
            stem = stem.replace("/", "_")
        number = 1
        while not self._is_free(found := stem + (f"-{number}" if number > 1 else "") + ending):
            number += 1
        self._taken.add(found.casefold())
        self._folders |= _above(found)
        return found

    def _is_free(self, name: str) -> bool:
        key = name.casefold()
        return key not in self._taken and key not in self._folders


def _above(name: str) -> set[str]:
    """The folders of a name, in small letters."""
    return {str(folder) for folder in PurePosixPath(name.casefold()).parents}
