"""``iae data ratings`` as it is typed."""

import json
import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner, Result

from iae.cli.main import main

FORMATS = Path(__file__).parents[2] / "docs" / "formats.md"


def run(*words: object) -> Result:
    return CliRunner().invoke(main, ["data", "ratings", *map(str, words)], catch_exceptions=False)


@pytest.fixture
def study(tmp_path) -> Path:
    """60 images, 12 raters: the 9th presses one key, the 10th is mild, the 11th random, the 12th
    takes the scale the other way round; a tenth of the ratings is missing."""
    rng = np.random.default_rng(0)
    matrix = rng.normal(3, 1, (60, 1)) + rng.normal(0, 0.4, (60, 12))
    matrix[:, 8], matrix[:, 10] = 3, rng.uniform(1, 5, 60)
    matrix[:, 9] += 1.2
    matrix[:, 11] = 6 - matrix[:, 11]
    rows = ["photo,user,stars"]
    for (i, j), value in np.ndenumerate(np.clip(np.rint(matrix), 1, 5)):
        if rng.random() > 0.1:
            rows.append(f"p{i}.jpg,u{j + 1},{value:g}")
    path = tmp_path / "study.csv"
    path.write_text("\n".join(rows) + "\n")
    return path


def test_planted_raters_are_named(study):
    text = run(study, "--resamples", 100).stdout
    assert "by 12 raters (incomplete:" in text
    assert "mildest: u10 (+" in text
    assert re.search(r"press one key .*: 1: u9 \(\+1\.00\)", text)
    assert re.search(r"rank against the others .*: u12 \(-", text)
    assert re.search(r"rejected by ITU-R BT\.500: \d: .*u11", text)
    assert "scores are taken to lie on 1 to 5" in text


def test_reports_and_tables_are_written_and_agree(study, tmp_path):
    out = tmp_path / "report"
    result = run(study, "-o", out, "--resamples", 100)
    assert result.stdout.startswith((out / "report.txt").read_text())
    report = json.loads((out / "report.json").read_text())["ratings"]
    items, raters = pl.read_csv(out / "items.csv"), pl.read_csv(out / "raters.csv")
    assert report["images"] == len(items) == 60
    assert report["high"] == (items["label"] == "high").sum()
    assert report["one_key"] == raters.filter(pl.col("one_key"))["rater"].to_list() == ["u9"]
    low, high = (report["figures"]["alpha_interval"][end] for end in ("low", "high"))
    assert low < report["figures"]["alpha_interval"]["value"] < high
    assert raters["bias"].sum() == pytest.approx(0, abs=1e-4)


def test_raters_and_votes_are_drawn_beside_the_tables(study, tmp_path):
    votes = tmp_path / "votes.csv"
    votes.write_text("image,awe,fear\na.jpg,3,1\nb.jpg,0,4\n")
    for path, drawn in ((study, "raters.png"), (votes, "votes.png")):
        out = tmp_path / drawn
        assert f"wrote {out / drawn}" in run(path, "-o", out, "--resamples", 100).stdout
        assert (out / drawn).read_bytes().startswith(b"\x89PNG")


def test_every_column_that_is_written_is_documented(study, tmp_path):
    votes = tmp_path / "votes.csv"
    votes.write_text("image,votes_awe,votes_fear\na.jpg,3,1\nb.jpg,2,2\n")
    (tmp_path / "a.jpg").touch()
    run(study, "-o", tmp_path / "r", "--resamples", 100)
    run(votes, "-o", tmp_path / "v", "--resamples", 100)
    section = FORMATS.read_text("utf-8").split("## Rating reports")[1].split("\n## ")[0]
    for name in ("r/items.csv", "r/raters.csv", "v/emotions.csv"):
        for column in pl.read_csv(tmp_path / name).columns:
            assert f"`{column}`" in section, (name, column)
    for folder, kind in (("r", "ratings"), ("v", "votes")):
        for figure in json.loads((tmp_path / folder / "report.json").read_text())[kind]["figures"]:
            assert f"`{figure}`" in section, figure


def test_emotion_votes_of_a_data_set_are_described(tmp_path):
    rows = ["image,votes_awe,votes_fear", "a.jpg,3,1", "b.jpg,2,2", "c.jpg,0,4"]
    (tmp_path / "votes.csv").write_text("\n".join(rows) + "\n")
    (tmp_path / "a.jpg").touch()
    result = run(tmp_path / "votes.csv", "-o", tmp_path / "v")
    assert "12 votes for 2 emotions on 3 images" in result.stdout
    emotions = pl.read_csv(tmp_path / "v" / "emotions.csv")
    assert emotions["winner"].to_list() == ["awe", "awe", "fear"]
    assert emotions["tie"].to_list() == [False, True, False]
    confusion = pl.read_csv(tmp_path / "v" / "confusion.csv")
    assert confusion.select("awe", "fear").sum_horizontal().to_list() == pytest.approx([1, 1])


def test_a_matrix_is_read_by_naming_its_items_or_by_itself(tmp_path):
    path = tmp_path / "matrix.csv"
    path.write_text("pic,ann,bob,cid\nx,1,4,4\ny,7,10,7\nz,4,4,1\n")
    by_itself, named = run(path), run(path, "--item", "pic")
    assert by_itself.exit_code == 0
    assert "9 ratings of 3 images by 3 raters (complete" in by_itself.stdout
    assert named.stdout == by_itself.stdout


def test_columns_may_be_named_and_the_scale_stated(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,b,c\nx,r1,2\nx,r2,4\ny,r1,3\n")
    result = run(path, "--item", "a", "--rater", "b", "--value", "c", "--scale", 0, 4)
    assert "given on 0 to 4, shown on 1 to 10" in result.stdout


@pytest.mark.parametrize(
    ("text", "words", "message"),
    [
        ("image,user,stars\na,u,2\na,v,x\n", (), r"t\.csv:3: column 'stars' holds 'x'"),
        ("image,user,stars\na,u,2\n", ("--value", "beauty"), "wanted one column 'beauty'"),
        ("x,y,z\na,b,2\n", ("--value", "z"), "name all of --item, --rater and --value"),
        ("image,aesthetic_mean\na.jpg,2\n", (), "has no single ratings and no emotion votes"),
    ],
)
def test_what_cannot_be_read_is_one_line_and_exit_code_2(tmp_path, text, words, message):
    (tmp_path / "t.csv").write_text(text.replace("stars", "rating") if not words else text)
    result = run(tmp_path / "t.csv", *words)
    assert result.exit_code == 2
    assert re.search(message.replace("stars", "rating"), result.stderr)
    assert len(result.stderr.strip().splitlines()) == 1


def test_a_single_rating_is_described_without_figures(tmp_path):
    (tmp_path / "t.csv").write_text("image,user,rating\na,u,2\n")
    result = run(tmp_path / "t.csv")
    assert result.exit_code == 0
    assert re.search(r"ICC\(1\).* nan", result.stdout)


def test_votes_for_none_are_not_called_an_emotion(tmp_path):
    (tmp_path / "votes.csv").write_text("image,awe,fear,neutral\na.jpg,3,1,2\nb.jpg,2,2,0\n")
    assert "10 votes for 2 emotions or none on 2 images" in run(tmp_path / "votes.csv").stdout


def test_names_of_raters_cannot_steer_the_terminal(tmp_path):
    rows = [f"{i},u{j}\x1b[2J,{i * j % 5 + 1}" for i in range(5) for j in range(4)]
    (tmp_path / "t.csv").write_text("\n".join(["item,rater,value", *rows]) + "\n")
    run(tmp_path / "t.csv", "-o", tmp_path / "out")
    report = (tmp_path / "out" / "report.txt").read_text()
    assert "u0\\x1b[2J" in report
    assert "\x1b" not in report
