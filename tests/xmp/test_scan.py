"""The packet inside of a photo, found without another program."""

import io
from pathlib import Path

import pytest
from packets import LIGHTROOM, packet
from PIL import Image
from programs import exiftool, needs_exiftool, with_segments

from iae.xmp.packet import read_packet
from iae.xmp.scan import embedded_packet

XMP = b"http://ns.adobe.com/xap/1.0/\0"


@pytest.fixture
def jpeg(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", comment=b"<?xpacket begin= not this ?>")
    return buffer.getvalue()


def scanned(tmp_path: Path, content: bytes) -> bytes | None:
    (tmp_path / "photo").write_bytes(content)
    return embedded_packet(tmp_path / "photo")


def test_the_packet_of_a_jpeg_is_found_behind_other_segments(tmp_path: Path, jpeg: bytes):
    assert scanned(tmp_path, with_segments(jpeg, b"Exif\0\0...", XMP + LIGHTROOM)) == LIGHTROOM


def test_a_jpeg_without_a_packet_has_none(tmp_path: Path, jpeg: bytes):
    assert scanned(tmp_path, jpeg) is None


def test_a_packet_behind_the_picture_is_another_pictures(tmp_path: Path, jpeg: bytes):
    second = with_segments(jpeg, XMP + LIGHTROOM)
    assert scanned(tmp_path, jpeg + second) is None


@pytest.mark.parametrize("length", range(0, 400, 37))
def test_a_jpeg_cut_off_anywhere_has_none(tmp_path: Path, jpeg: bytes, length: int):
    assert scanned(tmp_path, with_segments(jpeg, XMP + LIGHTROOM)[:length]) is None


@needs_exiftool
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "GIF"])
def test_a_packet_that_exiftool_wrote_is_found(tmp_path: Path, picture: Image.Image, kind: str):
    photo = tmp_path / f"a.{kind.lower()}"
    picture.save(photo, kind)
    exiftool("-q", "-overwrite_original", "-XMP-xmp:Rating=3", "-XMP-dc:Subject=Sea", photo)
    found = embedded_packet(photo)
    assert found
    assert read_packet(found).simple == {"xmp:Rating": "3"}
    assert read_packet(found).lists == {"dc:subject": ("Sea",)}


def test_other_files_are_searched_for_the_wrapper(tmp_path: Path):
    wrapped = b'<?xpacket begin="" id="W5M0"?>' + packet("") + b'<?xpacket end="w"?>'
    assert scanned(tmp_path, b"RIFF" + b"\0" * 999 + wrapped + b"\0" * 9) == wrapped
    assert scanned(tmp_path, b"RIFF" + wrapped[:-30]) is None


def test_no_file_has_no_packet(tmp_path: Path):
    assert embedded_packet(tmp_path / "gone") is None
    assert embedded_packet(tmp_path) is None
    assert scanned(tmp_path, b"") is None
