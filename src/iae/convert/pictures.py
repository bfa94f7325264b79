"""Encoded pictures: which file suffix their content asks for."""

import io

from PIL import Image

from iae.errors import ImageError
from iae.images.decode import FORMATS

_SUFFIXES = {"JPEG": ".jpg", "MPO": ".jpg", "PNG": ".png", "WEBP": ".webp", "TIFF": ".tif",
             "BMP": ".bmp", "GIF": ".gif"}  # fmt: skip


def picture_suffix(data: bytes) -> str:
    """The usual suffix of an encoded picture, by its content; only its head is looked at.

    Raises:
        ImageError: it is no photo in a format that is read.
    """
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            return _SUFFIXES[image.format or ""]
    except Exception:  # Pillow meets hostile bytes with any kind of error
        raise ImageError(f"not a photo in a format that is read ({', '.join(FORMATS)})") from None
