import csv
import signal
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner
from PIL import Image
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
    assert "cannot read 2.jpg: there is no such file" in done.stderr
    assert "1 picture cannot be read: left out, with their labels" in done.stderr
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


@pytest.mark.parametrize(
    ("form", "kept"),
    [("uae", "there is no file of them; their labels stay"),
     ("iea", "each is a black row; their labels stay")],
)  # fmt: skip
def test_releases_are_said_to_keep_the_labels_of_unreadable_pictures(photos, tmp_path, form, kept):
    with (photos / "labels.csv").open("a") as file:
        file.write("3.jpg,2,fear\n")
    done = convert(photos, "--to", form, "-o", tmp_path / "out", "--size", 32)
    assert done.exit_code == 0, done.output
    assert f"2 pictures cannot be read: {kept}; " in done.stderr
    assert "left out" not in done.stderr
    info = CliRunner().invoke(main, ["data", "info", str(tmp_path / "out")])
    assert "images: 4" in info.stdout


@pytest.mark.parametrize("form", ["uae", "imagefolder", "parquet", "webdataset"])
def test_a_picture_that_is_cut_off_is_copied_and_found_by_check(photos, tmp_path, form):
    Image.effect_noise((64, 64), 50).save(photos / "1.jpg")
    whole = (photos / "1.jpg").read_bytes()
    (photos / "1.jpg").write_bytes(whole[: len(whole) // 2 + 200])
    done = convert(photos, "--to", form, "-o", tmp_path / "out", "--scale", 1, 10)
    assert "1 picture cannot be read" in done.stderr  # the one that is not there
    checked = CliRunner().invoke(main, ["data", "check", str(tmp_path / "out")])
    assert checked.exit_code == 1
    assert "files that are no readable photo" in checked.stdout


def test_ctrl_c_ends_in_one_line_and_leaves_nothing(photos, tmp_path):
    slow = """
import time
from iae.cli.main import main
from iae.data.dataset import FileStore

FileStore.read = lambda store, record: time.sleep(60)
main()
"""
    command = ["data", "convert", photos, "--to", "parquet", "-o", tmp_path / "out"]
    with subprocess.Popen(
        [sys.executable, "-c", slow, *command], stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a job may ignore it
    ) as run:  # fmt: skip
        deadline = time.monotonic() + 30
        while not (tmp_path / "out.part" / "data").exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        run.send_signal(signal.SIGINT)
        _, said = run.communicate(timeout=30)
    assert run.returncode == 1
    assert said.split() == ["Aborted!"]
    assert [path.name for path in tmp_path.iterdir()] == ["photos"]


@pytest.mark.parametrize("form", ["uae", "iea", "imagefolder"])
def test_somebodys_own_photos_are_not_taken_for_the_iae_data_set_afterwards(photos, tmp_path, form):
    (photos / "labels.csv").write_text("image,score,emotion\n0.jpg,2,awe\n1.jpg,9,fear\n")
    assert convert(photos, "--to", form, "-o", tmp_path / "out", "--size", 64).exit_code == 0
    done = CliRunner().invoke(main, ["data", "check", str(tmp_path / "out")])
    assert "opened)" in done.stdout
    assert "count-differs" not in done.stdout


def test_the_iae_data_set_stays_what_it_is_through_conversions(photos, tmp_path):
    (photos / "labels.csv").write_text("image,score,emotion\n0.jpg,2,awe\n1.jpg,9,fear\n")
    convert(photos, "--to", "uae", "-o", tmp_path / "uae")
    (tmp_path / "uae" / "origin.txt").unlink()  # as it would have been published
    convert(tmp_path / "uae", "--to", "parquet", "-o", tmp_path / "hub")
    convert(tmp_path / "hub", "--to", "iea", "-o", tmp_path / "iea", "--size", 64)
    for copy in ("uae", "hub", "iea"):
        done = CliRunner().invoke(main, ["data", "check", str(tmp_path / copy)])
        assert "published were 22,086" in done.stdout, copy
