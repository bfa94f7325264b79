"""``iae top`` at the door: a list on standard output, folders, and one clear line otherwise."""

import csv
import io
import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from iae.cli.main import main

Run = Callable[..., Result]


@pytest.fixture
def iae(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a verb in a folder of its own; bugs keep their traceback."""
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")

    def run(*words: str | Path) -> Result:
        return CliRunner().invoke(main, list(map(str, words)), catch_exceptions=False)

    return run


@pytest.fixture
def photos(tmp_path: Path, toy_roots: dict[str, Path], bad_photos: dict[str, bytes]) -> Path:
    root = tmp_path / "photos"
    root.mkdir()
    for i in range(6):
        shutil.copy2(toy_roots["labelled"] / f"{i:02}.jpg", root)
    shutil.copy2(root / "00.jpg", root / "same.jpg")
    (root / "bad.jpg").write_bytes(bad_photos["text"])
    return root


@pytest.fixture
def scored(iae: Run, photos: Path, toy_onnx: Path) -> Path:
    assert iae("score", photos, "-o", "out", "--model", toy_onnx).exit_code == 0
    return Path("out")


def rows_of(result: Result) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(result.stdout)))


def test_photos_are_scored_and_the_best_are_listed(iae: Run, photos: Path, toy_onnx: Path):
    result = iae("top", photos, "-n", "3", "--model", toy_onnx)
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 3
    assert result.stderr.endswith("3 of 7 photos; 1 could not be read\n")
    assert Path("iae-scores/scores.csv").is_file()
    assert Path("iae-scores/index.html").is_file()


def test_the_list_is_that_of_the_table_sorted(iae: Run, scored: Path):
    result = iae("top", "-o", scored, "--format", "csv")
    table = pl.read_csv(scored / "scores.csv").drop_nulls("aesthetic_mean")
    best = table.sort("aesthetic_mean", descending=True, maintain_order=True)
    assert [row["path"] for row in rows_of(result)] == best["path"].to_list()
    assert [float(row["percentile"]) for row in rows_of(result)] == best["percentile"].to_list()


def test_what_is_known_is_not_decoded_again(iae: Run, scored: Path, photos: Path, toy_onnx: Path):
    before = {p: p.stat().st_mtime_ns for p in (scored / "thumbnails").iterdir()}
    first = iae("top", "-o", scored, "--format", "csv")
    again = iae("top", photos, "-o", scored, "--format", "csv", "--model", toy_onnx)
    assert again.stdout == first.stdout
    assert {p: p.stat().st_mtime_ns for p in (scored / "thumbnails").iterdir()} == before


def test_a_folder_of_results_keeps_what_it_has_and_gets_nothing_more(
    iae: Run, photos: Path, toy_onnx: Path
):
    model = ("--model", toy_onnx)
    iae("score", photos, "-o", "out", "--no-gallery", "--no-facts", "--format", "ndjson", *model)
    (photos / "05.jpg").rename(photos / "bad.jpg")  # something new to score
    assert iae("top", photos, "-o", "out", *model).exit_code == 0
    assert sorted(p.name for p in Path("out").iterdir()) == [".iae", "scores.ndjson"]
    assert pl.read_ndjson("out/scores.ndjson")["sharpness"].null_count() == 7


def test_without_near_repeats_a_copy_comes_last_and_is_told(iae: Run, scored: Path):
    rows = rows_of(iae("top", "-o", scored, "--diverse", "--format", "csv"))
    places = {Path(row["path"]).name: int(row["rank"]) for row in rows}
    repeats = {Path(row["path"]).name: row["near_repeat_of"] for row in rows}
    assert repeats["00.jpg"] == ""
    assert repeats["same.jpg"] == str(places["00.jpg"])
    one = iae("top", "-o", scored, "--diverse")
    assert f"(nearly the same as {places['00.jpg']})" in one.stdout


def test_an_emotion_ranks_and_is_the_one_listed(iae: Run, scored: Path):
    rows = rows_of(iae("top", "-o", scored, "--emotion", "awe", "--format", "csv"))
    assert {row["emotion"] for row in rows} == {"awe"}
    values = [float(row["value"]) for row in rows]
    assert values == sorted(values, reverse=True)
    table = pl.read_csv(scored / "scores.csv")
    first = table.filter(pl.col("path") == rows[0]["path"]).to_dicts()[0]
    assert values[0] == pytest.approx(first["emotion_awe"] * first["high_prob"], abs=1e-4)


@pytest.mark.parametrize("way", ["--link", "--copy", "--gallery"])
def test_a_folder_of_the_best_is_made(iae: Run, scored: Path, way: str):
    result = iae("top", "-o", scored, "-n", "2", way, "best")
    assert result.exit_code == 0
    assert Path("best/index.html").is_file()
    assert len(list(Path("best").glob("00*"))) == (0 if way == "--gallery" else 2)
    assert len(pl.read_csv("best/top.csv")) == 2


def test_photos_that_are_gone_are_not_chosen_and_are_counted(iae: Run, scored: Path, photos: Path):
    first = rows_of(iae("top", "-o", scored, "-n", "1", "--format", "csv"))[0]["path"]
    Path(first).unlink()
    result = iae("top", "-o", scored, "--copy", "best")
    assert first not in result.stdout
    assert "6 of 6 photos; 1 could not be read; 1 are not where they were" in result.stderr
    shutil.rmtree(photos)
    assert_one_line(iae("top", "-o", scored), "none of the 7 photos scored into out is where it")


def assert_one_line(result: Result, text: str) -> None:
    """Exit code 2, nothing listed, and one line on standard error, which holds the text."""
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("iae: ")
    assert result.stderr.count("\n") == 1
    assert text in result.stderr


def test_a_taken_folder_is_refused_before_anything_is_scored(iae: Run, photos: Path):
    assert_one_line(iae("top", photos, "--copy", photos), "exists already; name a new or empty")
    assert not Path("iae-scores").exists()


def test_without_photos_or_results_the_way_to_get_them_is_told(iae: Run):
    assert_one_line(iae("top"), "iae-scores")


def test_a_library_of_unreadable_files_has_no_best(
    iae: Run, tmp_path: Path, bad_photos: dict[str, bytes], toy_onnx: Path
):
    (tmp_path / "bad.jpg").write_bytes(bad_photos["text"])
    result = iae("top", tmp_path / "bad.jpg", "--model", toy_onnx)
    assert_one_line(result, "none of the 1 photos scored into iae-scores could be read")


def test_two_folders_at_once_are_refused(iae: Run):
    result = iae("top", "--link", "a", "--copy", "b")
    assert result.exit_code == 2
    assert "take one of --link, --copy, --gallery" in result.stderr
