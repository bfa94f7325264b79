"""``iae data stats``: what it counts, tests, compares and writes, and what it says is not there."""

import csv
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from iae.cli.main import main
from iae.data.dataset import Dataset
from iae.data.published import IAE_BARS
from iae.data.records import ImageRecord
from iae.describe.report import describe, format_report
from iae.labels import EMOTIONS

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)

    def invoke(*words: str | Path) -> Result:
        words = ("data", "stats", *words)
        return CliRunner().invoke(main, list(map(str, words)), catch_exceptions=False)

    return invoke


def write_table(path: Path, rows: list[dict[str, Any]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture
def both(tmp_path: Path) -> Path:
    """40 images; positive ones are high in 15 of 20, negative ones in 5 of 20."""
    emotions = ["awe"] * 20 + ["fear"] * 20
    means = [7.0] * 15 + [3.0] * 5 + [6.0] * 5 + [2.0] * 15
    rows = [{"image": f"{i}.jpg", "emotion": e, "score": m}
            for i, (e, m) in enumerate(zip(emotions, means, strict=True))]  # fmt: skip
    return write_table(tmp_path / "labels.csv", rows)


SCALE = ("--scale", "1", "10", "--resamples", "200")


def section(text: str, title: str) -> str:
    return text.split(f"{title}\n{'=' * len(title)}\n")[1].split("\n\n\n")[0]


def test_images_are_counted_per_emotion_quality_and_polarity(run: Run, both: Path):
    text = section(run(both, *SCALE).stdout, "Counts")
    lines = [re.split(r"  +", line.strip()) for line in text.splitlines()]
    assert ["images", "40"] in lines
    assert ["awe", "20", "50.0 %", "15", "5", "75.0 %"] in lines
    assert ["negative", "20", "50.0 %", "5", "15", "25.0 %"] in lines
    assert ["all", "40", "100.0 %", "20", "20", "50.0 %"] in lines


def test_the_claim_is_answered_in_words_with_its_table(run: Run, both: Path):
    text = run(both, *SCALE).stdout
    assert "Yes: images of positive emotions are more often of high quality" in text
    assert re.search(r"^odds ratio  9\.00 \[", text, re.MULTILINE)
    assert re.search(r"^phi         0\.500 \[", text, re.MULTILINE)
    assert re.search(r"^difference  50\.0 \[.*percentage points", text, re.MULTILINE)


def test_mean_scores_stand_per_emotion(run: Run, both: Path):
    text = run(both, *SCALE).stdout
    assert re.search(r"^awe          6\.00 \[", text, re.MULTILINE)
    assert re.search(r"^difference   3\.00 \[", text, re.MULTILINE)


def test_the_gaussian_fit_comes_with_its_caveats(run: Run, both: Path):
    text = run(both, *SCALE).stdout
    assert "40, 4 of them distinct, most of them in steps of 1" in text
    assert "Lilliefors" in text
    assert "effect size" in text


def test_the_report_is_written_as_text_and_json(run: Run, both: Path):
    result = run(both, *SCALE, "-o", "report")
    assert "wrote report/report.json" in result.stdout
    assert result.stdout.startswith(Path("report/report.txt").read_text("utf-8"))
    values = json.loads(Path("report/report.json").read_text("utf-8"))
    assert values["counts"]["emotions"]["awe"] == {"images": 20, "high": 15, "low": 5}
    assert values["claim"]["odds_ratio"]["value"] == pytest.approx(9)
    assert values["claim"]["direction"] == "more"
    assert values["claim"]["emotions"]["anger"] == {"value": None, "low": None, "high": None}
    assert values["scores"]["mean"] == pytest.approx(4.5)
    assert values["absent"] == []


def test_the_same_data_gives_the_same_report(run: Run, both: Path):
    assert run(both, *SCALE).stdout == run(both, *SCALE).stdout


def test_votes_are_reduced_to_the_dominant_emotion_and_ties_are_counted(run: Run, tmp_path: Path):
    rows = [
        {"image": "a", "amusement": 2, "awe": 0, "fear": 1, "neutral": 9, "score": 8},
        {"image": "b", "amusement": 0, "awe": 2, "fear": 2, "neutral": 0, "score": 7},
        {"image": "c", "amusement": 0, "awe": 0, "fear": 0, "neutral": 3, "score": 2},
        {"image": "d", "amusement": 0, "awe": 0, "fear": 5, "neutral": 0, "score": 1},
    ]
    text = run(write_table(tmp_path / "votes.csv", rows), *SCALE).stdout
    assert "1 image left out of the table: two or more emotions have equally many votes" in text
    assert "1 image left out of the table: no vote for any emotion" in text
    assert "votes for neutral are ignored" in text
    assert re.search(r"^anger +not offered to the raters$", text, re.MULTILINE)
    assert re.search(r"^positive +1 ", text, re.MULTILINE)
    assert "Without 1 image with more votes for neutral than for the emotion" in text


def test_what_is_not_there_is_said(run: Run, tmp_path: Path):
    path = write_table(tmp_path / "e.csv", [{"image": "a.jpg", "emotion": "awe"}])
    text = run(path).stdout
    assert "no aesthetic score and no high/low label" in text
    missing = section(text, "Not in this data set")
    assert "no aesthetic scores: no distribution" in missing
    assert "cannot be looked at" in missing


def test_pair_lists_have_no_images_to_count(run: Run, tmp_path: Path):
    (tmp_path / "train_pairlist.txt").write_text("1 1 2 .7 1 2\n")
    assert "no list of images: nothing to count per image" in run(tmp_path).stdout


def test_no_output_line_is_wider_than_a_hundred_columns(run: Run, both: Path):
    lines = run(both, *SCALE, "--compare-iae").stdout.splitlines()
    assert max(map(len, lines)) <= 100


def test_an_output_folder_that_is_a_file_is_one_line(run: Run, both: Path):
    Path("report").write_text("mine")
    result = run(both, *SCALE, "-o", "report")
    assert result.exit_code == 2
    assert result.stderr == ("iae: cannot make the folder report: a file has that name; "
                             "choose another with -o\n")  # fmt: skip


def test_help_loads_nothing_heavy():
    code = ("import sys; from iae.cli.main import main;"
            "main(['data', 'stats', '--help'], standalone_mode=False);"
            "sys.exit(bool({'numpy', 'scipy', 'polars', 'PIL'} & set(sys.modules)))")  # fmt: skip
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# Against the published counts


def iae_copy(bars: dict[str, tuple[int, int]], format: str = "uae") -> Dataset:
    records = [
        ImageRecord(path=Path("a"), name="a", source="uae", emotion=emotion, aesthetic_high=high)
        for emotion, bar in bars.items()
        for high, images in zip((True, False), bar, strict=True)
        for _ in range(images)
    ]
    return Dataset(root=Path("uae"), format=format, records=records)


def published_total() -> dict[str, tuple[int, int]]:
    """The bars, moved within the error of reading them until the totals are the published ones."""
    bars = {emotion: list(bar) for emotion, bar in IAE_BARS.items()}
    for i, difference in enumerate((12_762 - 12_630, 9_324 - 9_430)):
        for k in range(abs(difference)):
            bars[EMOTIONS[k % 8]][i] += 1 if difference > 0 else -1
    return {emotion: (high, low) for emotion, (high, low) in bars.items()}


@pytest.mark.parametrize("format", ["uae", "iea"])
def test_a_copy_with_the_published_counts_agrees(format: str):
    text = format_report(describe(iae_copy(published_total(), format), resamples=100))
    assert "16 of 16 bars agree within that error; the totals agree." in text
    assert "DIFFERS" not in text
    assert re.search(r"^high +12,762 +12,762 +0  agrees$", text, re.MULTILINE)
    assert "agrees within the reading error" in text


def test_a_copy_that_lost_images_differs_by_so_many():
    bars = published_total()
    bars["fear"] = (bars["fear"][0] - 60, bars["fear"][1])
    text = format_report(describe(iae_copy(bars), resamples=100))
    assert re.search(r"^images +22,026 +22,086 +-60  DIFFERS$", text, re.MULTILINE)
    assert "15 of 16 bars agree" in text


def test_text_and_chart_of_the_publication_are_both_reported():
    text = " ".join(format_report(describe(iae_copy(published_total()), resamples=100)).split())
    assert "every emotion has more than 1,100 images" in text
    assert "the published chart shows about 960 of fear" in text
    assert "of fear: as in the chart, not as in the text." in text


def test_other_data_sets_are_compared_when_asked(run: Run, both: Path):
    assert "Against the published" not in run(both, *SCALE).stdout
    assert "Against the published" in run(both, *SCALE, "--compare-iae").stdout


def test_pair_lists_are_counted_fitted_and_their_ceiling_is_stated(run: Run, tmp_path: Path):
    # .949 and .636 leave .086: one series of the published list.
    lists = tmp_path / "lists"
    lists.mkdir()
    (lists / "train_pairlist.txt").write_text(
        "1 1 2 0.949 1 3\n1 1 3 0.636 1 2\n1 2 3 0.086 3 2\n2 1 2 0.5 2 1\n"
    )
    (lists / "votes.csv").write_text("series,photo_a,photo_b,votes_a,votes_b\n1,1,2,3,1\n")
    result = run(lists, "--resamples", "100", "-o", "report")
    assert "train: 4 pairs in 2 series, 1 of them ties" in result.stdout
    assert "in 1 of 1 series" in result.stdout
    values = json.loads((tmp_path / "report" / "report.json").read_text())
    assert values["pairs"]["train"]["majority_share"]["value"] == pytest.approx(
        (0.949 + 0.636 + 0.914 + 0.5) / 4
    )
    assert values["pairs"]["train"]["misfit"]["largest"] < 0.002
    assert values["human_ceiling"]["ties_half"]["value"] == 0.75


def test_images_without_pairs_are_not_told_so(run: Run, both: Path):
    assert "pair" not in run(both, *SCALE).stdout
