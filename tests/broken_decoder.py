"""A decoder process whose decoder fails in every way, as the first word of a file tells it to.

Real files that crash a library of today are mended tomorrow; these stay broken.
"""

import ctypes
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest

from iae.images.decode import DecodedPhoto, decode_photo
from iae.scoring import child, decoding

PROGRAM = """
import sys
sys.path[:] = sys.argv[1:]
import broken_decoder
broken_decoder.install()
from iae.scoring.decoder_process import main
main()
"""

_poisoned = False


def crash() -> None:
    ctypes.string_at(0)


def hang() -> None:
    """In C, without ever giving Python a chance: its lock is held."""
    ctypes.PyDLL(None).pause()


def eat() -> None:
    held = []
    while True:
        held.append(bytearray(2**26))


def grab() -> None:
    bytearray(2**45)


def poison() -> None:
    """Leave the process in a state in which the next photo crashes."""
    global _poisoned
    _poisoned = True


def chatter() -> None:
    os.write(1, b"chatter on standard output\n" * 100)
    os.write(2, b"chatter on standard error\n" * 100)


WORDS: dict[bytes, Callable[[], object]] = {
    b"CRASH": crash,
    b"ABORT": os.abort,
    b"HANG": hang,
    b"EAT": eat,
    b"GRAB": grab,
    b"EXIT": lambda: os._exit(3),
    b"KILL": lambda: os.kill(os.getpid(), signal.SIGKILL),
    b"BUG": lambda: 1 // 0,
    b"POISON": poison,
    b"CHATTER": chatter,
    b"SLOW": lambda: time.sleep(0.3),
}


def broken_decode(path: Path | BinaryIO, *, min_side: int | None = None) -> DecodedPhoto:
    """Do what the file's first word says, then decode what follows it."""
    assert isinstance(path, Path)
    if _poisoned:
        crash()
    word, _, content = _read(path).partition(b"\n")
    if word not in WORDS:
        return decode_photo(path, min_side=min_side)
    WORDS[word]()
    rest = path.with_name(f".{path.name}.rest")
    rest.write_bytes(content)
    try:
        return decode_photo(rest, min_side=min_side)
    finally:
        rest.unlink()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes() if path.is_file() else b""
    except OSError:
        return b""


def install() -> None:
    decoding.decode_photo = broken_decode


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Decoder processes started from now on are broken ones."""
    monkeypatch.setattr(child, "_PROGRAM", PROGRAM)
