"""An old version of a file in terms of the new one, so that undoing needs no copy of each photo.

Metadata is rewritten, pixels are only moved: nearly all of the old file is found in the new one.
"""

import base64
import zlib
from collections.abc import Sequence

Part = tuple[int, int] | str
"""(offset, length) in the new version; or bytes that it has not: zlib, then base64."""

_PROBE = 64
_STEP = 256
_FULL_SEARCHES = 32
"""How often the whole new file is searched; each takes some milliseconds."""
_WINDOW = 64 * 1024


def delta(old: bytes, new: bytes) -> list[Part]:
    """Parts that make up ``old`` again, given ``new``.

    Exact for any two byte strings. It is short when long runs of one are found in the other; at
    worst it is the old version, compressed.
    """
    parts: list[Part] = []
    literal = bytearray()
    at = shift = searches = 0
    reach = _WINDOW + 2 * abs(len(new) - len(old))
    while at < len(old):
        probe = old[at : at + _PROBE]
        found = _near(probe, new, at + shift, reach)
        if found < 0 and searches < _FULL_SEARCHES:
            searches += 1
            found = new.find(probe)
        if found < 0 or len(probe) < _PROBE // 2:
            literal += old[at : at + _STEP]
            at += _STEP
            continue
        length = _common(old, at, new, found)
        _flush(literal, parts)
        parts.append((found, length))
        at += length
        shift = found + length - at
    _flush(literal, parts)
    return parts


def restore(parts: Sequence[Part], new: bytes) -> bytes:
    """The old version. Whether it is the right one, its hash must say."""
    return b"".join(
        zlib.decompress(base64.b64decode(part))
        if isinstance(part, str)
        else new[part[0] : part[0] + part[1]]
        for part in parts
    )


def _near(probe: bytes, new: bytes, expected: int, reach: int) -> int:
    """Where the probe begins in ``new``: best where it is expected, else around it; or -1."""
    if expected >= 0 and new.startswith(probe, expected):
        return expected
    return new.find(probe, max(0, expected - reach), max(0, expected + reach))


def _flush(literal: bytearray, parts: list[Part]) -> None:
    if literal:
        parts.append(base64.b64encode(zlib.compress(bytes(literal))).decode())
        literal.clear()


def _common(old: bytes, i: int, new: bytes, j: int) -> int:
    """How many bytes are the same from ``old[i]`` and ``new[j]`` on."""
    length, step = 0, 1 << 20
    while step:
        a, b = old[i + length : i + length + step], new[j + length : j + length + step]
        if a == b and len(a) == step:
            length += step
        elif step > 1:
            step //= 2
        else:
            break
    return length
