"""`iae data check` as a command: what it prints, writes and exits with."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from iae.cli.main import main


def run(*words: object) -> Result:
    return CliRunner().invoke(main, ["data", "check", *map(str, words)], catch_exceptions=False)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Four different pictures with labels."""
    root = tmp_path / "study"
    root.mkdir()
    with (root / "labels.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["image", "emotion"])
        for i in range(4):
            coarse = np.random.default_rng(i).integers(0, 256, (5, 5, 3), dtype=np.uint8)
            Image.fromarray(coarse).resize((80, 80)).save(root / f"{i}.png")
            writer.writerow([f"{i}.png", "awe"])
    return root


def test_a_sound_set_exits_with_0_and_says_in_how_many_images(photos: Path):
    result = run(photos)
    assert result.exit_code == 0
    last = result.stdout.splitlines()[-1]
    assert last == "nothing wrong found in 4 images (4 pictures opened)"


def test_something_wrong_exits_with_1(photos: Path):
    (photos / "2.png").write_bytes(b"")
    result = run(photos)
    assert result.exit_code == 1
    assert "empty-file: 1 × files of 0 bytes\n    2.png: 0 bytes" in result.stdout


def test_a_path_that_is_not_there_exits_with_2():
    result = run("nowhere")
    assert result.exit_code == 2
    assert "there is no nowhere" in result.stderr


def test_notes_alone_exit_with_0(photos: Path):
    for i in range(4):
        (photos / f"{i}.png").unlink()
    result = run(photos)
    assert result.exit_code == 0
    assert "nothing wrong found in 4 images (no picture opened); 1 note" in result.stdout


def test_reports_and_the_fix_list_are_written_and_nothing_is_changed(photos: Path, tmp_path: Path):
    (photos / "2.png").write_bytes((photos / "1.png").read_bytes())
    before = {path: path.read_bytes() for path in photos.iterdir()}
    out, fix = tmp_path / "out", tmp_path / "fix.txt"
    result = run(photos, "-o", out, "--fix-list", fix)
    assert result.exit_code == 1
    assert fix.read_text() == "2.png\n"
    assert f"wrote {fix}: 1 to leave out" in result.stdout
    assert (out / "report.txt").read_text("utf-8") in result.stdout
    assert json.loads((out / "report.json").read_text())["findings"][0]["code"] == "exact-duplicate"
    assert (out / "report.html").read_text("utf-8").count("<img") == 2
    assert {path: path.read_bytes() for path in photos.iterdir()} == before


def test_no_images_checks_the_labels_alone(photos: Path):
    (photos / "2.png").write_bytes(b"")
    assert run(photos, "--no-images").exit_code == 0


def test_a_folder_that_cannot_be_made_is_known_before_the_work(photos: Path):
    (photos.parent / "taken").touch()
    result = run(photos, "-o", photos.parent / "taken")
    assert result.exit_code == 2
    assert "a file has that name" in result.stderr


@pytest.mark.parametrize("name", ["labels.csv", "2.png", "new/list.txt"])
def test_a_fix_list_is_never_written_over_the_data_set(photos: Path, name: str):
    before = (photos / "labels.csv").read_bytes()
    result = run(photos, "--fix-list", photos / name)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "lies inside the data set" in result.stderr
    assert "outside with --fix-list" in result.stderr
    assert (photos / "labels.csv").read_bytes() == before
    assert not (photos / "new").exists()


def test_results_are_not_written_into_the_data_set_under_another_name_of_it(photos: Path):
    (photos.parent / "link").symlink_to(photos)
    result = run(photos, "-o", photos.parent / "link" / "report")
    assert result.exit_code == 2
    assert "choose a place outside with -o" in result.stderr
    assert not (photos / "report").exists()


def test_a_fix_list_that_cannot_be_written_is_known_before_the_work(photos: Path):
    taken = photos.parent / "taken"
    taken.touch()
    result = run(photos, "--fix-list", taken / "list.txt")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "a file has that name" in result.stderr
    refused = run(photos, "--fix-list", photos.parent)
    assert refused.exit_code == 2
    assert "is a directory" in refused.stderr


def test_a_folder_whose_name_is_no_text_is_named_in_the_report(photos: Path):
    odd = photos.rename(photos.with_name("x\udcff"))
    result = run(odd, "-o", photos.parent / "out")
    assert result.exit_code == 0
    assert result.stdout.startswith("x\\udcff (table): 4 images")
