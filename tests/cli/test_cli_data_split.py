"""`iae data split` as a command."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from iae.cli.main import main


def run(*words: object) -> Result:
    return CliRunner().invoke(main, ["data", "split", *map(str, words)], catch_exceptions=False)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Labels of 100 images, without the images."""
    rows = [f"{i}.jpg,{('awe', 'fear')[i % 2]},{1 + i % 10}" for i in range(100)]
    path = tmp_path / "labels.csv"
    path.write_text("\n".join(["image,emotion,score", *rows]) + "\n")
    return path


def lists(out: Path) -> dict[str, list[str]]:
    return {part: (out / f"{part}.txt").read_text().split() for part in ("train", "val", "test")}


def test_three_lists_and_a_table_are_written_and_counted(table: Path, tmp_path: Path):
    result = run(table, "-o", tmp_path / "out")
    assert result.exit_code == 0
    assert {part: len(names) for part, names in lists(tmp_path / "out").items()} == {
        "train": 80, "val": 10, "test": 10,
    }  # fmt: skip
    assert len((tmp_path / "out/split.csv").read_text().splitlines()) == 101
    (total,) = (line.split() for line in result.stdout.splitlines() if line.startswith("all"))
    assert total == ["all", "80", "(80.0%)", "10", "(10.0%)", "10", "(10.0%)"]
    assert "the pictures are not there" in result.stderr


def test_fractions_and_seed_are_taken(table: Path, tmp_path: Path):
    run(table, "-o", tmp_path / "a", "--fractions", 0.5, 0.25, 0.25)
    assert len(lists(tmp_path / "a")["train"]) == 50
    run(table, "-o", tmp_path / "b", "--fractions", 0.5, 0.25, 0.25, "--seed", 1)
    assert lists(tmp_path / "a") != lists(tmp_path / "b")


def test_fractions_that_do_not_sum_to_one_are_refused(table: Path, tmp_path: Path):
    result = run(table, "-o", tmp_path / "out", "--fractions", 0.5, 0.5, 0.5)
    assert result.exit_code == 2
    assert "fractions must be positive and sum to 1" in result.stderr


def test_a_set_with_a_split_is_refused_without_again(table: Path, tmp_path: Path):
    table.write_text("image,emotion,split\na.jpg,awe,train\nb.jpg,awe,val\n")
    result = run(table, "-o", tmp_path / "out")
    assert result.exit_code == 2
    assert "--again makes another" in result.stderr
    assert run(table, "-o", tmp_path / "out", "--again").exit_code == 0
