"""Capture facts: what cameras write, and what broken, coarse or missing EXIF is taken for."""

import io
import struct
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, features
from PIL.ExifTags import IFD, Base

from iae.images.exif import CaptureFacts, capture_facts, natural_key

Tags = dict[int, object]


def jpeg(ifd: Tags | None = None, base: Tags | None = None, **options: object) -> io.BytesIO:
    """A small JPEG with these tags in its Exif directory and in the one above it."""
    exif = Image.Exif()
    exif.update(base or {})
    exif.get_ifd(IFD.Exif).update(ifd or {})
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "green").save(file, "JPEG", exif=exif, **options)
    return io.BytesIO(file.getvalue())


def at(*moment: int) -> float:
    return datetime(*moment, tzinfo=UTC).timestamp()


def test_a_time_has_its_fraction_and_its_offset():
    facts = capture_facts(
        jpeg({
            Base.DateTimeOriginal: "2024:05:01 12:34:56",
            Base.SubsecTimeOriginal: "25",
            Base.OffsetTimeOriginal: "+02:00",
        })
    )  # fmt: skip
    assert facts.time == at(2024, 5, 1, 10, 34, 56) + 0.25
    assert facts.utc_offset == 7200
    assert facts.has_seconds


def test_a_heic_photo_of_a_telephone_tells_as_much_as_a_jpeg(tmp_path: Path):
    pillow_heif = pytest.importorskip("pillow_heif")
    exif = Image.Exif()
    exif.update({Base.Make: "Apple", Base.Model: "iPhone 15", Base.Orientation: 6})
    exif.get_ifd(IFD.Exif).update({
        Base.DateTimeOriginal: "2024:05:01 12:34:56",
        Base.SubsecTimeOriginal: "25",
        Base.OffsetTimeOriginal: "+02:00",
    })  # fmt: skip
    path = tmp_path / "IMG_0001.HEIC"
    packet = b'<x:xmpmeta xmlns:x="adobe:ns:meta/" GCamera:BurstID="b-1"/>'
    picture = pillow_heif.from_pillow(Image.new("RGB", (64, 64), "green"))
    picture.save(path, exif=exif.tobytes(), xmp=packet)
    facts = capture_facts(path)
    assert (facts.time, facts.utc_offset) == (at(2024, 5, 1, 10, 34, 56) + 0.25, 7200)
    assert (facts.camera, facts.burst) == ("Apple iPhone 15", "b-1")
    assert capture_facts(io.BytesIO(path.read_bytes())) == facts


def test_a_heic_photo_without_its_extra_is_one_of_which_nothing_is_known(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    head = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"
    assert capture_facts(io.BytesIO(head), name="a.heic") == CaptureFacts()


def test_an_avif_photo_tells_its_time():
    if not features.check("avif"):
        pytest.skip("this Pillow reads no AVIF")
    exif = Image.Exif()
    exif.get_ifd(IFD.Exif)[Base.DateTimeOriginal] = "2024:05:01 12:34:56"
    file = io.BytesIO()
    Image.new("RGB", (16, 16)).save(file, "AVIF", exif=exif.tobytes())
    assert capture_facts(io.BytesIO(file.getvalue())).time == at(2024, 5, 1, 12, 34, 56)


def test_without_an_offset_the_time_is_the_clocks_own_and_another_clock():
    local = capture_facts(jpeg({Base.DateTimeOriginal: "2024:05:01 12:34:56"}))
    assert local.time == at(2024, 5, 1, 12, 34, 56)
    assert local.utc_offset is None
    told = {Base.DateTimeOriginal: "2024:05:01 12:34:56", Base.OffsetTimeOriginal: "Z"}
    assert capture_facts(jpeg(told)).clock != local.clock


@pytest.mark.parametrize(
    ("digits", "fraction"), [("5", 0.5), ("050", 0.05), ("123456", 0.123456), ("", 0), ("-1", 0)]
)
def test_digits_of_the_sub_second_tag_stand_behind_the_point(digits: str, fraction: float):
    tags = {Base.DateTimeOriginal: "2024:05:01 12:34:56", Base.SubsecTimeOriginal: digits}
    time = capture_facts(jpeg(tags)).time
    assert time == pytest.approx(at(2024, 5, 1, 12, 34, 56) + fraction, abs=1e-6)


@pytest.mark.parametrize("offset", ["   :  ", "+99:00", "east", "+2", ""])
def test_an_offset_that_is_none_is_not_known(offset: str):
    tags = {Base.DateTimeOriginal: "2024:05:01 12:34:56", Base.OffsetTimeOriginal: offset}
    facts = capture_facts(jpeg(tags))
    assert facts.utc_offset is None
    assert facts.time == at(2024, 5, 1, 12, 34, 56)


def test_a_time_without_seconds_is_said_to_be_coarse():
    facts = capture_facts(
        jpeg({Base.DateTimeOriginal: "2024:05:01 12:34", Base.SubsecTimeOriginal: "99"})
    )
    assert facts.time == at(2024, 5, 1, 12, 34)
    assert not facts.has_seconds


@pytest.mark.parametrize(
    "date", ["1970:01:01 00:00:10", "1980:01:01 00:00:00", "1904:01:01 00:00:00"]
)
def test_a_clock_never_set_gives_no_time_and_says_so(date: str):
    facts = capture_facts(jpeg({Base.DateTimeOriginal: date}))
    assert facts.time is None
    assert facts.is_clock_unset


@pytest.mark.parametrize(
    "date", ["0000:00:00 00:00:00", "    :  :     :  :  ", "2024:02:31 12:00:00", "yesterday", ""]
)
def test_what_is_no_date_gives_no_time(date: str):
    assert capture_facts(jpeg({Base.DateTimeOriginal: date})) == CaptureFacts()


def test_other_separators_are_read():
    times = {
        capture_facts(jpeg({Base.DateTimeOriginal: date})).time
        for date in ("2024-05-01T12:34:56", "2024/05/01 12:34:56", "2024:05:01 12:34:56.0\0")
    }
    assert times == {at(2024, 5, 1, 12, 34, 56)}


def test_the_time_of_digitising_stands_in_and_that_of_the_last_change_does_not():
    digitized = {Base.DateTimeDigitized: "2024:05:01 12:34:56", Base.SubsecTimeDigitized: "5"}
    assert capture_facts(jpeg(digitized)).time == at(2024, 5, 1, 12, 34, 56) + 0.5
    assert capture_facts(jpeg(base={Base.DateTime: "2024:05:01 12:34:56"})).time is None


def test_a_camera_is_its_maker_model_and_serial_number():
    base = {Base.Make: "Canon", Base.Model: "Canon EOS R5"}
    assert capture_facts(jpeg({Base.BodySerialNumber: "0123"}, base)).camera == "Canon EOS R5 #0123"
    assert capture_facts(jpeg({Base.BodySerialNumber: "0000"}, base)).camera == "Canon EOS R5"
    assert capture_facts(jpeg(base={Base.Make: "SONY", Base.Model: "A7"})).camera == "SONY A7"


def test_two_bodies_of_one_model_have_two_clocks():
    base = {Base.Make: "Canon", Base.Model: "Canon EOS R5"}
    clocks = {capture_facts(jpeg({Base.BodySerialNumber: s}, base)).clock for s in ("12", "13")}
    assert len(clocks) == 2


def test_the_unique_id_is_given():
    assert capture_facts(jpeg({Base.ImageUniqueID: "ab" * 16})).unique_id == "ab" * 16


def apple_note(burst: str) -> bytes:
    """A maker note with BurstUUID only, offsets counted from its own beginning."""
    text = burst.encode() + b"\0"
    head = b"Apple iOS\0\0\x01MM"
    directory = struct.pack(">HHHLLL", 1, 0x000B, 2, len(text), len(head) + 18, 0)
    return head + directory + text


def fuji_note(sequence: int) -> bytes:
    head = b"FUJIFILM" + struct.pack("<L", 12)
    return head + struct.pack("<HHHLHHL", 1, 0x1101, 3, 1, sequence, 0, 0)


def test_the_burst_of_an_apple_maker_note_is_read():
    burst = "3A8F2C91-7B1D-4E0A-9C55-0123456789AB"
    assert capture_facts(jpeg({Base.MakerNote: apple_note(burst)})).burst == burst


def test_the_burst_of_a_google_camera_is_read_from_xmp():
    packet = b'<rdf:Description GCamera:BurstID="8bafacec-2d9c" GCamera:BurstPrimary="1"/>'
    assert capture_facts(jpeg(xmp=packet)).burst == "8bafacec-2d9c"


def test_frames_of_one_fujifilm_burst_have_one_burst_and_the_next_burst_another():
    bursts = [
        capture_facts(jpeg({Base.MakerNote: fuji_note(place)}), name=f"DSCF{number:04}.JPG").burst
        for number, place in ((100, 0), (101, 1), (102, 2), (103, 3), (104, 1), (105, 2))
    ]
    assert bursts[0] == ""
    assert bursts[1] == bursts[2] == bursts[3] != bursts[4] == bursts[5] != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("IMG_20190102_123456_BURST001.jpg", "IMG_20190102_123456_BURST002_COVER.jpg"),
        ("00000IMG_00000_BURST20151231235959123.jpg", "00001IMG_00001_BURST20151231235959123.jpg"),
    ],
)
def test_names_of_bursts_are_understood(one: str, other: str):
    assert capture_facts(jpeg(), name=one).burst == capture_facts(jpeg(), name=other).burst != ""
    assert capture_facts(jpeg(), name="IMG_1.jpg").burst == ""


def test_a_path_is_read_and_left_as_it_is(tmp_path: Path):
    path = tmp_path / "IMG_5_BURST1.jpg"
    path.write_bytes(jpeg({Base.DateTimeOriginal: "2024:05:01 12:34:56"}).getvalue())
    before = path.stat()
    facts = capture_facts(path)
    assert (facts.time, facts.burst) == (at(2024, 5, 1, 12, 34, 56), "IMG_5")
    assert path.stat().st_mtime_ns == before.st_mtime_ns


def test_what_is_no_photo_says_nothing(tmp_path: Path):
    assert capture_facts(tmp_path / "gone.jpg") == CaptureFacts()
    assert capture_facts(io.BytesIO(b"no photo")) == CaptureFacts()


@given(st.data())
def test_damaged_exif_never_raises(data: st.DataObject):
    tags = {
        Base.DateTimeOriginal: "2024:05:01 12:34:56",
        Base.MakerNote: apple_note("burst"),
        Base.BodySerialNumber: "12",
    }
    whole = bytearray(jpeg(tags, {Base.Make: "Apple"}).getvalue())
    header = whole.index(b"Exif")
    for _ in range(data.draw(st.integers(1, 8))):
        whole[header + data.draw(st.integers(6, 200))] = data.draw(st.integers(0, 255))
    assert isinstance(capture_facts(io.BytesIO(bytes(whole))), CaptureFacts)


@given(st.binary(max_size=300))
def test_any_maker_note_is_survived(note: bytes):
    for head in (b"Apple iOS\0\0\x01MM", b"Apple iOS\0\0\x01II", b"FUJIFILM"):
        facts = capture_facts(jpeg({Base.MakerNote: head + note}))
        assert isinstance(facts, CaptureFacts)


def test_names_sort_as_cameras_count():
    names = ["IMG_10.jpg", "IMG_9.jpg", "img_2.jpg", "DSC1.jpg", "IMG.jpg"]
    in_order = ["DSC1.jpg", "IMG.jpg", "img_2.jpg", "IMG_9.jpg", "IMG_10.jpg"]
    assert sorted(names, key=natural_key) == in_order


@given(st.lists(st.text(max_size=12)))
def test_any_names_can_be_sorted(names: list[str]):
    sorted(names, key=natural_key)
