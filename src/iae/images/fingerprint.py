"""Fingerprints: is this the same picture, also resized, recompressed, re-encoded or mirrored?

A fingerprint holds a small squeezed copy of the picture, 32×32 in brightness and 8×8 in each colour
channel. :mod:`iae.images.similar` compares many of them.
"""

import hashlib
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from iae.images.decode import FORMATS, load_photo

LUMA_SIDE, CHROMA_SIDE = 32, 8
"""Sides of the small copy: of its brightness, and of each of its two colour channels."""

SMALL_BYTES = LUMA_SIDE**2 + 2 * CHROMA_SIDE**2

_DECODE_SIDE = 4 * LUMA_SIDE
"""Smallest side at which libjpeg's scaled decoding leaves the small copy as it is: at twice its
side one in ten copies of a third of the size was missed, at four times none."""

_FLAT_SMALL, _FLAT_PIXELS = 2, 24
"""A picture is flat if no two parts of its small copy differ by more than the first, and no two
pixels by more than the second (a dark frame has noise; thin writing shows in the small copy)."""

Small = NDArray[np.uint8]
"""(SMALL_BYTES,) Y 32×32, then Cb and Cr 8×8, each row by row."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Fingerprint:
    """What is needed to tell whether two files show the same picture."""

    width: int
    height: int
    """Size in pixels of the upright picture."""
    small: Small
    """(SMALL_BYTES,) the small copy."""
    is_flat: bool
    """Whether it is of one colour, but for noise: there is nothing to compare."""
    pixels: str | None
    """Hash of every decoded pixel; None where a large JPEG was decoded at a fraction of its size
    (see :func:`pixel_digest`)."""


def take_fingerprint(file: BinaryIO) -> Fingerprint:
    """The fingerprint of one encoded picture.

    Args:
        file: at its beginning; a large JPEG is decoded at a fraction of its size.

    Raises:
        ImageError: it cannot be read as a photo; the text is the reason.
    """
    full_size = _stored_size(file)
    file.seek(0)
    photo = load_photo(file, min_side=_DECODE_SIDE)
    is_full = full_size in (photo.size, photo.size[::-1])  # turned by its EXIF orientation
    width, height = photo.size
    if not is_full and full_size is not None:
        width, height = full_size if (width >= height) == (full_size[0] >= full_size[1]) else (
            full_size[::-1])  # fmt: skip
    small = small_copy(photo)
    return Fingerprint(
        width=width,
        height=height,
        small=small,
        is_flat=_is_flat(small, photo),
        pixels=_digest(photo) if is_full else None,
    )


def pixel_digest(file: BinaryIO) -> str:
    """Hash of every decoded pixel and the size; equal for lossless copies in any format.

    Raises:
        ImageError: it cannot be read as a photo.
    """
    return _digest(load_photo(file))


def _stored_size(file: BinaryIO) -> tuple[int, int] | None:
    try:
        with Image.open(file, formats=FORMATS) as image:
            return image.size
    except Exception:  # whatever it is, load_photo meets it too and says it properly
        return None


def _digest(photo: Image.Image) -> str:
    size = f"{photo.width}×{photo.height}\0".encode()
    return hashlib.sha256(size + photo.tobytes()).hexdigest()


def _is_flat(small: Small, photo: Image.Image) -> bool:
    luma, chroma = small[: LUMA_SIDE**2], small[LUMA_SIDE**2 :].reshape(2, -1)
    if max(int(np.ptp(luma)), int(np.ptp(chroma, axis=1).max())) > _FLAT_SMALL:
        return False  # nearly every picture; the pixels themselves need not be asked
    pixels = np.asarray(photo)
    return int(np.ptp(pixels, axis=(0, 1)).max()) <= _FLAT_PIXELS


def small_copy(photo: Image.Image) -> Small:
    """(SMALL_BYTES,) the small copy of an upright RGB picture, squeezed to a square."""
    # Bilinear (which here averages over all pixels): with a box filter, whose windows fall between
    # pixels, a photo and its own copy at half the size came out 2.4 grey levels apart, not .4.
    small = photo.resize((LUMA_SIDE, LUMA_SIDE), Image.Resampling.BILINEAR).convert("YCbCr")
    y, cb, cr = small.split()
    colour = [
        c.resize((CHROMA_SIDE, CHROMA_SIDE), Image.Resampling.BOX).tobytes() for c in (cb, cr)
    ]
    return np.frombuffer(y.tobytes() + b"".join(colour), dtype=np.uint8)
