"""RAW files made byte by byte: a Bayer picture in an uncompressed DNG, with or without preview."""

import io
import struct

import numpy as np
from PIL import Image

_BYTE, _ASCII, _SHORT, _LONG, _RATIONAL, _SRATIONAL = 1, 2, 3, 4, 5, 10
_CODES = {_BYTE: "B", _ASCII: "B", _SHORT: "H", _LONG: "I", _RATIONAL: "I", _SRATIONAL: "i"}

# sRGB's own primaries, from XYZ (D65): what the sensor sees is linear sRGB.
_COLOUR_MATRIX = (3.2405, -1.5371, -0.4985, -0.9693, 1.8760, 0.0416, 0.0556, -0.2040, 1.0572)

Tag = tuple[int, int, tuple[int, ...]]
"""Number, type and values; of a rational, numerator and denominator are two values."""


def dng(picture: Image.Image, *, preview: Image.Image | None = None, orientation: int = 1) -> bytes:
    """A DNG (Adobe's specification 1.4) whose sensor saw this picture through an RGGB filter.

    Args:
        picture: RGB in sRGB, as the sensor lies.
        preview: stored as a JPEG before the sensor's data, as a camera does.
        orientation: the EXIF orientation.
    """
    sensor = _through_the_filter(picture)
    sensor_tags = [*_picture_tags(picture.size), *_dng_tags(), (274, _SHORT, (orientation,))]
    if preview is None:
        return _file([sensor_tags], [sensor])
    jpeg = io.BytesIO()
    preview.save(jpeg, "JPEG", quality=95)
    # The small picture first, the sensor's data in a directory below it.
    small = [(254, _LONG, (1,)), (256, _LONG, (preview.width,)), (257, _LONG, (preview.height,)),
             (258, _SHORT, (8, 8, 8)), (259, _SHORT, (7,)), (262, _SHORT, (6,)),
             (277, _SHORT, (3,)), (278, _LONG, (preview.height,)),
             *_dng_tags(), (274, _SHORT, (orientation,))]  # fmt: skip
    return _file([small, _picture_tags(picture.size)], [jpeg.getvalue(), sensor])


def _through_the_filter(picture: Image.Image) -> bytes:
    values = np.asarray(picture) / 255
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    mosaic = linear[..., 1].copy()
    mosaic[::2, ::2], mosaic[1::2, 1::2] = linear[::2, ::2, 0], linear[1::2, 1::2, 2]
    return (mosaic * 65535).round().astype("<u2").tobytes()


def _picture_tags(size: tuple[int, int]) -> list[Tag]:
    width, height = size
    return [(254, _LONG, (0,)), (256, _LONG, (width,)), (257, _LONG, (height,)),
            (258, _SHORT, (16,)), (259, _SHORT, (1,)), (262, _SHORT, (32803,)),
            (277, _SHORT, (1,)), (278, _LONG, (height,)), (33421, _SHORT, (2, 2)),
            (33422, _BYTE, (0, 1, 1, 2)), (50717, _LONG, (65535,))]  # fmt: skip


def _dng_tags() -> list[Tag]:
    matrix = tuple(n for value in _COLOUR_MATRIX for n in (round(value * 10_000), 10_000))
    return [(271, _ASCII, tuple(b"Test\0")), (272, _ASCII, tuple(b"Pinhole\0")),
            (50706, _BYTE, (1, 4, 0, 0)), (50708, _ASCII, tuple(b"Test Pinhole\0")),
            (50721, _SRATIONAL, matrix), (50728, _RATIONAL, (1, 1, 1, 1, 1, 1)),
            (50778, _SHORT, (21,))]  # fmt: skip


def _file(directories: list[list[Tag]], pictures: list[bytes]) -> bytes:
    """A TIFF: the pictures, then the directories; the second hangs below the first (SubIFDs)."""
    body = bytearray(b"II*\0\0\0\0\0")
    strips = []
    for data in pictures:
        strips.append((len(body), len(data)))
        body += data + b"\0" * (len(data) % 2)
    below = 0
    for tags, (offset, size) in reversed(list(zip(directories, strips, strict=True))):
        tags = [*tags, (273, _LONG, (offset,)), (279, _LONG, (size,))]
        if below:
            tags.append((330, _LONG, (below,)))
        below = _append_directory(body, sorted(tags))
    struct.pack_into("<I", body, 4, below)
    return bytes(body)


def _append_directory(body: bytearray, tags: list[Tag]) -> int:
    entries = b""
    for number, kind, values in tags:
        data = struct.pack(f"<{len(values)}{_CODES[kind]}", *values)
        count = len(values) // 2 if kind in (_RATIONAL, _SRATIONAL) else len(values)
        if len(data) > 4:
            place = len(body)
            body += data + b"\0" * (len(data) % 2)
            data = struct.pack("<I", place)
        entries += struct.pack("<HHI", number, kind, count) + data.ljust(4, b"\0")
    start = len(body)
    body += struct.pack("<H", len(tags)) + entries + b"\0\0\0\0"
    return start
