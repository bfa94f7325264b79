"""One photo prepared: its pixels, its facts, its thumbnail, and what goes wrong."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from iae.errors import ImageError, OutputError
from iae.images.decode import decode_photo
from iae.images.preprocess import PreprocessSpec, load_pixels
from iae.images.technical import technical_facts
from iae.scoring import decoding
from iae.scoring.decoding import THUMBNAIL_SIDE, Task, prepare_photo

SPEC = PreprocessSpec(size=64)


@pytest.fixture
def large(tmp_path: Path, picture: Image.Image) -> Path:
    """1920×1280."""
    picture.resize((1920, 1280)).save(tmp_path / "large.jpg", quality=95)
    return tmp_path / "large.jpg"


def test_pixels_are_those_of_training(large: Path):
    prepared = prepare_photo(Task(large), SPEC, False)
    assert np.array_equal(prepared.pixels, load_pixels(large, SPEC))
    assert prepared.facts is None


def test_facts_tell_the_full_size_of_a_photo_that_was_decoded_small(large: Path):
    facts = prepare_photo(Task(large), SPEC, True).facts
    assert facts is not None
    assert (facts.width, facts.height) == (1920, 1280)
    assert facts == technical_facts(decode_photo(large, min_side=SPEC.decode_side))


@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (5000, 1)])
def test_a_photo_one_pixel_wide_is_prepared_measured_and_shown(tmp_path: Path, size):
    Image.new("RGB", size, "red").save(tmp_path / "a.png")
    task = Task(tmp_path / "a.png", tmp_path / "thumbnail.jpg")
    prepared = prepare_photo(task, SPEC, True)
    assert prepared.facts is not None
    assert (prepared.facts.width, prepared.facts.height) == size
    with Image.open(tmp_path / "thumbnail.jpg") as image:
        assert min(max(size), THUMBNAIL_SIDE // 2) <= max(image.size) <= THUMBNAIL_SIDE


def test_a_thumbnail_changes_neither_pixels_nor_facts(tmp_path: Path, large: Path):
    (tmp_path / "thumbnails").mkdir()
    plain = prepare_photo(Task(large), SPEC, True)
    shown = prepare_photo(Task(large, tmp_path / "thumbnails" / "a.jpg"), SPEC, True)
    assert np.array_equal(plain.pixels, shown.pixels)
    assert plain.facts == shown.facts
    assert [path.name for path in (tmp_path / "thumbnails").iterdir()] == ["a.jpg"]


def test_an_unreadable_photo_leaves_no_thumbnail(tmp_path: Path):
    (tmp_path / "a.jpg").write_bytes(b"no photo")
    with pytest.raises(ImageError, match="not a photo"):
        prepare_photo(Task(tmp_path / "a.jpg", tmp_path / "thumbnail.jpg"), SPEC, True)
    assert not (tmp_path / "thumbnail.jpg").exists()


def test_a_thumbnail_that_cannot_be_written_is_no_fault_of_the_photo(tmp_path: Path, large: Path):
    (tmp_path / "thumbnail.jpg").mkdir()
    with pytest.raises(OutputError, match="cannot write .*thumbnail.jpg"):
        prepare_photo(Task(large, tmp_path / "thumbnail.jpg"), SPEC, True)


def test_a_thumbnail_brings_no_folder_back_that_was_removed(tmp_path: Path, large: Path):
    with pytest.raises(OutputError, match="cannot write .*a.jpg: No such file"):
        prepare_photo(Task(large, tmp_path / "gone" / "a.jpg"), SPEC, True)
    assert not (tmp_path / "gone").exists()


def test_memory_that_runs_out_after_decoding_is_a_reason_too(large: Path, monkeypatch):
    def greedy(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(decoding, "to_pixels", greedy)
    with pytest.raises(ImageError, match="^not enough memory to decode it$"):
        prepare_photo(Task(large), SPEC, True)
