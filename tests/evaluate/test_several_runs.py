"""Several ways of training with several seeds: rows, differences, their files and tables."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import f1_score

from iae.data.records import ImageRecord
from iae.errors import DataError
from iae.evaluate.compare import compare_predictions
from iae.evaluate.model import Predictions
from iae.evaluate.predictions_file import load_predictions, save_predictions
from iae.evaluate.several_runs import (
    COMPARED,
    FIGURES,
    Difference,
    Row,
    differences,
    differences_table,
    held_back_figures,
    read_entries,
    rows_table,
    write_entries,
)
from iae.labels import EMOTIONS
from iae.metrics import Calibration

RNG = np.random.default_rng(1)
COUNT = 60
RATED, LABELS = RNG.uniform(1, 10, COUNT), RNG.integers(0, 8, COUNT)
RECORDS = [
    ImageRecord(path=Path(f"{i}.jpg"), name=f"{i}.jpg", source="s", group=f"scene {i // 2}",
                aesthetic_mean=float(RATED[i]), emotion=EMOTIONS[LABELS[i]],
                level_shares=(0.1, 0.2, 0.3, 0.4) if i % 2 else None)
    for i in range(COUNT)
]  # fmt: skip
SOURCES = dict.fromkeys((*COMPARED, "emd"), "s")
EVERYWHERE = dict.fromkeys(COMPARED, ("joint",))


def run(seed: int, skill: float = 0.0, tasks: tuple[str, ...] = ("aesthetic", "emotion")):
    rng = np.random.default_rng(seed)
    good = (RATED / 10)[:, None]
    truth = np.concatenate([1 - good, 0 * good, 0 * good, good], axis=1)
    levels = (1 - skill) * rng.dirichlet(np.ones(4), COUNT) + skill * truth
    moods = (1 - skill) * rng.dirichlet(np.ones(8), COUNT) + skill * np.eye(8)[LABELS]
    return Predictions(RECORDS, levels.astype(np.float32), moods.astype(np.float32), [], tasks)


ROW = Row(experiment="hard", seed=0, srcc=0.8, plcc=0.85, emotion_accuracy=0.6,
          parameters=3_400_000, seconds=600, epoch=3)  # fmt: skip


def test_predictions_come_back_from_their_file_with_their_labels(tmp_path: Path):
    before = run(0, tasks=("emotion",))
    save_predictions(tmp_path / "p.npz", before)
    after = load_predictions(tmp_path / "p.npz")
    assert after.tasks == ("emotion",)
    assert after.records == before.records
    np.testing.assert_array_equal(after.level_probs, before.level_probs)
    np.testing.assert_array_equal(after.emotion_probs, before.emotion_probs)


def test_a_photo_without_labels_comes_back_without(tmp_path: Path):
    bare = ImageRecord(path=Path("a.jpg"), name="a.jpg", source="s")
    save_predictions(tmp_path / "p.npz", replace(run(0), records=[bare] * COUNT))
    assert load_predictions(tmp_path / "p.npz").records == [bare] * COUNT


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04 half"])
def test_a_file_without_predictions_is_refused(tmp_path: Path, content: bytes):
    (tmp_path / "p.npz").write_bytes(content)
    with pytest.raises(DataError, match=r"p\.npz holds no predictions .*; remove it"):
        load_predictions(tmp_path / "p.npz")


def test_the_figures_of_a_run_agree_with_scipy_and_scikit_learn():
    given = run(0, skill=0.3)
    found = held_back_figures(given, Calibration(), SOURCES)
    score = given.level_probs @ [1, 4, 7, 10]
    assert found["srcc"] == pytest.approx(stats.spearmanr(score, RATED).statistic, abs=1e-6)
    predicted = given.emotion_probs.argmax(axis=1)
    assert found["emotion_macro_f1"] == pytest.approx(f1_score(LABELS, predicted, average="macro"))
    assert 0 < found["emd"] < 1


def test_a_task_that_was_not_trained_has_no_figure():
    found = held_back_figures(run(0, tasks=("emotion",)), Calibration(), SOURCES)
    assert set(found) == {"emotion_accuracy", "emotion_macro_f1"}


def test_a_difference_is_that_of_the_paired_comparison_with_its_direction():
    runs = {"joint": [run(0, 0.5), run(1, 0.5)], "worse": [run(2)]}
    found = {d.figure: d for d in differences(runs, EVERYWHERE, SOURCES, resamples=50)}
    expected = compare_predictions(runs["joint"], runs["worse"], resamples=50)["s"]
    for figure in COMPARED:
        got = found[figure]
        assert (got.experiment, got.against, got.seeds, got.seeds_against) == (
            "worse",
            "joint",
            1,
            2,
        )
        assert (got.value, got.low, got.high) == expected[figure].difference
        assert got.value < 0


def test_single_models_are_compared_in_their_own_task_only():
    runs = {"joint": [run(0)], "emotion": [run(1, tasks=("emotion",))],
            "score": [run(2, tasks=("aesthetic",))]}  # fmt: skip
    found = differences(runs, EVERYWHERE, SOURCES, resamples=20)
    assert {(d.experiment, d.figure) for d in found} == {
        ("emotion", "emotion_accuracy"), ("emotion", "emotion_macro_f1"),
        ("score", "srcc"), ("score", "plcc")}  # fmt: skip
    alone = {"srcc": ("emotion",), "plcc": ("emotion",)}
    assert differences({**runs, "joint": [run(2, tasks=("aesthetic",))]}, alone, SOURCES) == []


def test_rows_and_differences_come_back_from_their_files(tmp_path: Path):
    gain = Difference(experiment="a", against="b", figure="srcc", value=0.0125, low=-0.5, high=0.5,
                      seeds=3, seeds_against=2)  # fmt: skip
    write_entries(tmp_path / "rows.csv", Row, [ROW])
    write_entries(tmp_path / "d.csv", Difference, [gain])
    (row,) = read_entries(tmp_path / "rows.csv", Row)
    unknown = {name for name in FIGURES if math.isnan(getattr(row, name))}
    assert unknown == set(FIGURES) - {"srcc", "plcc", "emotion_accuracy"}
    assert replace(row, **dict.fromkeys(unknown, 0.0)) == replace(
        ROW, **dict.fromkeys(unknown, 0.0)
    )
    assert read_entries(tmp_path / "d.csv", Difference) == [gain]
    assert read_entries(tmp_path / "none.csv", Row) == []


def test_a_file_of_something_else_is_refused(tmp_path: Path):
    (tmp_path / "rows.csv").write_text("experiment,seed\nhard,zero\n")
    with pytest.raises(DataError, match=r"rows\.csv holds no rows"):
        read_entries(tmp_path / "rows.csv", Row)


def test_the_table_has_means_and_deviations_over_seeds():
    rows = [ROW, replace(ROW, seed=1, srcc=0.82, seconds=1200, epoch=2),
            replace(ROW, experiment="single", srcc=math.nan)]  # fmt: skip
    head, _, hard, single = rows_table(rows, ["hard", "afa", "single"]).splitlines()
    assert head.startswith("|  | seeds | SRCC | PLCC |")
    assert hard.startswith("| `hard` | 2 | 0.810 ± 0.014 | 0.850 ± 0.000 |")
    assert hard.endswith("| 3.40 M | 15 | 3 2 |")
    assert single.startswith("| `single` | 1 | – | 0.850 |")


def test_differences_beyond_chance_are_in_bold_and_each_figure_has_its_own_baseline():
    one = Difference(experiment="afa", against="single", figure="srcc", value=0.02, low=0.01,
                     high=0.03, seeds=3, seeds_against=3)  # fmt: skip
    other = replace(one, against="alone", figure="plcc", value=-0.01, low=-0.02, high=0.001)
    table = differences_table([one, other], ["hard", "afa"],
                              {"srcc": ("single",), "plcc": ("alone",)})  # fmt: skip
    assert table.splitlines()[2:] == [
        "| `afa` | **+0.020 [+0.010, +0.030]** | −0.010 [−0.020, +0.001] |"
    ]
