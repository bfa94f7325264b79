"""Marks inside of photos: the pictures stay bit for bit, and so does what others wrote."""

import io
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from packets import packet
from PIL import Image
from programs import exiftool_says, needs_exiftool, with_extended_xmp, with_segments

from iae.errors import XmpError
from iae.xmp import exiftool
from iae.xmp.embed import Embedding, embedded, read_embedded
from iae.xmp.exiftool import ExifTool
from iae.xmp.jpeg import picture_of
from iae.xmp.marks import Marks, Values
from iae.xmp.merge import changes

MOOD = ("iae|mood|awe",)
MARKS = Marks(rating=4, label="Blue", keywords=MOOD, hierarchical=MOOD, pick=3)
XMP = b"http://ns.adobe.com/xap/1.0/\0"


@pytest.fixture
def jpeg(picture: Image.Image) -> bytes:
    """A progressive JPEG with EXIF, a comment and a colour profile."""
    buffer = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "described"
    picture.save(buffer, "JPEG", exif=exif, comment=b"a comment", progressive=True, quality=90,
                 icc_profile=b"not a real profile, but kept" * 9)  # fmt: skip
    return buffer.getvalue()


def marked(photo: Path, marks: Marks = MARKS) -> bytes:
    with ExifTool() as tool:
        there = read_embedded(tool, [photo])[0]
        assert isinstance(there, Values)
        wanted = Embedding(photo=photo, marks=marks, changes=changes(there, marks))
        new = embedded(tool, [wanted])[0]
    if isinstance(new, XmpError):
        raise new
    return new


@needs_exiftool
def test_the_picture_of_a_jpeg_is_the_same_bit_for_bit(tmp_path: Path, jpeg: bytes):
    photo = tmp_path / "a.jpg"
    photo.write_bytes(jpeg)
    after = marked(photo)
    assert after != jpeg
    first_scan = jpeg.index(b"\xff\xda", jpeg.index(b"ICC_PROFILE"))
    assert after.endswith(jpeg[first_scan:])
    with Image.open(io.BytesIO(jpeg)) as old, Image.open(io.BytesIO(after)) as new:
        assert np.array_equal(np.asarray(old), np.asarray(new))
        assert old.getexif() == new.getexif()
        assert old.info["comment"] == new.info["comment"]
        assert old.info["icc_profile"] == new.info["icc_profile"]


@needs_exiftool
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "GIF"])
def test_every_kind_says_the_marks_and_shows_the_same(
    tmp_path: Path, picture: Image.Image, kind: str
):
    photo = tmp_path / f"a.{kind.lower()}"
    picture.save(photo, kind)
    new = tmp_path / f"new.{kind.lower()}"
    new.write_bytes(marked(photo))
    assert exiftool_says(new) == {
        "XMP-xmp:Rating": 4, "XMP-iae:Rating": 4, "XMP-xmp:Label": "Blue", "XMP-iae:Label": "Blue",
        "XMP-digiKam:PickLabel": 3, "XMP-iae:PickLabel": 3, "XMP-dc:Subject": [*MOOD],
        "XMP-lr:HierarchicalSubject": [*MOOD],
    }  # fmt: skip
    with Image.open(photo) as before, Image.open(new) as after:
        assert np.array_equal(np.asarray(before.convert("RGB")), np.asarray(after.convert("RGB")))


@needs_exiftool
def test_a_foreign_packet_of_200_kilobytes_survives(tmp_path: Path, jpeg: bytes):
    items = "".join(f'<rdf:li rdf:parseType="Resource"><q:a>{i}</q:a><q:b>{"x" * 90}</q:b></rdf:li>'
                    for i in range(600))  # fmt: skip
    foreign = packet(
        f"<q:blob>{'QUJD' * 30_000}</q:blob><q:history><rdf:Seq>{items}</rdf:Seq></q:history>"
    )
    assert len(foreign) > 200_000
    photo = tmp_path / "a.jpg"
    photo.write_bytes(with_extended_xmp(jpeg, foreign))
    before = exiftool_says(photo)
    assert len(before["XMP-q:History"]) == 600
    photo.write_bytes(marked(photo, Marks(rating=4)))
    assert exiftool_says(photo) == before | {"XMP-xmp:Rating": 4, "XMP-iae:Rating": 4}


@needs_exiftool
def test_keywords_of_others_stay_and_ours_are_replaced(tmp_path: Path, jpeg: bytes):
    photo = tmp_path / "a.jpg"
    items = "".join(f"<rdf:li>{item}</rdf:li>" for item in ("Sea", "2.50", "iae|mood|fear"))
    photo.write_bytes(with_segments(jpeg, XMP + packet(f"<dc:subject><rdf:Bag>{items}</rdf:Bag>"
                                                       "</dc:subject>")))  # fmt: skip
    photo.write_bytes(marked(photo, Marks(keywords=MOOD)))
    with ExifTool() as tool:
        found = read_embedded(tool, [photo])[0]
    assert isinstance(found, Values)
    assert found.lists["dc:subject"] == ("Sea", "2.50", "iae|mood|awe")


@needs_exiftool
def test_names_that_mean_something_to_programs_mean_nothing_here(tmp_path: Path, jpeg: bytes):
    names = ["-execute.jpg", "a\nb.jpg", "caf\udce9.jpg", "#[CSTR].jpg", " .jpg", "a%b$c@d.jpg"]
    photos = [tmp_path / name for name in names]
    for photo in photos:
        photo.write_bytes(jpeg)
    with ExifTool() as tool:
        found = read_embedded(tool, photos)
        nothing = [value for value in found if isinstance(value, Values)]
        new = embedded(tool, [wanted_for(*pair) for pair in zip(photos, nothing, strict=True)])
    assert all(isinstance(data, bytes) and b"iae|mood|awe" in data for data in new)


@needs_exiftool
def test_an_empty_file_is_said(tmp_path: Path):
    (tmp_path / "a.jpg").touch()
    with ExifTool() as tool:
        found = read_embedded(tool, [tmp_path / "a.jpg"])[0]
    assert isinstance(found, XmpError)
    assert str(found) == "ExifTool cannot read a.jpg: File is empty"


@needs_exiftool
def test_what_cannot_be_written_is_said_with_what_to_do(tmp_path: Path):
    photo = tmp_path / "a.jpg"
    photo.write_bytes(b"no photo at all")
    with pytest.raises(XmpError, match=r"^ExifTool cannot write it: .*; use --xmp sidecar$"):
        marked(photo)


@needs_exiftool
@pytest.mark.parametrize("cut", [10, 120, 300])
def test_a_damaged_packet_inside_is_not_replaced(tmp_path: Path, jpeg: bytes, cut: int):
    photo = tmp_path / "a.jpg"
    photo.write_bytes(with_segments(jpeg, XMP + packet("<xmp:Rating>3</xmp:Rating>")[:-cut]))
    with ExifTool() as tool:
        found = read_embedded(tool, [photo])[0]
        assert isinstance(found, XmpError) or isinstance(
            embedded(tool, [wanted_for(photo, found)])[0], XmpError
        )


def wanted_for(photo: Path, there: Values) -> Embedding:
    return Embedding(photo=photo, marks=MARKS, changes=changes(there, MARKS))


@needs_exiftool
def test_raw_files_are_refused_and_the_others_written(tmp_path: Path, jpeg: bytes):
    nothing = Values(simple={}, lists={})
    for name in ("a.CR2", "b.jpg", "c.nef", "d.jpg"):
        (tmp_path / name).write_bytes(jpeg)
    with ExifTool() as tool:
        new = embedded(tool, [wanted_for(path, nothing) for path in sorted(tmp_path.iterdir())])
    assert [isinstance(data, bytes) for data in new] == [False, True, False, True]
    assert "raw files are not changed" in str(new[0])


@needs_exiftool
def test_a_suffix_that_is_not_the_content_is_said(tmp_path: Path, picture: Image.Image):
    photo = tmp_path / "a.jpg"
    picture.save(photo, "PNG")
    with pytest.raises(XmpError, match=r"ExifTool cannot write it: Not a valid JPG"):
        marked(photo)


SLEEPY = """#!/bin/sh
input=$(cat)
case "$input" in *1.jpg*) {how};; esac
echo "$input" | {exiftool} "$@"
"""


@needs_exiftool
@pytest.mark.parametrize(
    ("how", "message"),
    [
        pytest.param("exec sleep 60", "did not answer within 8 s", marks=pytest.mark.slow),
        ("exit 9", "ended unexpectedly"),
    ],
)
def test_a_photo_that_hangs_or_crashes_exiftool_costs_only_itself(
    tmp_path: Path, jpeg: bytes, monkeypatch: pytest.MonkeyPatch, how: str, message: str
):
    program = tmp_path / "bin" / "exiftool"
    program.parent.mkdir()
    program.write_text(SLEEPY.format(how=how, exiftool=shutil.which("exiftool")))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    monkeypatch.setattr(exiftool, "SECONDS", 8.0)
    photos = [tmp_path / name for name in ("a.jpg", "b.jpg")]
    for photo in photos:
        photo.write_bytes(jpeg)
    with ExifTool() as tool:
        found = read_embedded(tool, photos)  # the second one is 1.jpg among several, alone 0.jpg
        assert [isinstance(value, Values) for value in found] == [True, True]
        with pytest.raises(XmpError, match=message):
            tool.run([["-ver", "1.jpg"]])


def test_without_exiftool_it_is_said_where_to_get_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", "")
    with (
        pytest.raises(XmpError, match=r"apt install libimage-exiftool-perl.*exiftool\.org"),
        ExifTool(),
    ):
        pass


def test_the_picture_of_a_jpeg_is_all_but_its_metadata(jpeg: bytes):
    plain = picture_of(jpeg)
    assert plain is not None
    assert picture_of(with_segments(jpeg, b"Exif\0\0other")) == plain
    assert b"described" not in plain
    assert b"ICC_PROFILE" in plain  # it decides on the colours
    assert picture_of(jpeg[:-3] + b"\0\xff\xd9") != plain
    assert picture_of(b"\x89PNG") is None


@pytest.mark.parametrize("length", range(2, 60, 5))
def test_a_jpeg_cut_off_anywhere_has_a_picture_too(jpeg: bytes, length: int):
    assert picture_of(jpeg[:length]) is not None
