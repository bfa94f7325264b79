"""``iae score`` at the door: good folders, and one clear line for everything else."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from iae.cli.main import main

Score = Callable[..., Result]


@pytest.fixture
def score(toy_onnx: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Score:
    """Run ``iae score`` with the toy model in a folder of its own; bugs keep their traceback."""
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")

    def run(*arguments: str | Path, model: Path | None = toy_onnx) -> Result:
        words = ["score", *map(str, arguments), *(["--model", str(model)] if model else [])]
        return CliRunner().invoke(main, words, catch_exceptions=False)

    return run


@pytest.fixture
def photos(tmp_path: Path, toy_roots: dict[str, Path]) -> Path:
    root = tmp_path / "photos"
    root.mkdir()
    for i in range(7):
        shutil.copy2(toy_roots["labelled"] / f"{i:02}.jpg", root)
    return root


@pytest.fixture
def mixed(photos: Path, bad_photos: dict[str, bytes]) -> Path:
    for what, content in bad_photos.items():
        (photos / f"{what}.jpg").write_bytes(content)
    return photos


def assert_one_line(result: Result, text: str) -> None:
    """Exit code 2 and one line on standard error, which holds the text."""
    assert result.exit_code == 2
    assert result.stderr.startswith("iae: ")
    assert result.stderr.count("\n") == 1
    assert text in result.stderr


def state_of(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.rglob("*")}


def test_a_folder_is_scored_into_a_table_and_a_gallery(score: Score, photos: Path):
    result = score(photos, "-o", "out")
    assert result.exit_code == 0
    assert len(pl.read_csv("out/scores.csv")) == 7
    assert Path("out/index.html").is_file()
    assert "7 photos scored" in result.stdout
    assert "research only: toy photos" in result.stdout


def test_bad_files_become_rows_and_the_rest_is_scored(score: Score, mixed: Path):
    result = score(mixed, "-o", "out")
    assert result.exit_code == 0
    table = pl.read_csv("out/scores.csv")
    assert table["aesthetic_mean"].is_not_null().sum() == 7
    assert (table["error"].fill_null("") != "").sum() == 4
    assert result.stdout.count("unreadable: ") == 4


def test_the_photos_and_their_folder_are_left_as_they_were(score: Score, mixed: Path):
    before = state_of(mixed)
    score(mixed, "-o", "out")
    assert state_of(mixed) == before


def test_the_summary_counts_high_and_low_and_names_the_best_five(score: Score, photos: Path):
    text = score(photos, "-o", "out").stdout
    means = pl.read_csv("out/scores.csv")["aesthetic_mean"]
    high = int((means >= 5).sum())
    assert f"mean {means.mean():.2f} of 10, {high} high and {7 - high} low" in text
    assert "and 2 more" in text


def test_several_tables_can_be_asked_for_and_the_gallery_left_away(score: Score, photos: Path):
    score(photos, "-o", "out", "--format", "parquet", "--format", "ndjson", "--no-gallery")
    assert {p.name for p in Path("out").iterdir()} == {".iae", "scores.ndjson", "scores.parquet"}


def test_results_go_to_a_folder_in_the_working_directory_unless_told(score: Score, photos: Path):
    score(photos)
    assert Path("iae-scores/scores.csv").is_file()


def test_running_again_over_older_results_replaces_them(score: Score, photos: Path):
    score(photos, "-o", "out")
    (photos / "00.jpg").unlink()
    assert score(photos, "-o", "out").exit_code == 0
    assert len(pl.read_csv("out/scores.csv")) == 6


def test_results_can_go_to_a_folder_whose_name_is_no_text(score: Score, photos: Path):
    out = os.fsdecode(b"out\xff")
    formats = ("csv", "parquet", "ndjson")
    options = [word for fmt in formats for word in ("--format", fmt)]
    result = score(photos, "-o", out, *options)
    assert result.exit_code == 0
    assert "out\\udcff/scores.csv" in result.stdout
    assert {path.name for path in Path(out).glob("scores.*")} == {f"scores.{f}" for f in formats}


def test_a_file_name_cannot_steer_the_terminal_or_forge_a_line(score: Score, photos: Path):
    shutil.copy(photos / "00.jpg", photos / "a\n\x1b[2Junreadable: all.jpg")
    (photos / "b\nb.jpg").write_text("no photo")
    result = score(photos, "-o", "out")
    assert "\x1b" not in result.stdout
    assert "b\\nb.jpg: not a photo" in result.stdout
    assert not any(line.startswith("b.jpg") for line in result.stdout.splitlines())


def test_a_file_name_is_no_markup(score: Score, photos: Path):
    (photos / "[bold]b.jpg").write_text("no photo")
    assert "[bold]b.jpg: not a photo" in score(photos, "-o", "out").stdout


def test_without_a_terminal_there_is_no_progress_bar(score: Score, photos: Path):
    assert score(photos, "-o", "out").stderr == ""


@pytest.mark.parametrize("what", ["text", "truncated", "empty", "huge"])
def test_only_unreadable_photos_are_a_failure_but_the_table_says_why(
    score: Score, tmp_path: Path, bad_photos: dict[str, bytes], what: str
):
    (tmp_path / "a.jpg").write_bytes(bad_photos[what])
    result = score(tmp_path / "a.jpg", "-o", "out")
    assert_one_line(result, "none of 1 photos could be read; the reasons are in out/scores.csv")
    table = pl.read_csv("out/scores.csv")
    assert table["error"].to_list()[0]
    assert table["aesthetic_mean"].to_list() == [None]


def test_an_empty_folder_is_an_error(score: Score, tmp_path: Path):
    (tmp_path / "empty").mkdir()
    assert_one_line(score(tmp_path / "empty"), f"no photos in {tmp_path / 'empty'}; files looked")


def test_a_folder_without_photos_is_an_error(score: Score, tmp_path: Path):
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text("a")
    assert_one_line(score(tmp_path / "texts"), "files looked for: .bmp .gif")


def test_nothing_is_written_when_there_is_nothing_to_score(score: Score, tmp_path: Path):
    (tmp_path / "empty").mkdir()
    score(tmp_path / "empty", "-o", "out")
    assert not Path("out").exists()


def test_a_missing_path_is_an_error_even_beside_good_ones(score: Score, photos: Path):
    assert_one_line(score(photos, "nowhere"), "there is no file or folder nowhere")


def test_results_cannot_go_to_a_file(score: Score, photos: Path):
    Path("mine.txt").write_text("mine")
    result = score(photos, "-o", "mine.txt")
    assert_one_line(result, "cannot make the folder mine.txt: a file has that name")
    assert Path("mine.txt").read_text() == "mine"


def test_results_cannot_go_below_a_file(score: Score, photos: Path):
    Path("mine.txt").write_text("mine")
    result = score(photos, "-o", "mine.txt/out")
    assert_one_line(result, "mine.txt/out: a part of that path is a file; choose another with -o")


def test_results_cannot_go_among_the_photos(score: Score, photos: Path):
    before = state_of(photos)
    assert_one_line(score(photos, "-o", photos), "choose another folder with -o")
    assert state_of(photos) == before


def test_a_missing_model_is_an_error(score: Score, photos: Path):
    assert_one_line(score(photos, model=Path("gone.onnx")), "there is no model file gone.onnx")


def test_a_model_that_is_none_is_an_error(score: Score, photos: Path):
    Path("model.onnx").write_text("none")
    assert_one_line(score(photos, model=Path("model.onnx")), "is no readable ONNX model")


def test_a_misspelt_option_is_refused_and_the_nearest_named(score: Score, photos: Path):
    result = score(photos, "--galery")
    assert result.exit_code == 2
    assert "--galery" in result.stderr
    assert "--gallery" in result.stderr


def test_without_photos_the_usage_is_shown(score: Score):
    result = score()
    assert result.exit_code == 2
    assert "Missing argument 'PHOTOS...'" in result.stderr


@pytest.fixture
def bound(as_anybody: list[str], iae_command: list[str], toy_onnx: Path) -> Score:
    """Run ``iae score`` in a process that file permissions bind."""

    def run(*arguments: str | Path, model: Path = toy_onnx) -> subprocess.CompletedProcess[str]:
        words = [*as_anybody, *iae_command, "score", *map(str, arguments), "--model", str(model)]
        return subprocess.run(words, capture_output=True, text=True, check=False)

    return run  # type: ignore[return-value]


def test_a_photo_that_may_not_be_read_is_a_row(bound: Score, photos: Path, tmp_path: Path):
    (photos / "03.jpg").chmod(0)
    done = bound(photos, "-o", tmp_path / "out", "--no-gallery")
    assert done.returncode == 0, done.stderr
    errors = dict(pl.read_csv(tmp_path / "out" / "scores.csv").select("path", "error").iter_rows())
    assert errors[str(photos / "03.jpg")] == "no permission to read the file"
    assert sum(error is not None and error != "" for error in errors.values()) == 1


def test_a_path_where_nobody_may_look_is_an_error(bound: Score, photos: Path, tmp_path: Path):
    photos.chmod(0)
    done = bound(photos / "03.jpg", "-o", tmp_path / "out")
    photos.chmod(0o700)
    assert done.returncode == 2
    assert done.stderr == (
        f"iae: cannot look for photos in {photos / '03.jpg'}: Permission denied\n"
    )


def test_results_where_nothing_may_be_written_are_an_error(
    bound: Score, photos: Path, tmp_path: Path
):
    (tmp_path / "locked").mkdir(mode=0o500)
    for out in (tmp_path / "locked", tmp_path / "locked" / "out"):
        done = bound(photos, "-o", out)
        assert done.returncode == 2
        verb = "write into" if out.name == "locked" else "make"
        assert done.stderr == f"iae: cannot {verb} the folder {out}: Permission denied\n"


def test_a_model_where_nobody_may_look_is_an_error(bound: Score, photos: Path, tmp_path: Path):
    (tmp_path / "locked").mkdir(mode=0)
    done = bound(photos, "-o", tmp_path / "out", model=tmp_path / "locked" / "a.onnx")
    assert done.returncode == 2
    assert done.stderr.startswith("iae: there is no model file ")
    assert done.stderr.count("\n") == 1


def test_stars_go_into_sidecars_when_asked(score: Score, photos: Path):
    before = {path.name: path.read_bytes() for path in photos.iterdir()}
    dry = score(photos, "--no-gallery", "--xmp", "sidecar", "--dry-run")
    assert f"xmp: {len(before)} would be written" in dry.stdout
    assert {path.name for path in photos.iterdir()} == set(before)
    done = score(photos, "--no-gallery", "--xmp", "sidecar", "--stars", "top=25,50,75,100")
    assert done.exit_code == 0, done.stderr
    scored = pl.read_csv("iae-scores/scores.csv").sort("aesthetic_mean", descending=True)
    stars = [rating_of(Path(f"{path}.xmp")) for path in scored["path"]]
    assert stars == sorted(stars, reverse=True)
    assert set(stars) == {2, 3, 4, 5}
    assert {name: (photos / name).read_bytes() for name in before} == before


def rating_of(sidecar: Path) -> int:
    return int(re.search(r"<xmp:Rating>(\d)<", sidecar.read_text("utf-8"))[1])  # type: ignore[index]


def test_a_wrong_rule_for_stars_is_told_before_anything_is_scored(
    score: Score, photos: Path, tmp_path: Path
):
    result = score(photos, "-o", tmp_path / "out", "--xmp", "sidecar", "--stars", "many")
    assert_one_line(result, "'many' is no rule for stars")
    assert not (tmp_path / "out").exists()


def test_heat_maps_of_the_best_and_the_worst_are_drawn_when_asked(score: Score, photos: Path):
    result = score(photos, "--no-gallery", "--explain", "1")
    assert f"explain: 2 pictures in {Path('iae-scores/explain')}" in result.stdout
    assert sorted(path.name for path in Path("iae-scores/explain").iterdir()) == [
        "best-01.png", "worst-01.png"
    ]  # fmt: skip
