"""Scores of an earlier run, read back, and the photos that their paths mean."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from iae.editor.job import XmpChoices, mark_from_table, undo
from iae.editor.rules import MarkRules
from iae.editor.stars import parse_star_rule
from iae.editor.table import photo_at, read_scores
from iae.errors import DataError, OutputError
from iae.labels import EMOTIONS
from iae.scoring.find import Found
from iae.scoring.lock import locked
from iae.scoring.output import write_scores
from iae.scoring.scores import PhotoScore
from iae.xmp.packet import read_packet

AWE = tuple(0.93 if emotion == "awe" else 0.01 for emotion in EMOTIONS)
GOOD = PhotoScore(path="photos/a.jpg", aesthetic_mean=7.5, aesthetic_std=1, emotions=AWE,
                  levels=(0, 0, 0.5, 0.5), high_prob=1, positive_prob=1, unsure=False)  # fmt: skip
OPEN = tuple(1 / len(EMOTIONS) for _ in EMOTIONS)
SCORES = [GOOD,
          replace(GOOD, path="photos/b, c.jpg", aesthetic_mean=2.5, emotions=OPEN, unsure=True),
          PhotoScore(path="photos/d.jpg", error="no photo; really")]  # fmt: skip
CHOICES = XmpChoices(rules=MarkRules(stars=parse_star_rule("thresholds=4,5,6,7"), reject_below=3))


@pytest.fixture
def out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("photos").mkdir()
    for name in ("a.jpg", "b, c.jpg"):
        Path("photos", name).write_bytes(b"a photo")
    Path("out").mkdir()
    return Path("out")


@pytest.mark.parametrize("fmt", ["csv", "parquet", "ndjson"])
def test_every_table_gives_back_what_marks_are_made_of(out: Path, fmt: str):
    write_scores(out, SCORES, fmt)
    table, scores = read_scores(out)
    assert table == out / f"scores.{fmt}"
    for read, written in zip(scores, SCORES, strict=True):
        assert (read.path, read.error) == (written.path, written.error)
        assert read.aesthetic_mean == written.aesthetic_mean
        assert read.emotions == written.emotions
        assert bool(read.unsure) == bool(written.unsure)


def test_the_newest_table_counts(out: Path):
    for fmt, seconds in (("csv", 200), ("parquet", 100)):
        write_scores(out, SCORES, fmt)
        os.utime(out / f"scores.{fmt}", (seconds, seconds))
    assert read_scores(out)[0].name == "scores.csv"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a,b\n1,2\n", "is no table of 'iae score': it has no column 'aesthetic_mean'"),
        ("path,aesthetic_mean," + ",".join(f"emotion_{e}" for e in EMOTIONS)
         + "\na.jpg,good" + ",0.1" * 8 + "\n", r"scores\.csv:2: a score of a\.jpg is no number"),
    ],
)  # fmt: skip
def test_another_table_is_refused(out: Path, content: str, message: str):
    (out / "scores.csv").write_text(content)
    with pytest.raises(DataError, match=message):
        read_scores(out)


def test_no_table_is_said(out: Path):
    with pytest.raises(DataError, match="there are no scores in out .*run: iae score"):
        read_scores(out)


def test_a_path_that_is_no_text_is_found_again(tmp_path: Path):
    photo = Found(tmp_path / "caf\udce9 \\x41.jpg")
    photo.path.touch()
    assert photo_at(photo.name, Path()) == photo.path
    plain = tmp_path / "caf\\xe9 \\x41.jpg"
    plain.touch()
    assert photo_at(str(plain), Path()) == plain


def test_a_library_is_marked_from_its_table_and_undone(out: Path):
    write_scores(out, SCORES, "csv")
    assert len(mark_from_table(out, CHOICES).of("written")) == 2
    first = read_packet(Path("photos/a.jpg.xmp").read_bytes())
    assert first.simple["xmp:Rating"] == "5"
    assert first.lists["dc:subject"] == ("iae|mood|awe",)
    second = read_packet(Path("photos/b, c.jpg.xmp").read_bytes())
    assert second.simple["xmp:Rating"] == "-1"
    assert second.lists == {}
    undo(out)
    assert sorted(path.name for path in Path("photos").iterdir()) == ["a.jpg", "b, c.jpg"]


def test_a_relative_path_counts_from_where_it_was_made(
    out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    write_scores(out, SCORES, "csv")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    with pytest.raises(DataError, match=r"none of the 2 photos .* is found, .*--relative-to"):
        mark_from_table(tmp_path / "out", CHOICES)
    report = mark_from_table(tmp_path / "out", CHOICES, relative_to=tmp_path)
    assert len(report.of("written")) == 2


def test_a_table_without_scores_is_said(out: Path):
    write_scores(out, SCORES[2:], "csv")
    with pytest.raises(DataError, match=r"no photo in out/scores\.csv has scores"):
        mark_from_table(out, CHOICES)


def test_two_runs_at_once_are_refused(out: Path):
    write_scores(out, SCORES, "csv")
    (out / ".iae").mkdir()
    with locked(out / ".iae"), pytest.raises(OutputError, match="another run is writing into out"):
        mark_from_table(out, CHOICES)


def test_nothing_to_undo_is_said(out: Path):
    with pytest.raises(DataError, match=r"nothing to undo: there is no journal"):
        undo(out)
