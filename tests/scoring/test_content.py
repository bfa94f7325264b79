"""The checksum of a photo: whatever can change a pixel counts, what editors add does not."""

import io
import shutil
import subprocess
import zlib
from pathlib import Path

import pytest
from PIL import Image

from iae.images.decode import decode_photo
from iae.scoring.content import checksum_of, is_jpeg

XMP = b"http://ns.adobe.com/xap/1.0/\0"


def segment(marker: int, content: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(content) + 2).to_bytes(2) + content


def with_segment(photo: Path, marker: int, content: bytes) -> Path:
    """The photo with one more segment behind its start."""
    data = photo.read_bytes()
    other = photo.with_name("other.jpg")
    other.write_bytes(data[:2] + segment(marker, content) + data[2:])
    return other


@pytest.fixture
def photo(tmp_path: Path, picture: Image.Image) -> Path:
    picture.save(tmp_path / "photo.jpg", quality=90)
    return tmp_path / "photo.jpg"


def test_the_checksum_of_a_jpeg_without_metadata_and_of_any_other_file_is_that_of_zlib(
    photo: Path, tmp_path: Path, picture: Image.Image
):
    picture.save(tmp_path / "photo.png")
    for path in (photo, tmp_path / "photo.png"):
        assert checksum_of(path) == zlib.crc32(path.read_bytes())


@pytest.mark.parametrize(("marker", "content"), [
    (0xE1, XMP + b'<x:xmpmeta xmp:Rating="5"/>'),
    (0xE1, b"http://ns.adobe.com/xmp/extension/\0" + bytes(50)),
    (0xED, b"Photoshop 3.0\x008BIM\x04\x04" + bytes(20)),
    (0xFE, b"a comment"),
    (0xE2, b"MPF\0" + bytes(20)),
])  # fmt: skip
def test_stars_keywords_and_captions_in_a_jpeg_do_not_change_it(
    photo: Path, marker: int, content: bytes
):
    tagged = with_segment(photo, marker, content)
    assert decode_photo(tagged).image.tobytes() == decode_photo(photo).image.tobytes()
    assert checksum_of(tagged) == checksum_of(photo)


@pytest.mark.parametrize(("marker", "content"), [
    (0xE1, XMP + b'<rdf:Description tiff:Orientation="6"/>'),  # Pillow turns by it
    (0xE1, b"Exif\0\0MM\0*" + bytes(12)),
    (0xE2, b"ICC_PROFILE\0\x01\x01" + bytes(12)),
    (0xEE, b"Adobe\0d\0\0\0\0\x02"),
    (0xE1, b"something else"),
])  # fmt: skip
def test_what_may_turn_or_colour_a_jpeg_changes_it(photo: Path, marker: int, content: bytes):
    assert checksum_of(with_segment(photo, marker, content)) != checksum_of(photo)


def test_every_changed_byte_of_a_jpeg_without_metadata_is_seen(photo: Path):
    data, before = photo.read_bytes(), checksum_of(photo)
    for place in range(0, len(data), 101):
        changed = bytearray(data)
        changed[place] ^= 1
        photo.write_bytes(changed)
        assert checksum_of(photo) != before, place


def test_a_jpeg_cut_anywhere_has_a_checksum_of_its_own(photo: Path):
    data, seen = photo.read_bytes(), set()
    lengths = [*range(700), *range(700, len(data), 97)]
    for length in lengths:
        photo.write_bytes(data[:length])
        seen.add(checksum_of(photo))
    assert len(seen) == len(lengths)


def test_a_file_that_is_gone_has_no_checksum_and_is_no_jpeg(tmp_path: Path):
    assert checksum_of(tmp_path / "gone.jpg") is None
    assert not is_jpeg(tmp_path / "gone.jpg")


@pytest.mark.skipif(shutil.which("exiftool") is None, reason="needs ExifTool")
def test_stars_and_keywords_written_by_exiftool_leave_the_checksum_and_a_turn_does_not(
    photo: Path, picture: Image.Image
):
    exif, file = Image.Exif(), io.BytesIO()
    exif[0x0112], exif[0x010F] = 1, "A camera"
    picture.save(file, "JPEG", exif=exif)
    photo.write_bytes(file.getvalue())
    before, size = checksum_of(photo), photo.stat().st_size
    tags = ["-XMP-xmp:Rating=4", "-XMP-dc:Subject=awe", "-IPTC:Keywords=awe", "-Comment=seen"]
    subprocess.run(["exiftool", "-q", "-overwrite_original", *tags, photo], check=True)
    assert photo.stat().st_size > size
    assert checksum_of(photo) == before
    turn = ["-n", "-IFD0:Orientation=6"]
    subprocess.run(["exiftool", "-q", "-overwrite_original", *turn, photo], check=True)
    assert checksum_of(photo) != before
