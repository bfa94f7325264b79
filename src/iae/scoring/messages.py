"""What a pool and its decoder processes say to each other through a pipe.

A message is a small JSON object and some raw bytes behind it. Not pickle: a decoder that a hostile
file has taken over can then answer with numbers and text, and nothing else.
"""

import json
import struct
from collections.abc import Mapping
from typing import Any, BinaryIO

_SIZES = struct.Struct("=II")

Message = tuple[dict[str, Any], bytearray]
"""The object and the bytes behind it."""


def send(pipe: BinaryIO, content: Mapping[str, Any], data: bytes | memoryview = b"") -> None:
    """Write one message. Texts may hold the half characters that stand for undecodable bytes.

    Raises:
        BrokenPipeError: nobody is there to read it.
    """
    text = json.dumps(content).encode("ascii")
    pipe.write(_SIZES.pack(len(text), len(data)) + text)
    pipe.write(data)
    pipe.flush()


def receive(pipe: BinaryIO) -> Message | None:
    """Wait for a message; None where the pipe has ended, be it in the middle of one."""
    sizes = _read(pipe, _SIZES.size)
    if sizes is None:
        return None
    text_size, data_size = _SIZES.unpack(sizes)
    text, data = _read(pipe, text_size), _read(pipe, data_size)
    if text is None or data is None:
        return None
    return json.loads(text), data


def _read(pipe: BinaryIO, size: int) -> bytearray | None:
    content = bytearray(size)
    view, have = memoryview(content), 0
    while have < size:
        count = pipe.readinto(view[have:])  # type: ignore[attr-defined]  # of every binary file
        if not count:
            return None
        have += count
    return content
