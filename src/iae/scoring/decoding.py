"""One photo prepared for the network: decoded, measured, resized, with its thumbnail.

No process, thread or order of photos is known here: :mod:`iae.scoring.workers` calls this in its
child processes, one photo at a time.
"""

import math
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from iae.errors import ImageError
from iae.files import written_whole
from iae.images.decode import decode_photo
from iae.images.preprocess import Pixels, PreprocessSpec, to_pixels
from iae.images.technical import TechnicalFacts, technical_facts

THUMBNAIL_SIDE = 800
"""Longest side of a thumbnail at most, in pixels; it is at least half of it, unless the photo is
smaller."""


@dataclass(frozen=True)
class Task:
    """One photo to prepare."""

    path: Path
    """The file, which is only read."""
    thumbnail: Path | None = None
    """Where its thumbnail is written, in a folder that is there; None makes none."""


@dataclass(frozen=True)
class Prepared:
    """One photo, ready for the network."""

    pixels: Pixels
    """(size, size, 3) uint8 RGB in sRGB."""
    facts: TechnicalFacts | None
    """What was measured on the decoded photo; None where it was not asked for."""


def prepare_photo(task: Task, spec: PreprocessSpec, with_facts: bool) -> Prepared:
    """Decode, measure and resize one photo, and write its thumbnail if the task wants one.

    Raises:
        ImageError: the file cannot be read as a photo.
        OutputError: the thumbnail cannot be written.
    """
    try:
        photo = decode_photo(task.path, min_side=spec.decode_side)
        pixels = to_pixels(photo.image, spec)
        facts = technical_facts(photo) if with_facts else None
        if task.thumbnail is not None:
            _write_thumbnail(photo.image, task.thumbnail)
    except MemoryError:
        raise ImageError("not enough memory to decode it") from None
    return Prepared(pixels, facts)


def _write_thumbnail(image: Image.Image, target: Path) -> None:
    # Always from the decoding that is scored, so that a gallery changes no score.
    # By a whole number: the mean of whole blocks is as clean as a filter at a seventh of its cost.
    if (factor := math.ceil(max(image.size) / THUMBNAIL_SIDE)) > 1:
        image = image.reduce(factor)
    with written_whole(target, make_parents=False) as part:
        # Pillow would copy the photo's comment, and fail on one too long for a JPEG.
        image.save(part, "JPEG", quality=85, comment=b"")
