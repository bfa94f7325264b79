"""The packet inside of a photo's file, found without any other program."""

import mmap
from pathlib import Path
from typing import BinaryIO

_XMP_SEGMENT = b"http://ns.adobe.com/xap/1.0/\0"
_BEGIN, _END = b"<?xpacket begin=", b"<?xpacket end="
_APP1, _FIRST_SCAN = 0xE1, 0xDA


def embedded_packet(photo: Path) -> bytes | None:
    """The XMP packet of a photo; None where there is none, or no file that can be read.

    Of a JPEG it is that of its first image (APP1; without the extension that very large packets
    have). Other files are searched for the wrapper that XMP has for this purpose (XMP specification
    part 1, section 7.3: packet scanning); packets in UTF-16 or compressed are not found.
    """
    try:
        with photo.open("rb") as file:
            if file.read(2) == b"\xff\xd8":
                return _in_jpeg(file)
            return _by_wrapper(file)
    except (OSError, ValueError):  # an empty file cannot be mapped
        return None


def _in_jpeg(file: BinaryIO) -> bytes | None:
    while True:
        head = file.read(4)
        if len(head) < 4 or head[0] != 0xFF or head[1] == _FIRST_SCAN:
            return None
        if head[1] == 0xFF:  # a fill byte
            file.seek(-3, 1)
            continue
        length = int.from_bytes(head[2:]) - 2
        if length < 0:
            return None
        if head[1] == _APP1:
            content = file.read(length)
            if len(content) == length and content.startswith(_XMP_SEGMENT):
                return content[len(_XMP_SEGMENT) :]
        else:
            file.seek(length, 1)


def _by_wrapper(file: BinaryIO) -> bytes | None:
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        begin = data.find(_BEGIN)
        end = data.find(_END, begin)
        last = data.find(b"?>", end)
        return data[begin : last + 2] if 0 <= begin < end < last else None
