"""A judge on pairs, from photos to a table."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from toy_pairs import TOY_PAIRS, make_pairs, pair_lines

from iae.cli.main import main
from iae.config.pairs import load_pair_experiment
from iae.data.pair_set import PairSet, read_pair_set
from iae.evaluate.pair_report import Opinion, PairReport, best_photos, report_pairs
from iae.evaluate.pairs import format_pair_report, is_about_pairs
from iae.train.pairs.run import train_pairs


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_pairs(tmp_path_factory.mktemp("pairs") / "toy", {"train": 16, "val": 12})


@pytest.fixture(scope="module")
def model(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    (folder / "toy.toml").write_text(TOY_PAIRS)
    config = load_pair_experiment(folder / "toy.toml")
    assert config is not None
    return train_pairs(config, {"phototriage": root}, folder / "run", folder / "cache").best


@pytest.fixture
def pairs(root: Path) -> PairSet:
    return read_pair_set(root, "val")


def people(pairs: PairSet) -> np.ndarray:
    """Utilities from which the shares were made; (N, 2)."""
    utilities = np.zeros(len(pairs.photos))
    for first, second, share in zip(pairs.first, pairs.second, pairs.share, strict=True):
        utilities[second] = utilities[first] - math.log(share / (1 - share))
    return np.repeat(utilities[:, None], 2, axis=1)


def report(pairs: PairSet, utilities: np.ndarray, *, is_probability: bool = True) -> PairReport:
    judge = Opinion(name="this", utilities=utilities, is_probability=is_probability)
    return report_pairs(pairs, [judge], source="toy", split="val", resamples=100)


def evaluate(*words: str | Path) -> Result:
    return CliRunner().invoke(main, ["evaluate", *map(str, words)], catch_exceptions=False)


def test_people_themselves_are_always_right_and_reach_the_floor_of_the_log_loss(pairs: PairSet):
    found = report(pairs, people(pairs))
    figures = {name: interval.value for name, interval in found.rows["this"].items()}
    assert figures["accuracy"] == figures["top1"] == figures["mrr"] == 1
    assert figures["agreement"] == pytest.approx(found.best["agreement"])
    assert figures["log_loss"] == pytest.approx(found.best["log_loss"], abs=1e-5)
    assert figures["ece"] < 0.01
    assert figures["answers_by_order"] == 0


def test_chance_is_right_in_a_half_and_finds_the_best_of_k_in_one_of_k(pairs: PairSet):
    chance = report(pairs, people(pairs)).rows["chance"]
    sizes = [len({n for a, b, s in zip(pairs.first, pairs.second, pairs.series, strict=True)
                  if s == k for n in (a, b)}) for k in range(len(pairs.series_names))]  # fmt: skip
    assert chance["accuracy"].value == 0.5
    assert chance["top1"].value == pytest.approx(np.mean([1 / size for size in sizes]))
    assert chance["log_loss"].value == pytest.approx(math.log(2))


def test_the_first_photo_is_preferred_as_often_as_the_list_says(pairs: PairSet):
    first = report(pairs, people(pairs)).rows["first photo"]
    assert first["accuracy"].value == pytest.approx((pairs.share > 0.5).mean())


def test_a_judge_that_always_prefers_what_it_sees_first_is_half_right_and_found_out(
    pairs: PairSet,
):
    utilities = np.zeros((len(pairs.photos), 2))
    utilities[:, 0] = 1
    found = report(pairs, utilities)
    figures = {name: interval.value for name, interval in found.rows["this"].items()}
    assert figures["accuracy"] == 0.5
    assert figures["accuracy_as_listed"] == pytest.approx(1 - figures["accuracy_swapped"])
    assert figures["answers_by_order"] == 1
    assert "another answer when swapped: 100.0 % of pairs" in format_pair_report(found)


def test_differences_that_are_no_log_odds_have_no_log_loss(pairs: PairSet):
    figures = report(pairs, people(pairs), is_probability=False).rows["this"]
    assert "log_loss" not in figures
    assert "ece" not in figures


def test_bands_hold_all_pairs_but_ties_and_an_upside_down_judge_is_wrong_in_each(pairs: PairSet):
    found = report(pairs, -people(pairs))
    assert sum(row["pairs"] for row in found.bands.values()) == len(pairs.pairs) - found.ties
    for row in found.bands.values():
        assert row["accuracy"].value == 0


def test_ties_are_counted_and_any_of_the_best_photos_is_right(tmp_path: Path, root: Path):
    tied = make_pairs(tmp_path / "tied", {"val": 1})
    (tied / "val_pairlist.txt").write_text("1 1 2 0.5 1 2\n")
    pairs = read_pair_set(tied, "val")
    found = report(pairs, np.array([[0.0, 0.0], [1.0, 1.0]]))
    assert (found.ties, found.series_with_ties) == (1, 1)
    assert math.isnan(found.rows["this"]["accuracy"].value)
    assert found.rows["this"]["top1"].value == 1


def test_a_series_that_lost_the_pairs_that_link_it_has_no_best_photo(tmp_path: Path):
    root = make_pairs(tmp_path / "lost", {"val": 1})
    lines = pair_lines(1, [0, 1, 2, 3])
    (root / "val_pairlist.txt").write_text(f"{lines[0]}\n{lines[-1]}\n")  # 1-2 and 3-4
    for place in (1, 2, 3, 4):
        path = root / "train_val_imgs" / f"000001-{place:02d}.JPG"
        if not path.exists():
            path.write_bytes((root / "train_val_imgs" / "000001-01.JPG").read_bytes())
    pairs = read_pair_set(root, "val")
    assert best_photos(pairs) == {}
    assert report(pairs, np.zeros((4, 2))).series_without_order == 1


def test_the_command_prints_one_table_and_writes_it(model: Path, root: Path, tmp_path: Path):
    result = evaluate(model, "--split", "val", "--data", f"phototriage={root}", "-o", tmp_path,
                      "--resamples", "100")  # fmt: skip
    assert result.exit_code == 0, result.stderr
    for word in ("this model", "chance", "first photo", "sharpest", "most contrast",
                 "most colourful", "least extreme exposure", "as the shares say",
                 "all photographs are there", "agreement of people"):  # fmt: skip
        assert word in result.stdout
    assert (tmp_path / "report.txt").read_text("utf-8") in result.stdout
    written = json.loads((tmp_path / "report.json").read_text("utf-8"))
    row = written["rows"][written["model"]]
    assert row["accuracy"]["value"] > 0.8
    assert row["accuracy_as_listed"] == row["accuracy_swapped"]


def test_missing_and_unreadable_photographs_are_counted_and_named(model: Path, tmp_path: Path):
    root = make_pairs(tmp_path / "some", {"val": 8})
    (root / "train_val_imgs" / "000001-01.JPG").unlink()
    (root / "train_val_imgs" / "000002-01.JPG").write_bytes(b"no picture")
    result = evaluate(model, "--split", "val", "--data", f"phototriage={root}",
                      "--resamples", "100")  # fmt: skip
    assert result.exit_code == 0, result.stderr
    assert "for 2 photos that are missing or unreadable:" in result.stdout
    assert "000001-01.JPG: there is no " in result.stdout
    assert "000002-01.JPG: " in result.stdout


def test_a_scorer_compares_by_its_aesthetic_scores(toy_onnx: Path, root: Path):
    result = evaluate(toy_onnx, "--split", "val", "--data", f"phototriage={root}",
                      "--resamples", "100")  # fmt: skip
    assert result.exit_code == 0, result.stderr
    assert "model: difference of aesthetic scores" in result.stdout


def test_labels_of_single_photos_are_not_taken_for_pairs(
    toy_onnx: Path, toy_roots: dict[str, Path], root: Path
):
    assert not is_about_pairs(toy_onnx, toy_roots)
    assert is_about_pairs(toy_onnx, {"phototriage": root})


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["--split", "test"], "has no test pairs; it has train, val"),
        (["--against", "other.onnx"], "--against is not for pairs of photos"),
    ],
)
def test_what_pairs_have_not_is_refused_in_one_line(
    model: Path, root: Path, words: list[str], text: str
):
    result = evaluate(model, "--data", f"phototriage={root}", *words)
    assert result.exit_code == 2
    assert text in result.stderr
    assert result.stderr.count("\n") == 1
