"""``iae score`` over its own earlier results: known photos, stopped runs, other runs, damage."""

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result
from full_disk import full_disk

from iae.cli.main import main
from iae.scoring.lock import locked

Score = Callable[..., Result]


@pytest.fixture
def score(toy_onnx: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Score:
    """Run ``iae score`` with the toy model in a folder of its own; bugs keep their traceback."""
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")

    def run(*arguments: str | Path, model: Path = toy_onnx) -> Result:
        words = ["score", *map(str, arguments), "-o", "out", "--model", str(model)]
        return CliRunner().invoke(main, words, catch_exceptions=False)

    return run


@pytest.fixture
def photos(tmp_path: Path, toy_roots: dict[str, Path]) -> Path:
    root = tmp_path / "photos"
    root.mkdir()
    for i in range(7):
        shutil.copy2(toy_roots["labelled"] / f"{i:02}.jpg", root)
    return root


def assert_one_line(result: Result, text: str) -> None:
    assert result.exit_code == 2
    assert result.stderr.startswith("iae: ")
    assert result.stderr.count("\n") == 1
    assert text in result.stderr


def first_line(result: Result) -> str:
    assert result.exit_code == 0
    return result.stdout.splitlines()[0]


def test_a_first_run_says_nothing_of_earlier_ones(score: Score, photos: Path):
    assert "known" not in score(photos).stdout


def test_a_second_run_says_what_is_known(score: Score, photos: Path):
    score(photos)
    result = score(photos)
    assert first_line(result) == "7 known from an earlier run, 0 to score"
    assert "7 photos scored" in result.stdout


def test_what_has_changed_since_is_counted(
    score: Score, photos: Path, toy_roots: dict[str, Path], bad_photos: dict[str, bytes]
):
    (photos / "bad.jpg").write_bytes(bad_photos["truncated"])
    score(photos)
    (photos / "06.jpg").unlink()
    (photos / "05.jpg").rename(photos / "five.jpg")
    shutil.copy(toy_roots["labelled"] / "20.jpg", photos / "00.jpg")
    shutil.copy(toy_roots["labelled"] / "21.jpg", photos / "new.jpg")
    assert first_line(score(photos, "--retry")) == (
        "5 known from an earlier run (1 of them moved), 3 to score "
        "(1 new, 1 changed, 1 unreadable before); 1 gone since"
    )


def test_another_model_is_said_in_one_line(
    score: Score, photos: Path, toy_onnx: Path, tmp_path: Path
):
    score(photos)
    other = tmp_path / "other.onnx"
    other.write_bytes(toy_onnx.read_bytes() + b"\x72\x00")  # one more, empty, field of metadata
    assert first_line(score(photos, model=other)) == (
        "0 known from an earlier run, 7 to score (7 scored by another model before)"
    )


def test_facts_that_were_left_out_before_are_said_in_one_line(score: Score, photos: Path):
    score(photos, "--no-facts")
    assert set(pl.read_csv("out/scores.csv")["sharpness"]) == {None}
    assert first_line(score(photos)) == (
        "0 known from an earlier run, 7 to score (7 not measured by this version)"
    )
    assert pl.read_csv("out/scores.csv")["sharpness"].null_count() == 0


def test_a_run_beside_another_one_says_who_that_is(score: Score, photos: Path):
    score(photos)
    with locked(Path("out/.iae")):
        assert_one_line(score(photos), f"another run is writing into out (process {os.getpid()} on")


@pytest.mark.parametrize("content", [b"Dear diary\n" * 500, b"SQLite format 3\0" + bytes(5000)])
def test_a_damaged_store_is_one_line_that_says_what_to_do(
    score: Score, photos: Path, content: bytes
):
    score(photos)
    store = Path("out/.iae/library.sqlite")
    store.write_bytes(content)
    before = Path("out/scores.csv").read_bytes()
    assert_one_line(score(photos), "out/.iae/library.sqlite is damaged")
    assert Path("out/scores.csv").read_bytes() == before
    store.unlink()
    assert score(photos).exit_code == 0
    assert Path("out/scores.csv").read_bytes() == before


def test_a_file_where_the_state_should_go_is_one_line(score: Score, photos: Path):
    Path("out").mkdir()
    Path("out/.iae").write_text("mine")
    assert_one_line(score(photos), "cannot make the folder out/.iae: a file has that name")
    assert Path("out/.iae").read_text() == "mine"


@pytest.mark.parametrize("gallery", ["--gallery", "--no-gallery"])
def test_a_full_disk_is_one_line_and_leaves_the_tables_that_were_there(
    score: Score, photos: Path, toy_roots: dict[str, Path], gallery: str
):
    score(photos, gallery)
    before = {path.name: path.read_bytes() for path in Path("out").glob("*.*") if path.is_file()}
    for i in range(10, 30):
        shutil.copy(toy_roots["labelled"] / f"{i}.jpg", photos)
    with full_disk():
        result = score(photos, gallery)
    assert_one_line(result, "write ")
    after = {path.name: path.read_bytes() for path in Path("out").glob("*.*") if path.is_file()}
    assert after == before
    assert not list(Path("out").glob(".*.part"))
    assert score(photos, gallery).exit_code == 0
    assert len(pl.read_csv("out/scores.csv")) == 27


def many_photos(root: Path, toy_roots: dict[str, Path]) -> Path:
    root.mkdir()
    sources = sorted(toy_roots["labelled"].glob("*.jpg"))
    for i in range(300):
        (root / f"{i:03}.jpg").write_bytes(sources[i % len(sources)].read_bytes() + b"%d" % i)
    return root


def test_ctrl_c_ends_with_the_tables_of_what_is_done_and_the_same_command_goes_on(
    tmp_path: Path, toy_roots: dict[str, Path], toy_onnx: Path, iae_command: list[str]
):
    photos, out = many_photos(tmp_path / "photos", toy_roots), tmp_path / "out"
    words = [*iae_command, "score", str(photos), "-o", str(out), "--model", str(toy_onnx)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          start_new_session=True) as run:  # fmt: skip
        # Of a hundred that are decoded, 64 may wait for the network; the rest is stored.
        while run.poll() is None and len(list(out.glob("thumbnails/*.jpg"))) < 100:
            time.sleep(0.01)
        os.killpg(run.pid, signal.SIGINT)  # as a terminal does: to every process of the run
        _, said = run.communicate()
    assert run.returncode == 130, said
    told = re.fullmatch(
        r"iae: stopped: (\d+) of 300 scored; run the same command to go on\n", said
    )  # fmt: skip
    assert told, said
    assert len(pl.read_csv(out / "scores.csv")) == int(told[1])
    assert (out / "index.html").is_file()
    again = subprocess.run(words, capture_output=True, text=True, check=True)
    left = 300 - int(told[1])
    assert again.stdout.startswith(f"{told[1]} known from an earlier run, {left} to score")
    assert len(pl.read_csv(out / "scores.csv")) == 300


def test_ctrl_c_before_there_is_anything_to_keep_is_one_line(
    score: Score, photos: Path, monkeypatch: pytest.MonkeyPatch
):
    def interrupted(*arguments: object, **named: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("iae.scoring.folder.score_folder", interrupted)
    result = score(photos)
    assert result.exit_code == 130
    assert result.stderr == (
        "iae: stopped; what was scored is kept: run the same command to go on\n"
    )
