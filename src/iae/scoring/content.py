"""What a photo's file holds, as one number that tells old content from new.

Editors and ``iae xmp`` write stars, keywords and captions into the photos themselves: the file
gets another size and time, but not another pixel. Such a photo keeps its scores.
"""

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_CHUNK = 1 << 20

_START = b"\xff\xd8"
_COMMENT, _XMP, _MPF, _IPTC = 0xFE, 0xE1, 0xE2, 0xED


def is_jpeg(path: Path) -> bool:
    """Whether a file begins like a JPEG; False when it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(2) == _START
    except OSError:
        return False


def checksum_of(path: Path) -> int | None:
    """CRC-32 of what decides the pixels of a photo; None when the file cannot be read.

    Of a JPEG that is everything but XMP, IPTC, comments and the list of further pictures; EXIF,
    which says how the photo is turned, and colour profiles count, and so does XMP that tells of an
    orientation. Of any other file it is every byte.

    An accidental change goes unseen once in four thousand million times. SHA-256 would cost 11 ms
    for a photo of 5 MB, a third of what decoding it costs; this costs 1 ms.
    """
    value = 0
    try:
        with path.open("rb") as file:
            for part in _parts(file):
                value = zlib.crc32(part, value)
    except OSError:
        return None
    return value


def _parts(file: BinaryIO) -> Iterator[bytes]:
    start = file.read(2)
    yield start
    if start == _START:
        yield from _header(file)
    while chunk := file.read(_CHUNK):
        yield chunk


def _header(file: BinaryIO) -> Iterator[bytes]:
    """The segments before the scan that count (ITU-T T.81, annex B: marker, length, content).

    Ends where the scan begins, or where anything looks unlike a segment: all the rest counts.
    """
    while True:
        mark = file.read(4)
        length = int.from_bytes(mark[2:])
        if len(mark) < 4 or mark[0] != 0xFF or mark[1] in (0xDA, 0xFF) or length < 2:
            yield mark
            return
        content = file.read(length - 2)
        if not _tells_nothing_of_pixels(mark[1], content):
            yield mark + content


def _tells_nothing_of_pixels(marker: int, content: bytes) -> bool:
    if marker == _XMP:  # shared with EXIF
        return content.startswith(b"http://ns.adobe.com/") and b"Orientation" not in content
    return marker in (_COMMENT, _IPTC) or (marker == _MPF and content.startswith(b"MPF\0"))
