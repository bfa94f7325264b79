"""Photos as a screen needs them: decoded, made smaller, and written anew without metadata."""

import io
from pathlib import Path
from threading import BoundedSemaphore

from PIL import Image

from iae.errors import ImageError, OutputError
from iae.files import written_whole
from iae.images.decode import load_photo
from iae.study.service import Study

SIDES = (1024, 1600, 2400, 3200)
"""Longest sides in pixels that are kept; a page asks for the one that fills its screen."""

QUALITY = 95
"""Of the JPEG, with full colour (4:4:4): raters judge the photo, not our compression."""


class Screens:
    """Photos at screen size, each made once and kept in a folder beside the study.

    Args:
        folder: where they are kept; may be removed at any time, and need not be writable.
        at_once: how many are made at the same time; each takes a core and up to a gigabyte.
    """

    def __init__(self, folder: Path, *, at_once: int = 2) -> None:
        self._folder = folder
        self._slots = BoundedSemaphore(at_once)

    def jpeg(self, image_id: str, photo: Path, side: int) -> bytes:
        """The photo as a JPEG, upright, sRGB, at most ``side`` long, without metadata.

        A smaller photo keeps its size. A photo that was changed since is made anew.

        Raises:
            ImageError: it is gone, or cannot be read.
        """
        kept = self._folder / f"{image_id}-{side}-{_stamp(photo)}.jpg"
        try:
            return kept.read_bytes()
        except OSError:
            pass
        with self._slots:
            try:
                return kept.read_bytes()  # somebody made it while we waited
            except OSError:
                made = screen_jpeg(photo, side)
        self._keep(kept, made)
        return made

    def _keep(self, kept: Path, made: bytes) -> None:
        try:
            with written_whole(kept) as part:
                part.write_bytes(made)
        except OutputError:
            pass  # a full or read-only disk: it is made again the next time


def look_again(study: Study, screens: Screens) -> int:
    """Photos that had been unreadable and are mended are given to raters again; how many."""
    mended = 0
    for image_id, photo in study.unreadable_photos().items():
        try:
            screens.jpeg(image_id, photo, SIDES[0])
        except ImageError:
            continue
        study.is_mended(image_id)
        mended += 1
    return mended


def screen_side(wanted: int) -> int:
    """The smallest of :data:`SIDES` that is not below ``wanted`` pixels, or the largest.

    >>> screen_side(1440), screen_side(9000)
    (1600, 3200)
    """
    return next((side for side in SIDES if side >= wanted), SIDES[-1])


def screen_jpeg(photo: Path, side: int) -> bytes:
    """What :meth:`Screens.jpeg` keeps. Raises ``ImageError``."""
    image = load_photo(photo, min_side=side)
    image.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=None)
    image.info.clear()  # Pillow would write a profile or a comment back
    out = io.BytesIO()
    image.save(out, "JPEG", quality=QUALITY, subsampling=0, optimize=False)
    return out.getvalue()


def _stamp(photo: Path) -> str:
    """Changes with the file; any fixed word where there is none (decoding then says why)."""
    try:
        facts = photo.stat()
    except OSError:
        return "gone"
    return f"{facts.st_mtime_ns:x}-{facts.st_size:x}"
