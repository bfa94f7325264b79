"""RAW, HEIC and AVIF photos, compared with the pixels that went into them; and their extras."""

import io
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from raw_files import dng

from iae.errors import ImageError
from iae.images.decode import PHOTO_SUFFIXES, SUFFIXES, decode_photo
from iae.images.kind import kind_of
from iae.scoring.find import find_photos

pillow_heif = pytest.importorskip("pillow_heif")
rawpy = pytest.importorskip("rawpy")


@pytest.fixture(scope="module")
def scene() -> Image.Image:
    """640×480 with smooth colours: red grows to the right, green downwards."""
    y, x = np.mgrid[0:480, 0:640]
    return Image.fromarray(
        np.stack([x * 255 / 639, y * 255 / 479, 40 + 0 * x], axis=2).round().astype(np.uint8)
    )


def put(folder: Path, data: bytes, name: str = "photo.dng") -> Path:
    (folder / name).write_bytes(data)
    return folder / name


def difference(a: Image.Image, b: Image.Image) -> float:
    assert (a.mode, a.size) == (b.mode, b.size)
    return float(np.abs(np.asarray(a).astype(int) - np.asarray(b).astype(int)).mean())


def heic(picture: Image.Image, **options: object) -> bytes:
    data = io.BytesIO()
    pillow_heif.from_pillow(picture).save(data, quality=90, **options)
    return data.getvalue()


def avif(picture: Image.Image, **options: object) -> bytes:
    data = io.BytesIO()
    picture.save(data, "AVIF", quality=90, **options)
    return data.getvalue()


# RAW


def test_a_raw_photo_is_developed_to_about_what_the_sensor_saw(tmp_path, scene):
    photo = decode_photo(put(tmp_path, dng(scene)))
    assert (photo.width, photo.height) == (640, 480)
    # LibRaw brightens until a hundredth of the pixels are white, so colours move a little.
    assert difference(photo.image, scene) < 12


def test_a_large_preview_is_taken_instead_of_the_sensors_data(tmp_path, scene):
    blue = Image.new("RGB", (640, 480), (0, 0, 200))
    photo = decode_photo(put(tmp_path, dng(scene, preview=blue)), min_side=200)
    assert np.asarray(photo.image)[0, 0].tolist() == pytest.approx([0, 0, 200], abs=3)
    assert (photo.width, photo.height) == (640, 480)


@pytest.mark.parametrize("size", [(160, 120), (640, 360)], ids=["small", "letter-boxed"])
def test_a_preview_that_is_too_small_or_of_another_shape_is_left(tmp_path, scene, size):
    blue = Image.new("RGB", size, (0, 0, 200))
    photo = decode_photo(put(tmp_path, dng(scene, preview=blue)), min_side=200)
    assert photo.image.size == (320, 240)  # developed at half its size
    assert difference(photo.image, scene.reduce(2)) < 12


def test_a_damaged_preview_is_no_loss(tmp_path, scene):
    data = bytearray(dng(scene, preview=scene))
    start = data.index(b"\xff\xd8\xff")
    data[start + 100 : start + 2000] = b"\xff" * 1900
    assert difference(decode_photo(put(tmp_path, data), min_side=200).image, scene.reduce(2)) < 12


def test_a_raw_photo_is_developed_in_full_where_half_is_too_small(tmp_path, scene):
    assert decode_photo(put(tmp_path, dng(scene)), min_side=241).image.size == (640, 480)


@pytest.mark.parametrize("orientation", [3, 6, 8])
@pytest.mark.parametrize("with_preview", [True, False])
def test_a_raw_photo_is_turned_upright(tmp_path, scene, orientation, with_preview):
    lies = {3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_90,
            8: Image.Transpose.ROTATE_270}[orientation]  # fmt: skip
    lying = scene.transpose(lies)
    preview = lying if with_preview else None
    path = put(tmp_path, dng(lying, preview=preview, orientation=orientation))
    photo = decode_photo(path, min_side=200)
    assert (photo.width, photo.height) == (640, 480)
    assert difference(photo.image, scene.resize(photo.image.size)) < 12


def test_a_raw_photo_is_known_by_its_content_also_as_an_open_file(scene):
    assert decode_photo(io.BytesIO(dng(scene)), min_side=200).image.size == (320, 240)


def test_a_jpeg_under_the_name_of_a_raw_photo_is_a_jpeg(tmp_path, scene):
    scene.save(tmp_path / "a.nef", format="JPEG", quality=95)
    assert difference(decode_photo(tmp_path / "a.nef").image, scene) < 2


def test_a_plain_tiff_under_the_name_of_a_raw_photo_is_a_tiff(tmp_path, scene):
    scene.save(tmp_path / "a.dng", format="TIFF")
    assert difference(decode_photo(tmp_path / "a.dng").image, scene) == 0


@pytest.mark.parametrize("kept", [0.001, 0.1, 0.5, 0.9])
def test_a_truncated_raw_photo_has_a_reason(tmp_path, scene, kept):
    data = dng(scene)
    with pytest.raises(ImageError, match="damaged|not a photo"):
        decode_photo(put(tmp_path, data[: int(kept * len(data))]))


def test_a_raw_photo_over_the_limit_is_refused(tmp_path, scene, monkeypatch):
    monkeypatch.setattr("iae.images.decode.MAX_PIXELS", 640 * 480 - 1)
    with pytest.raises(ImageError, match=r"too large to decode safely \(640×480 pixels; the limit"):
        decode_photo(put(tmp_path, dng(scene)))


# HEIC and AVIF


@pytest.mark.parametrize("encode", [heic, avif])
def test_a_heic_and_an_avif_photo_are_close_to_what_was_stored(tmp_path, scene, encode):
    photo = decode_photo(put(tmp_path, encode(scene), "photo.jpg"))
    assert difference(photo.image, scene) < 3
    assert (photo.width, photo.height) == (640, 480)


@pytest.mark.parametrize("encode", [heic, avif])
def test_a_heic_and_an_avif_photo_are_turned_upright_once(tmp_path, scene, encode):
    exif = Image.Exif()
    exif[0x0112] = 6
    lying = scene.transpose(Image.Transpose.ROTATE_90)
    photo = decode_photo(put(tmp_path, encode(lying, exif=exif.tobytes()), "photo.heic"))
    assert (photo.width, photo.height) == (640, 480)
    assert difference(photo.image, scene) < 3


@pytest.mark.parametrize("encode", [heic, avif])
@pytest.mark.parametrize("kept", [0.05, 0.3, 0.6])
def test_a_truncated_heic_or_avif_photo_has_a_reason(tmp_path, scene, encode, kept):
    data = encode(scene)
    with pytest.raises(ImageError, match="^damaged: |^not a photo"):
        decode_photo(put(tmp_path, data[: int(kept * len(data))], "a.heic"))


def test_a_heic_photo_over_the_limit_is_refused(tmp_path, scene, monkeypatch):
    monkeypatch.setattr("iae.images.decode.MAX_PIXELS", 640 * 480 - 1)
    with pytest.raises(ImageError, match=r"too large to decode safely \(640×480 pixels; the limit"):
        decode_photo(put(tmp_path, heic(scene), "a.heic"))


def test_reading_heic_leaves_pillows_own_formats_as_they_were(tmp_path, scene):
    decode_photo(put(tmp_path, heic(scene), "a.heic"))
    Image.init()
    assert "HEIF" not in Image.OPEN


# Without the extras


@pytest.mark.parametrize(
    ("module", "reason"),
    [
        ("rawpy", r"^a RAW photo needs packages .*; run: pip install 'iae\[raw\]'$"),
        ("pillow_heif", r"^a HEIC photo needs packages .*; run: pip install 'iae\[heic\]'$"),
    ],
)
def test_a_photo_whose_extra_is_missing_says_what_to_install(
    tmp_path, scene, monkeypatch, module, reason
):
    monkeypatch.setitem(sys.modules, module, None)
    data = dng(scene) if module == "rawpy" else heic(scene)
    with pytest.raises(ImageError, match=reason):
        decode_photo(put(tmp_path, data))


def test_an_avif_photo_that_this_pillow_cannot_read_says_so(tmp_path, scene, monkeypatch):
    data = avif(scene)
    monkeypatch.setattr("PIL.features.check", lambda name: False)
    with pytest.raises(ImageError, match=r"another build of Pillow; run: pip install --upgrade"):
        decode_photo(put(tmp_path, data, "a.avif"))


# Being found


def test_photos_of_every_kind_are_found_in_a_folder(tmp_path):
    names = sorted(f"photo{suffix}" for suffix in PHOTO_SUFFIXES)
    assert {".nef", ".dng", ".heic", ".avif"} < PHOTO_SUFFIXES - SUFFIXES
    for name in names:
        (tmp_path / name).write_bytes(b"x")
    found = find_photos([tmp_path], leave_out=tmp_path / "out")
    assert sorted(photo.path.name for photo in found) == names
    assert {photo.problem for photo in found} == {None}


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "HEIC"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif", "AVIF"),
        (b"\0\0\0\x18ftypavif\0\0\0\0mif1miaf", "AVIF"),
        (b"\0\0\0\x18ftypcrx \0\0\0\x01crx isom", "RAW"),
        (b"\0\0\0\x18ftypisom\0\0\x02\0isomiso2avc1mp41", "video"),
        (b"II*\0\x10\0\0\0CR\x02\0", "RAW"),
        (b"FUJIFILMCCD-RAW 0201", "RAW"),
        (b"IIU\0\x18\0\0\0", "RAW"),
        (b"IIRO\x08\0\0\0", "RAW"),
    ],
)
def test_the_head_of_a_file_tells_its_kind(head, kind):
    assert kind_of(head) == kind
