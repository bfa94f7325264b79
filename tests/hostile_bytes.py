"""Bytes of files that mean no good, or are merely odd: bombs, broken blocks, strange pictures."""

import io
import struct
import zlib
from typing import Any

import numpy as np
from PIL import Image, ImageCms

FORMATS = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP", "tif": "TIFF", "gif": "GIF", "bmp": "BMP"}
"""Suffix -> how Pillow names the format."""

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def scene(width: int = 96, height: int = 64) -> Image.Image:
    """Smooth colours without symmetry."""
    y, x = np.mgrid[0:height, 0:width] / [[[max(height - 1, 1)]], [[max(width - 1, 1)]]]
    rgb = np.stack([x, y, (x + 2 * y) / 3], axis=2) * 255
    return Image.fromarray(rgb.round().astype(np.uint8))


def encoded(image: Image.Image, suffix: str, **options: Any) -> bytes:
    data = io.BytesIO()
    image.save(data, FORMATS.get(suffix, suffix.upper()), **options)
    return data.getvalue()


def flipped(data: bytes, seed: int, *, reach: int = 64) -> bytes:
    """Three bits of the beginning turned over, always the same ones for a seed."""
    damaged = bytearray(data)
    for place in np.random.default_rng(seed).integers(0, 8 * min(reach, len(data)), 3):
        damaged[place // 8] ^= 1 << (place % 8)
    return bytes(damaged)


def with_orientation(value: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = value
    return exif.tobytes()


def looping_exif() -> bytes:
    """A directory that names itself as the next one."""
    entry = struct.pack("<HHIHH", 0x0112, 3, 1, 6, 0)
    return b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", 1) + entry + struct.pack("<I", 8)


# Bombs: a few bytes that ask for gigabytes


def chunk(kind: bytes, data: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(kind + data))
    return struct.pack(">I", len(data)) + kind + data + checksum


def png(width: int, height: int, *extra: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(b"\0" * 100))
    start = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
    return start + b"".join(extra) + pixels + chunk(b"IEND", b"")


def zeros(count: int) -> bytes:
    """So many compressed zeros; a thousandth of their size."""
    packer = zlib.compressobj(9)
    block = b"\0" * 2**20
    return b"".join(packer.compress(block) for _ in range(count // len(block))) + packer.flush()


def bombs() -> dict[str, bytes]:
    """Name -> bytes: a file in each format that promises far more pixels than are decoded."""
    side = 60_000
    jpeg = encoded(scene(), "jpg")
    frame = jpeg.index(b"\xff\xc0")  # start of frame: length, precision, height, width
    gif = encoded(scene(), "gif")
    bmp = encoded(scene(), "bmp")
    tiff_tags = struct.pack("<HHIIHHIIHHIHHHHIHHHHIHHHHIIHHII", 256, 4, 1, side, 257, 4, 1, side,
                            258, 3, 1, 8, 0, 259, 3, 1, 1, 0, 262, 3, 1, 1, 0, 273, 4, 1, 8,
                            279, 4, 1, 8)  # fmt: skip
    canvas = struct.pack("<I", 16_382)[:3] * 2  # less one: 16,383 × 16,383
    vp8x = b"VP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + canvas
    inner = encoded(scene(), "webp")[12:]
    return {
        "jpg": jpeg[: frame + 5] + struct.pack(">HH", side, side) + jpeg[frame + 9 :],
        "png": png(side, side),
        "gif": gif[:6] + struct.pack("<HH", side, side) + gif[10:],
        "bmp": bmp[:18] + struct.pack("<ii", side, side) + bmp[26:],
        "tif": b"II*\0\x08\0\0\0" + struct.pack("<H", 7) + tiff_tags + b"\0\0\0\0",
        "webp": b"RIFF" + struct.pack("<I", len(vp8x) + len(inner) + 4) + b"WEBP" + vp8x + inner,
    }
