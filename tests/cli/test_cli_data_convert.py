import csv

import pytest
from click.testing import CliRunner
from whole_sets import picture

from iae.cli.data.convert import TARGET_NAMES
from iae.cli.main import main
from iae.convert.job import TARGETS


@pytest.fixture
def photos(tmp_path):
    """A table of three photos, the last of which is not there."""
    root = tmp_path / "photos"
    root.mkdir()
    for i in range(2):
        (root / f"{i}.jpg").write_bytes(picture(i))
    with (root / "labels.csv").open("w", newline="") as file:
        rows = [["image", "score", "emotion"], ["0.jpg", 2, "awe"], ["1.jpg", 9, "fear"],
                ["2.jpg", 5, ""]]  # fmt: skip
        csv.writer(file).writerows(rows)
    return root


def convert(*arguments):
    return CliRunner().invoke(main, ["data", "convert", *map(str, arguments)])


def test_the_choices_are_the_forms_that_are_written():
    assert [target.name for target in TARGETS] == list(TARGET_NAMES)


@pytest.mark.parametrize("form", ["imagefolder", "parquet", "webdataset"])
def test_what_cannot_be_read_is_said_and_the_rest_is_written(photos, tmp_path, form):
    done = convert(photos, "--to", form, "-o", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert "left out 2.jpg: there is no such file" in done.stderr
    assert "1 pictures cannot be read" in done.stderr
    info = CliRunner().invoke(main, ["data", "info", str(tmp_path / "out")])
    assert f"format: {form}" in info.stdout
    assert "images: 2" in info.stdout


def test_losses_come_before_the_work(photos, tmp_path):
    done = convert(photos, "--to", "uae", "-o", tmp_path / "out")
    lines = done.stdout.splitlines()
    assert lines[0].startswith("not kept: ")
    assert lines[-1].startswith("wrote ")


def test_a_folder_in_use_is_one_line(photos, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "x").touch()
    done = convert(photos, "--to", "parquet", "-o", tmp_path / "out")
    assert done.exit_code == 2
    assert "exists already; choose a new or empty folder with -o" in done.stderr
