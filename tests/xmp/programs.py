"""The two programs that XMP is compared with, where they are installed, and photos with packets."""

import hashlib
import json
import shutil
import struct
import subprocess
from pathlib import Path
from typing import Any

import pytest

needs_exiftool = pytest.mark.skipif(
    shutil.which("exiftool") is None,
    reason="ExifTool is not installed (apt install libimage-exiftool-perl)",
)
needs_exiv2 = pytest.mark.skipif(
    shutil.which("exiv2") is None, reason="exiv2 is not installed (apt install exiv2)"
)


def exiftool(*arguments: str | Path) -> str:
    done = subprocess.run(["exiftool", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def exiftool_says(file: Path) -> dict[str, Any]:
    """Every XMP tag with its group, lists as lists, but for who wrote it."""
    found = json.loads(exiftool("-j", "-b", "-G1", "-struct", "-XMP:all", file))[0]
    for key in ("SourceFile", "XMP-x:XMPToolkit", "XMP-xmpNote:HasExtendedXMP"):
        found.pop(key, None)
    return found


def exiv2_says(file: Path) -> list[tuple[str, str]]:
    """(key, value) of every XMP property."""
    done = subprocess.run(["exiv2", "-PXkv", "pr", file], capture_output=True, text=True,
                          check=False)  # fmt: skip
    pairs = (line.split(maxsplit=1) for line in done.stdout.splitlines())
    return [(pair[0], pair[1].strip() if len(pair) > 1 else "") for pair in pairs]


def with_segments(jpeg: bytes, *payloads: bytes) -> bytes:
    """The JPEG with these APP1 segments first."""
    segments = (b"\xff\xe1" + struct.pack(">H", len(p) + 2) + p for p in payloads)
    return jpeg[:2] + b"".join(segments) + jpeg[2:]


def with_extended_xmp(jpeg: bytes, packet: bytes) -> bytes:
    """The JPEG with a packet larger than a segment, split as XMP specification part 3 says."""
    guid = hashlib.md5(packet).hexdigest().upper().encode()
    main = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
        b'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
        b'xmlns:xmpNote="http://ns.adobe.com/xmp/note/" xmlns:main="http://main.example/" '
        b'main:said="yes" xmpNote:HasExtendedXMP="' + guid + b'"/></rdf:RDF></x:xmpmeta>'
    )
    parts = [
        b"http://ns.adobe.com/xmp/extension/\0" + guid + struct.pack(">II", len(packet), start)
        + packet[start : start + 65_400]
        for start in range(0, len(packet), 65_400)
    ]  # fmt: skip
    return with_segments(jpeg, b"http://ns.adobe.com/xap/1.0/\0" + main, *parts)
