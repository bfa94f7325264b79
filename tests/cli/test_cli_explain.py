"""``iae explain`` at the door."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from iae.cli.main import main


def run(*arguments: object):
    return CliRunner().invoke(main, ["explain", *map(str, arguments)])


@pytest.fixture
def photo(tmp_path: Path, example_photos: list[Path]) -> Path:
    copy = tmp_path / "photo.jpg"
    copy.write_bytes(example_photos[0].read_bytes())
    return copy


def test_a_photo_becomes_a_picture_and_two_lines(photo: Path, tmp_path: Path, toy_onnx: Path):
    result = run(photo, "-o", tmp_path / "heat.png", "--model", toy_onnx)
    assert result.exit_code == 0
    first, second = result.output.splitlines()
    assert first.startswith("score ")
    assert "photo.jpg; hiding detail would lower it by" in first
    assert second == f"picture: {tmp_path / 'heat.png'}"
    with Image.open(tmp_path / "heat.png") as picture:
        assert picture.format == "PNG"


def test_an_emotion_can_be_explained(photo: Path, tmp_path: Path, toy_onnx: Path):
    result = run(photo, "-o", tmp_path / "heat.png", "--emotion", "awe", "--model", toy_onnx)
    assert result.output.startswith("awe ")
    assert "percentage points" in result.output


def test_the_photo_itself_is_never_written(photo: Path, toy_onnx: Path):
    before = photo.read_bytes()
    result = run(photo, "-o", photo, "--model", toy_onnx)
    assert result.exit_code == 2
    assert result.output == (
        f"iae: {photo} is the photo itself, which stays as it is; choose another -o\n"
    )
    assert photo.read_bytes() == before


def test_a_photo_that_is_not_there_is_one_line(tmp_path: Path, toy_onnx: Path):
    result = run(tmp_path / "gone.jpg", "-o", tmp_path / "heat.png", "--model", toy_onnx)
    assert result.exit_code == 2
    assert result.output == f"iae: {tmp_path / 'gone.jpg'}: the file is gone or is a broken link\n"
    assert not (tmp_path / "heat.png").exists()
