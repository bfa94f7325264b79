"""Photos are decoded once; what is in the cache is what the files hold now."""

import os
from pathlib import Path

import numpy as np
import pytest
from full_disk import full_disk
from PIL import Image

from iae.errors import DataError, OutputError
from iae.images.preprocess import PreprocessSpec, load_pixels
from iae.train import cache
from iae.train.cache import build_cache

SPEC = PreprocessSpec(size=32)


@pytest.fixture
def photos(tmp_path: Path, picture: Image.Image) -> list[Path]:
    paths = [tmp_path / f"{i}.bmp" for i in range(4)]
    for i, path in enumerate(paths):
        picture.rotate(20 * i).save(path)
    return paths


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Every photo that was decoded."""
    paths: list[Path] = []

    def load(path: Path, spec: PreprocessSpec) -> np.ndarray:
        paths.append(path)
        return load_pixels(path, spec)

    monkeypatch.setattr(cache, "load_pixels", load)
    return paths


def test_rows_hold_the_prepared_pixels_in_the_order_asked_for(photos: list[Path], folder: Path):
    built = build_cache(photos[::-1], SPEC, folder)
    for row, path in zip(built.pixels, photos[::-1], strict=True):
        np.testing.assert_array_equal(row, load_pixels(path, SPEC))


def test_a_second_run_decodes_nothing(photos: list[Path], folder: Path, decoded: list[Path]):
    first = build_cache(photos, SPEC, folder)
    decoded.clear()
    second = build_cache(photos, SPEC, folder)
    assert decoded == []
    np.testing.assert_array_equal(first.pixels, second.pixels)


def test_a_changed_photo_is_decoded_anew(photos: list[Path], folder: Path, picture: Image.Image):
    build_cache(photos, SPEC, folder)
    size, time = photos[1].stat().st_size, photos[1].stat().st_mtime_ns + 1_000_000_000
    picture.rotate(180).save(photos[1])
    assert photos[1].stat().st_size == size  # only its time tells
    os.utime(photos[1], ns=(time, time))
    built = build_cache(photos, SPEC, folder)
    np.testing.assert_array_equal(built.pixels[1], load_pixels(photos[1], SPEC))


def test_another_preparation_is_another_file(photos: list[Path], folder: Path):
    build_cache(photos, SPEC, folder)
    cropped = PreprocessSpec(size=32, aspect="crop")
    built = build_cache(photos, cropped, folder)
    np.testing.assert_array_equal(built.pixels[0], load_pixels(photos[0], cropped))


def test_unreadable_photos_are_named_by_row_also_from_the_cache(photos: list[Path], folder: Path):
    photos[1].write_text("not a photo")
    photos[2].unlink()
    for _ in range(2):
        unreadable = build_cache(photos, SPEC, folder).unreadable
        assert list(unreadable) == [1, 2]
        assert "not a photo" in unreadable[1]
        assert "gone" in unreadable[2]


def test_when_no_photo_can_be_read_the_first_one_and_its_reason_are_told(
    photos: list[Path], folder: Path
):
    for path in photos:
        path.write_bytes(b"")
    with pytest.raises(DataError, match=r"none of 4 photos .* example .*0\.bmp: .*empty"):
        build_cache(photos, SPEC, folder)


def test_what_a_killed_run_left_is_not_used(
    photos: list[Path], folder: Path, monkeypatch: pytest.MonkeyPatch
):
    class KilledError(BaseException):
        pass

    def killed_at_the_third(path: Path, spec: PreprocessSpec) -> np.ndarray:
        if path == photos[2]:
            raise KilledError
        return load_pixels(path, spec)

    with monkeypatch.context() as patch:
        patch.setattr(cache, "load_pixels", killed_at_the_third)
        patch.setattr(Path, "unlink", lambda path: None)  # nobody tidies up after kill -9
        with pytest.raises(KilledError):
            build_cache(photos, SPEC, folder)
    assert list(folder.glob(".*.part"))
    built = build_cache(photos, SPEC, folder)
    np.testing.assert_array_equal(built.pixels[3], load_pixels(photos[3], SPEC))


def test_pixels_without_their_index_are_made_again(photos: list[Path], folder: Path):
    build_cache(photos, SPEC, folder)
    next(folder.glob("*.json")).unlink()
    next(folder.glob("*.pixels")).write_bytes(b"half a")
    built = build_cache(photos, SPEC, folder)
    np.testing.assert_array_equal(built.pixels[3], load_pixels(photos[3], SPEC))


def test_an_index_without_its_pixels_is_made_again(photos: list[Path], folder: Path):
    build_cache(photos, SPEC, folder)
    next(folder.glob("*.pixels")).unlink()
    built = build_cache(photos, SPEC, folder)
    np.testing.assert_array_equal(built.pixels[3], load_pixels(photos[3], SPEC))


def test_a_cache_folder_that_is_a_file_is_refused(photos: list[Path], tmp_path: Path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(OutputError, match="cannot make the folder .*file: a file has that name"):
        build_cache(photos, SPEC, tmp_path / "file")


def test_progress_reaches_the_total(photos: list[Path], folder: Path):
    told: list[tuple[int, int]] = []
    build_cache(photos, SPEC, folder, progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_a_full_disk_is_said_and_leaves_no_half_file(photos: list[Path], folder: Path):
    with full_disk(), pytest.raises(OutputError, match=r"cannot write .*\.pixels: File too large"):
        build_cache(photos, SPEC, folder)
    assert list(folder.iterdir()) == []
