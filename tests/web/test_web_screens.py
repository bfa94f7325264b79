"""Photos at screen size."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from iae.errors import ImageError
from iae.web.screens import Screens


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "large.jpg"
    ramp = np.linspace(0, 255, 2000, dtype=np.uint8)
    image = Image.fromarray(np.broadcast_to(ramp[None, :, None], (1000, 2000, 3)).copy())
    exif = Image.Exif()
    exif[0x0112] = 6  # Orientation: to be turned clockwise
    exif[0x8825] = {1: "N", 2: (48.0, 8.0, 0.0)}  # GPS
    image.save(path, exif=exif)
    return path


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def test_a_large_photo_is_made_as_long_as_the_screen_and_upright(photo: Path, tmp_path: Path):
    picture = opened(Screens(tmp_path / "s").jpeg("id", photo, 1024))
    assert picture.size == (512, 1024)
    assert picture.getpixel((256, 10))[0] < picture.getpixel((256, 1000))[0]


def test_a_small_photo_keeps_its_size(photo: Path, tmp_path: Path):
    assert opened(Screens(tmp_path / "s").jpeg("id", photo, 3200)).size == (1000, 2000)


def test_no_metadata_is_left(photo: Path, tmp_path: Path):
    data = Screens(tmp_path / "s").jpeg("id", photo, 1024)
    assert len(opened(data).getexif()) == 0
    assert b"Exif" not in data
    assert b"ICC_PROFILE" not in data


def test_the_second_time_it_is_read_and_not_made(photo: Path, tmp_path: Path):
    screens = Screens(tmp_path / "s")
    first = screens.jpeg("id", photo, 1024)
    (kept,) = (tmp_path / "s").iterdir()
    kept.write_bytes(b"from the folder")
    assert screens.jpeg("id", photo, 1024) == b"from the folder" != first


def test_a_photo_that_was_changed_is_made_anew(photo: Path, tmp_path: Path):
    screens = Screens(tmp_path / "s")
    screens.jpeg("id", photo, 1024)
    Image.new("RGB", (30, 20)).save(photo)
    assert opened(screens.jpeg("id", photo, 1024)).size == (30, 20)


def test_without_a_folder_that_can_be_written_photos_are_shown_all_the_same(
    photo: Path, tmp_path: Path
):
    (tmp_path / "file").write_text("in the way")
    assert opened(Screens(tmp_path / "file").jpeg("id", photo, 1024)).size == (512, 1024)


def test_a_photo_that_is_gone_is_an_image_error(tmp_path: Path):
    with pytest.raises(ImageError, match="gone"):
        Screens(tmp_path / "s").jpeg("id", tmp_path / "nothing.jpg", 1024)
