"""Two models on the same photos, against the figures computed apart."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from scipy import stats
from sklearn.metrics import accuracy_score, f1_score

from iae.cli.main import main
from iae.data.records import ImageRecord
from iae.errors import DataError
from iae.evaluate.compare import compare_models, compare_predictions, known_to
from iae.evaluate.model import Predictions, open_model, predict_records, select_records
from iae.labels import EMOTIONS

RNG = np.random.default_rng(0)
COUNT = 80
RATED, LABELS = RNG.uniform(1, 10, COUNT), RNG.integers(0, 8, COUNT)
RECORDS = [
    ImageRecord(path=Path(f"{i}.jpg"), name=f"{i}.jpg", source="s",
                aesthetic_mean=float(RATED[i]), emotion=EMOTIONS[LABELS[i]])
    for i in range(COUNT)
]  # fmt: skip


def run(seed: int, skill: float = 0.0) -> Predictions:
    """What one training seed predicts; with skill 1 always the truth."""
    rng = np.random.default_rng(seed)
    levels, moods = rng.dirichlet(np.ones(4), COUNT), rng.dirichlet(np.ones(8), COUNT)
    good = (RATED / 10)[:, None]
    truth = np.concatenate([1 - good, 0 * good, 0 * good, good], axis=1)
    return Predictions(RECORDS, (1 - skill) * levels + skill * truth,
                       (1 - skill) * moods + skill * np.eye(8)[LABELS], [])  # fmt: skip


def references(given: Predictions) -> dict[str, float]:
    score, said = given.level_probs @ [1, 4, 7, 10], given.emotion_probs.argmax(axis=1)
    return {
        "srcc": stats.spearmanr(score, RATED).statistic,
        "plcc": stats.pearsonr(score, RATED).statistic,
        "emotion_accuracy": accuracy_score(LABELS, said),
        "emotion_macro_f1": f1_score(LABELS, said, average="macro"),
    }


def test_both_sides_and_their_difference_agree_with_scipy_and_scikit_learn():
    other, this = run(0), run(1, skill=0.2)
    found = compare_predictions([other], [this], resamples=20)["s"]
    before, after = references(other), references(this)
    assert {name: row.first for name, row in found.items()} == pytest.approx(before)
    assert {name: row.second for name, row in found.items()} == pytest.approx(after)
    for name, row in found.items():
        assert row.difference.value == pytest.approx(after[name] - before[name])


def test_several_seeds_are_compared_by_their_means():
    single, joint = [run(seed) for seed in range(3)], [run(seed, 0.3) for seed in range(3, 5)]
    found = compare_predictions(single, joint, resamples=20)["s"]
    for name, row in found.items():
        assert row.first == pytest.approx(np.mean([references(one)[name] for one in single]))
        assert row.second == pytest.approx(np.mean([references(one)[name] for one in joint]))


def test_a_better_model_is_told_from_a_worse_one():
    for row in compare_predictions([run(0)], [run(1, skill=0.5)], resamples=200)["s"].values():
        assert row.difference.low > 0


def test_photos_are_matched_by_name_and_those_that_one_lacks_are_left_out():
    order = RNG.permutation(COUNT)[:50]
    this = run(1, skill=0.3)
    part = Predictions([RECORDS[i] for i in order], this.level_probs[order],
                       this.emotion_probs[order], [])  # fmt: skip
    found = compare_predictions([this], [part], resamples=20)["s"]
    for row in found.values():
        assert row.difference == (0, 0, 0)
    rows = np.sort(order)
    score = this.level_probs[rows] @ [1, 4, 7, 10]
    assert found["srcc"].first == pytest.approx(stats.spearmanr(score, RATED[rows]).statistic)


def test_models_that_read_no_photo_in_common_are_refused():
    elsewhere = replace(run(0), records=[
        ImageRecord(path=r.path, name=r.name, source="t") for r in RECORDS])  # fmt: skip
    with pytest.raises(DataError, match="no photo was read by all of the models"):
        compare_predictions([run(0)], [elsewhere])


def test_a_task_without_labels_is_not_compared():
    unfelt = [ImageRecord(path=r.path, name=r.name, source="s", aesthetic_mean=r.aesthetic_mean)
              for r in RECORDS]  # fmt: skip
    found = compare_predictions([replace(run(0), records=unfelt)],
                                [replace(run(1), records=unfelt)], resamples=20)  # fmt: skip
    assert set(found["s"]) == {"srcc", "plcc"}


def test_a_checkpoint_and_its_exported_file_differ_by_nothing(
    toy_run: Path, toy_onnx: Path, toy_roots: dict[str, Path]
):
    model = open_model(toy_onnx)
    records = select_records(model, toy_roots, "all")
    found = compare_models(open_model(toy_run / "best"), predict_records(model, records),
                           toy_roots, "all", resamples=20)  # fmt: skip
    assert found.photos == {"labelled": 40, "voted": 24}
    for figures in found.sources.values():
        for row in figures.values():
            assert row.difference.value == pytest.approx(0, abs=1e-3)


def test_a_task_that_the_other_model_was_not_trained_for_is_left_out(
    toy_onnx: Path, toy_roots: dict[str, Path]
):
    model = open_model(toy_onnx)
    loss = {**model.experiment["loss"], "emotion": 0.0}
    single = replace(model, experiment={**model.experiment, "loss": loss})
    records = select_records(model, {"labelled": toy_roots["labelled"]}, "all")
    found = compare_models(single, predict_records(model, records), {}, "all", resamples=20)
    assert set(found.sources["labelled"]) == {"srcc", "plcc"}


def test_photos_that_the_other_model_learned_from_are_counted(
    toy_onnx: Path, toy_roots: dict[str, Path]
):
    model = open_model(toy_onnx)
    held_back = select_records(model, toy_roots, "test")
    assert known_to(model, toy_roots, held_back) == 0
    learned = select_records(model, toy_roots, "train")
    as_test = [replace(record, split="test") for record in learned]
    assert known_to(model, toy_roots, held_back + as_test) == len(learned)


def test_data_the_other_model_never_saw_count_for_nothing(
    toy_onnx: Path, toy_roots: dict[str, Path]
):
    model = open_model(toy_onnx)
    sources = {"voted": model.experiment["sources"]["voted"]}
    elsewhere = replace(model, experiment={**model.experiment, "sources": sources})
    records = select_records(model, {"labelled": toy_roots["labelled"]}, "test")
    assert known_to(elsewhere, {"labelled": toy_roots["labelled"]}, records) == 0


def test_against_prints_the_differences(toy_onnx: Path, toy_roots: dict[str, Path]):
    result = CliRunner().invoke(
        main, ["evaluate", str(toy_onnx), "--against", str(toy_onnx), "--split", "all",
               "--data", f"labelled={toy_roots['labelled']}", "--resamples", "100"],
        catch_exceptions=False,
    )  # fmt: skip
    assert result.exit_code == 0, result.stderr
    below = result.stdout.split("against: toy.onnx")[1]
    assert "labelled: 40 photos read by both" in below
    assert "+0.000   +0.000 – +0.000" in below
    assert "caution" not in below


def test_against_no_model_is_an_error(toy_onnx: Path, toy_roots: dict[str, Path]):
    result = CliRunner().invoke(main, ["evaluate", str(toy_onnx), "--against", "nowhere",
                                       "--data", f"labelled={toy_roots['labelled']}"])  # fmt: skip
    assert result.exit_code == 2
    assert "there is no model nowhere" in result.stderr
