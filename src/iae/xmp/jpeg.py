"""The part of a JPEG file that is picture: everything but the segments that hold metadata."""

_START = b"\xff\xd8"
_SCAN = 0xDA
_METADATA = {0xFE, *range(0xE1, 0xF0)} - {0xEE}
"""Comments and APP1 to APP15. APP0 (JFIF) and APP14 (Adobe's colour transform) say how to decode,
and so does a colour profile in APP2."""


def picture_of(data: bytes) -> bytes | None:
    """Tables, frame and scans of a JPEG, with whatever follows; None for any other file.

    Two files with the same picture decode to the same pixels: only metadata differs. (ITU-T T.81,
    annex B: segments of a marker, a length and content lead up to the first scan.)
    """
    if not data.startswith(_START):
        return None
    kept = [_START]
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        if marker == _SCAN:
            break
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4])
        if marker not in _METADATA or data.startswith(b"ICC_PROFILE\0", at + 4):
            kept.append(data[at:end])
        at = end
    return b"".join([*kept, data[at:]])
