"""HEIC photos, as telephones write them, through libheif (the extra ``heic``)."""

from typing import BinaryIO

from PIL import Image

from iae.errors import ImageError, MissingExtraError


def open_heic(file: BinaryIO) -> Image.Image:
    """The main picture of a HEIC file: its size is known, its pixels are decoded when asked for.

    libheif has turned it upright; ten bits a channel become eight. Its ``draft`` chooses a preview
    inside (telephones' are 320 pixels wide, so theirs are seldom large enough).

    Raises:
        ImageError: the extra is not installed.
        ValueError, RuntimeError, EOFError: what pillow-heif raises on damaged files.
    """
    try:
        from pillow_heif import HeifImageFile
    except ImportError:
        raise ImageError(str(MissingExtraError("heic", "a HEIC photo"))) from None
    # Pillow's list of openers stays as it was: a program that uses this package may have its own.
    image: Image.Image = HeifImageFile(file)  # type: ignore[no-untyped-call]
    return image
