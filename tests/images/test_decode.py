"""Every kind of file a photo can come as, compared with the pixels that went into it."""

import io
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from iae.errors import ImageError
from iae.images.decode import decode_photo, load_photo

LOSSLESS = {"png": {}, "webp": {"lossless": True, "exact": True}, "tif": {}, "bmp": {}}
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
# The same colour space with red and green exchanged: pixels in it must come out exchanged.
SWAPPED = SRGB.replace(b"rXYZ", b"gXYZ", 1)[::-1].replace(b"gXYZ"[::-1], b"rXYZ"[::-1], 1)[::-1]


def stored(folder: Path, image: Image.Image, name: str = "photo.png", **options: Any) -> Path:
    path = folder / name
    image.save(path, **options)
    return path


def array(image: Image.Image) -> np.ndarray:
    return np.asarray(image).astype(int)


def difference(a: Image.Image, b: Image.Image) -> float:
    """Mean absolute difference of a channel, of 255."""
    assert (a.mode, a.size) == (b.mode, b.size)
    return float(np.abs(array(a) - array(b)).mean())


# Formats and modes


@pytest.mark.parametrize("suffix", LOSSLESS)
def test_a_lossless_photo_keeps_every_pixel(tmp_path, picture, suffix):
    path = stored(tmp_path, picture, f"photo.{suffix}", **LOSSLESS[suffix])
    assert difference(load_photo(path), picture) == 0


@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_is_close_to_what_was_stored(tmp_path, picture, progressive):
    path = stored(tmp_path, picture, "photo.jpg", quality=95, progressive=progressive)
    assert difference(load_photo(path), picture) < 2


def test_the_content_decides_what_a_file_is_not_its_name(tmp_path, picture):
    path = stored(tmp_path, picture, "photo.jpg", format="PNG")
    assert difference(load_photo(path), picture) == 0


def test_the_photo_can_be_used_when_its_file_is_gone(tmp_path, picture):
    path = stored(tmp_path, picture)
    photo = load_photo(path)
    path.unlink()
    assert photo.resize((8, 8)).size == (8, 8)


def test_the_file_is_only_read(tmp_path, picture):
    path = stored(tmp_path, picture)
    before = path.read_bytes(), path.stat().st_mtime_ns
    load_photo(path)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


def test_transparent_pixels_show_white_and_half_transparent_ones_half_of_it(tmp_path):
    image = Image.new("RGBA", (3, 1), (200, 100, 0, 255))
    image.putpixel((1, 0), (200, 100, 0, 0))
    image.putpixel((2, 0), (200, 100, 0, 128))
    photo = array(load_photo(stored(tmp_path, image)))
    assert photo[0].tolist() == [[200, 100, 0], [255, 255, 255], [227, 177, 127]]


def test_a_transparent_palette_entry_shows_white(tmp_path):
    image = Image.new("P", (2, 1))
    image.putpalette([10, 20, 30, 40, 50, 60])
    image.putpixel((1, 0), 1)
    photo = load_photo(stored(tmp_path, image, transparency=1))
    assert array(photo)[0].tolist() == [[10, 20, 30], [255, 255, 255]]


def test_a_palette_becomes_its_colours(tmp_path):
    image = Image.new("P", (2, 1))
    image.putpalette([10, 20, 30, 40, 50, 60])
    image.putpixel((1, 0), 1)
    for name in ("photo.png", "photo.gif", "photo.bmp", "photo.tif"):
        photo = load_photo(stored(tmp_path, image, name))
        assert array(photo)[0].tolist() == [[10, 20, 30], [40, 50, 60]], name


def test_a_transparent_key_colour_shows_white(tmp_path):
    image = Image.new("RGB", (2, 1), (10, 20, 30))
    image.putpixel((1, 0), (1, 2, 3))
    photo = load_photo(stored(tmp_path, image, transparency=(1, 2, 3)))
    assert array(photo)[0].tolist() == [[10, 20, 30], [255, 255, 255]]


@pytest.mark.parametrize("name", ["photo.png", "photo.tif", "photo.bmp"])
def test_grey_becomes_three_equal_channels(tmp_path, picture, name):
    grey = picture.convert("L")
    photo = load_photo(stored(tmp_path, grey, name))
    assert difference(photo, Image.merge("RGB", [grey] * 3)) == 0


def test_grey_with_alpha_lies_on_white(tmp_path):
    image = Image.new("LA", (2, 1), (100, 255))
    image.putpixel((1, 0), (100, 0))
    photo = load_photo(stored(tmp_path, image))
    assert array(photo)[0].tolist() == [[100] * 3, [255] * 3]


@pytest.mark.parametrize("name", ["photo.png", "photo.tif", "photo.bmp", "photo.gif"])
def test_one_bit_becomes_black_and_white(tmp_path, name):
    image = Image.new("1", (2, 1))
    image.putpixel((1, 0), 1)
    photo = load_photo(stored(tmp_path, image, name))
    assert array(photo)[0].tolist() == [[0] * 3, [255] * 3]


SIXTEEN_BIT = np.array([[0, 257, 1000, 32896, 65278, 65535]], np.uint16)
EIGHT_BIT = [0, 1, 4, 128, 254, 255]


@pytest.mark.parametrize("name", ["photo.png", "photo.tif"])
def test_sixteen_bit_grey_is_scaled_to_eight(tmp_path, name):
    photo = load_photo(stored(tmp_path, Image.fromarray(SIXTEEN_BIT), name))
    assert array(photo)[0].tolist() == [[value] * 3 for value in EIGHT_BIT]


def test_big_endian_sixteen_bit_grey_is_scaled_to_eight(tmp_path):
    image = Image.frombytes("I;16B", (6, 1), SIXTEEN_BIT.astype(">u2").tobytes())
    photo = load_photo(stored(tmp_path, image, "photo.tif"))
    assert array(photo)[0].tolist() == [[value] * 3 for value in EIGHT_BIT]


def test_a_dark_sixteen_bit_photo_stays_dark(tmp_path):
    image = Image.fromarray(np.full((2, 2), 200, np.uint16))
    assert array(load_photo(stored(tmp_path, image))).max() == 1


@pytest.mark.parametrize("scale", [1.0, 255.0])
def test_floats_are_read_as_zero_to_one_or_as_zero_to_255(tmp_path, scale):
    image = Image.fromarray(np.array([[0.0, 0.2, 1.0]], np.float32) * np.float32(scale))
    photo = load_photo(stored(tmp_path, image, "photo.tif"))
    assert array(photo)[0].tolist() == [[0] * 3, [51] * 3, [255] * 3]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_floats_that_are_no_numbers_are_clipped(tmp_path, bad):
    image = Image.fromarray(np.array([[bad, 0.5]], np.float32))
    assert array(load_photo(stored(tmp_path, image, "photo.tif"))).shape == (1, 2, 3)


def test_floats_that_are_all_nan_are_black(tmp_path):
    image = Image.fromarray(np.full((2, 2), np.nan, np.float32))
    assert array(load_photo(stored(tmp_path, image, "photo.tif"))).max() == 0


def test_a_cmyk_jpeg_has_its_colours_not_their_negatives(tmp_path, picture):
    path = stored(tmp_path, picture.convert("CMYK"), "photo.jpg", quality=95)
    assert difference(load_photo(path), picture) < 8


@pytest.mark.parametrize("name", ["photo.gif", "photo.webp", "photo.png", "photo.tif"])
def test_of_several_frames_the_first_is_taken(tmp_path, name):
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "lime", "blue")]
    path = stored(tmp_path, frames[0], name, save_all=True, append_images=frames[1:])
    assert np.abs(array(load_photo(path)) - [255, 0, 0]).max() <= 4


@pytest.mark.parametrize("min_side", [None, 16])
def test_of_an_mpo_the_first_view_is_taken(tmp_path, picture, min_side):
    negative = Image.eval(picture, lambda value: 255 - value)
    path = stored(
        tmp_path, picture, "photo.mpo", save_all=True, append_images=[negative], quality=95
    )
    photo = load_photo(path, min_side=min_side)
    assert difference(photo, picture.resize(photo.size)) < 6


# Orientation

# How the upright picture U lies in the file, from the EXIF standard: where the stored row 0 and
# column 0 are seen (6: row 0 is the right-hand side, column 0 the top).
LYING = {
    1: lambda u: u,
    2: lambda u: u[:, ::-1],
    3: lambda u: u[::-1, ::-1],
    4: lambda u: u[::-1],
    5: lambda u: u.swapaxes(0, 1),
    6: lambda u: u[:, ::-1].swapaxes(0, 1),
    7: lambda u: u[::-1, ::-1].swapaxes(0, 1),
    8: lambda u: u[::-1].swapaxes(0, 1),
}


@pytest.mark.parametrize("orientation", LYING)
@pytest.mark.parametrize("name", ["photo.jpg", "photo.png", "photo.webp", "photo.tif"])
def test_a_photo_is_turned_upright(tmp_path, picture, name, orientation):
    lying = Image.fromarray(np.ascontiguousarray(LYING[orientation](np.asarray(picture))))
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"lossless": True} if name.endswith("webp") else {"quality": 95}
    path = stored(tmp_path, lying, name, exif=exif, **options)
    assert difference(load_photo(path), picture) < (2 if name.endswith("jpg") else 1e-9)


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_orientation_that_does_not_exist_turns_nothing(tmp_path, picture, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    assert difference(load_photo(stored(tmp_path, picture, exif=exif)), picture) == 0


def test_a_sixteen_bit_photo_is_turned_upright(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 3
    photo = load_photo(stored(tmp_path, Image.fromarray(SIXTEEN_BIT), exif=exif))
    assert array(photo)[0, :, 0].tolist() == EIGHT_BIT[::-1]


# Turned upside down, beside a maker's name that lies far outside the block: Pillow warns of that.
TORN_EXIF = b"Exif\0\0II*\0\x08\0\0\0" + struct.pack(
    "<HHHIIHHIII", 2, 0x0112, 3, 1, 3, 0x010F, 2, 500, 9999, 0
)


@pytest.mark.parametrize(
    "exif", [b"Exif\0\0", b"Exif\0\0nonsense" * 9, b"Exif\0\0II*\0\xff\xff\xff\xff", b"\0" * 50]
)
def test_a_broken_exif_block_is_harmless(tmp_path, picture, exif):
    path = stored(tmp_path, picture, "photo.jpg", quality=95, exif=exif)
    assert difference(load_photo(path), picture) < 2


def test_a_torn_exif_block_still_tells_the_orientation(tmp_path, picture):
    lying = picture.transpose(Image.Transpose.ROTATE_180)
    path = stored(tmp_path, lying, "photo.jpg", quality=95, exif=TORN_EXIF)
    assert difference(load_photo(path), picture) < 2


def test_what_pillow_warns_of_is_no_error_in_a_python_that_makes_errors_of_warnings(
    tmp_path, picture
):
    path = stored(tmp_path, picture, "photo.jpg", exif=TORN_EXIF)
    with pytest.warns(UserWarning, match="larger than file"), Image.open(path) as image:
        image.getexif()
    code = "import sys, pathlib; from iae.images.decode import load_photo\n"
    code += "print(load_photo(pathlib.Path(sys.argv[1])).size)"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, path], capture_output=True, text=True
    )
    assert (done.stdout.strip(), done.stderr) == ("(96, 64)", "")


@pytest.mark.filterwarnings("error")
def test_a_warning_that_somebody_made_an_error_is_a_reason_like_any_other(tmp_path, picture):
    path = stored(tmp_path, picture, "photo.tif")
    data = path.read_bytes()
    width = data.index(struct.pack("<HHI", 256, 4, 1))  # two values where a width is one
    path.write_bytes(data[: width + 4] + struct.pack("<I", 2) + data[width + 8 :])
    with pytest.raises(ImageError, match="damaged: "):
        load_photo(path)


# Colour


def test_an_embedded_srgb_profile_changes_nothing(tmp_path, picture):
    photo = load_photo(stored(tmp_path, picture, icc_profile=SRGB))
    assert np.abs(array(photo) - array(picture)).max() <= 1


def test_an_embedded_profile_is_applied(tmp_path, picture):
    photo = load_photo(stored(tmp_path, picture, icc_profile=SWAPPED))
    assert np.abs(array(photo) - array(picture)[..., [1, 0, 2]]).max() <= 2


@pytest.mark.parametrize("name", ["photo.jpg", "photo.webp", "photo.tif"])
def test_an_embedded_profile_is_applied_in_every_format(tmp_path, picture, name):
    plain = load_photo(stored(tmp_path, picture, "plain." + name, quality=95))
    photo = load_photo(stored(tmp_path, picture, name, quality=95, icc_profile=SWAPPED))
    assert np.abs(array(photo) - array(plain)[..., [1, 0, 2]]).max() <= 2


def test_a_profile_is_applied_to_a_picture_with_alpha(tmp_path, picture):
    photo = load_photo(stored(tmp_path, picture.convert("RGBA"), icc_profile=SWAPPED))
    assert np.abs(array(photo) - array(picture)[..., [1, 0, 2]]).max() <= 2


@pytest.mark.parametrize(
    "profile",
    [b"", b"x", b"nonsense" * 40, SRGB[:200], SRGB[: len(SRGB) // 2], b"\0" * len(SRGB)],
    ids=["empty", "one byte", "nonsense", "header", "half", "zeros"],
)
def test_broken_profile_bytes_are_harmless(tmp_path, picture, profile):
    photo = load_photo(stored(tmp_path, picture, icc_profile=profile))
    assert difference(photo, picture) < 1


@pytest.mark.parametrize("mode", ["L", "LA", "1", "P", "I;16", "CMYK"])
def test_a_profile_for_another_mode_is_harmless(tmp_path, picture, mode):
    name = "photo.tif" if mode == "CMYK" else "photo.png"
    if mode == "I;16":
        image = Image.fromarray(np.asarray(picture.convert("L")).astype(np.uint16) * 257)
    else:
        image = picture.convert(mode)
    plain = load_photo(stored(tmp_path, image, "plain." + name))
    photo = load_photo(stored(tmp_path, image, name, icc_profile=SRGB))
    assert difference(photo, plain) <= 1


# Scaled decoding


@pytest.fixture(scope="module")
def large_jpeg(tmp_path_factory):
    """1200×800 with detail at several scales."""
    rng = np.random.default_rng(0)
    noise = Image.fromarray(rng.integers(0, 256, (20, 30, 3), dtype=np.uint8))
    image = noise.resize((1200, 800), Image.Resampling.BICUBIC)
    return stored(tmp_path_factory.mktemp("large"), image, "photo.jpg", quality=95)


@pytest.mark.parametrize("min_side", [1, 100, 101, 150, 200, 399, 400, 401, 800, 5000])
def test_a_scaled_photo_is_never_smaller_than_asked_unless_its_file_is(large_jpeg, min_side):
    assert min(load_photo(large_jpeg, min_side=min_side).size) >= min(min_side, 800)


@pytest.mark.parametrize(("min_side", "size"), [(400, (600, 400)), (100, (150, 100))])
def test_a_large_jpeg_is_decoded_at_a_fraction_of_its_size(large_jpeg, min_side, size):
    assert load_photo(large_jpeg, min_side=min_side).size == size


@pytest.mark.parametrize("min_side", [100, 200, 400])
def test_a_scaled_photo_looks_like_the_full_one(large_jpeg, min_side):
    scaled = load_photo(large_jpeg, min_side=min_side)
    full = load_photo(large_jpeg).resize(scaled.size, Image.Resampling.BOX)
    assert difference(scaled, full) < 1


def test_a_scaled_photo_is_turned_upright_too(tmp_path, large_jpeg):
    exif = Image.Exif()
    exif[0x0112] = 6
    with Image.open(large_jpeg) as image:
        path = stored(tmp_path, image, "photo.jpg", exif=exif)
    assert load_photo(path, min_side=100).size == (100, 150)


def test_other_formats_are_decoded_in_full(tmp_path, picture):
    assert load_photo(stored(tmp_path, picture), min_side=8).size == picture.size


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1)])
@pytest.mark.parametrize("name", ["photo.jpg", "photo.png"])
def test_a_photo_one_pixel_wide_is_decoded(tmp_path, name, size):
    path = stored(tmp_path, Image.new("RGB", size, "red"), name)
    assert load_photo(path, min_side=64).size == size


def test_decoding_in_memory_equals_decoding_by_pillow(large_jpeg):
    reference = Image.open(io.BytesIO(large_jpeg.read_bytes()))
    assert difference(load_photo(large_jpeg), reference) == 0


# The size of the full photo


@pytest.mark.parametrize("min_side", [None, 100])
def test_the_size_told_is_the_full_photos_however_small_it_is_decoded(large_jpeg, min_side):
    photo = decode_photo(large_jpeg, min_side=min_side)
    assert (photo.width, photo.height) == (1200, 800)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["photo.jpg", "photo.png", "photo.webp", "photo.tif"])
def test_the_size_told_is_that_of_the_upright_photo(tmp_path, picture, name, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    photo = decode_photo(stored(tmp_path, picture, name, exif=exif))
    assert (photo.width, photo.height) == photo.image.size
    assert photo.image.size == ((96, 64) if orientation < 5 else (64, 96))
