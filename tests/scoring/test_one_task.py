"""A model that was trained for one task alone says nothing of the other, anywhere."""

import json
import shutil
from pathlib import Path

import onnx
import polars as pl
import pytest
from click.testing import CliRunner
from onnx import helper

from iae.cli.main import main
from iae.scoring.scorer import Scorer

SCORES = ["aesthetic_mean", "aesthetic_std", "level_bad", "level_excellent", "high_prob",
          "percentile"]  # fmt: skip
EMOTIONS = ["emotion_awe", "emotion_sadness", "positive_prob"]


def trained_for(task: str, source: Path, target: Path) -> Path:
    """The model, with a description by which it was trained for one task."""
    model = onnx.load(source)
    card = json.loads(model.metadata_props[0].value)
    left_out = {"emotion": 0} if task == "aesthetic" else {"aesthetic_mean": 0, "level_shares": 0}
    card["experiment"]["loss"] = card["experiment"].get("loss", {}) | left_out
    helper.set_model_props(model, {"iae": json.dumps(card)})
    onnx.save(model, target)
    return target


@pytest.fixture(params=["aesthetic", "emotion"])
def task(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def model(task: str, toy_onnx: Path, tmp_path: Path) -> Path:
    return trained_for(task, toy_onnx, tmp_path / "one.onnx")


@pytest.fixture
def photos(tmp_path: Path, toy_roots: dict[str, Path]) -> Path:
    root = tmp_path / "photos"
    root.mkdir()
    for i in range(12):
        shutil.copy2(toy_roots["labelled"] / f"{i % 6:02}.jpg", root / f"{i:02}.jpg")
    return root


def iae(*words: object, exit_code: int = 0) -> str:
    result = CliRunner().invoke(main, [str(word) for word in words])
    assert result.exit_code == exit_code, result.output
    return result.output


def test_the_columns_of_the_other_task_are_empty_and_that_is_said(
    task: str, model: Path, photos: Path, tmp_path: Path
):
    out = tmp_path / "out"
    said = iae("score", photos, "-o", out, "--model", model, "--workers", 1)
    table = pl.read_csv(out / "scores.csv")
    silent, told = (EMOTIONS, SCORES) if task == "aesthetic" else (SCORES, EMOTIONS)
    assert table.select(silent).null_count().row(0) == (12,) * len(silent)
    assert table.select(told).null_count().row(0) == (0,) * len(told)
    other = "emotions" if task == "aesthetic" else "scores"
    assert f"the model was not trained for {other}: their columns are empty, and there is" in said
    assert not (out / "index.html").exists()
    assert ("most probable emotion" in said) == (task == "emotion")
    assert ("of 10" in said) == (task == "aesthetic")


def test_a_photo_alone_has_no_numbers_of_the_other_task(task: str, model: Path, photos: Path):
    score = Scorer(model).score(photos / "00.jpg")
    assert (score.aesthetic_mean is None) == (task == "emotion")
    assert (score.top_emotion is None) == (task == "aesthetic")


def test_the_best_are_not_chosen_from_half_of_the_numbers(
    model: Path, photos: Path, tmp_path: Path
):
    out = tmp_path / "out"
    iae("score", photos, "-o", out, "--model", model, "--workers", 1)
    said = iae("top", "-o", out, exit_code=2)
    assert "the best are chosen by both" in said


def test_what_was_not_trained_is_not_explained(
    task: str, model: Path, photos: Path, tmp_path: Path
):
    asked = ["--emotion", "awe"] if task == "aesthetic" else []
    target = tmp_path / "map.png"
    said = iae("explain", photos / "00.jpg", "-o", target, "--model", model, *asked, exit_code=2)
    assert "was not trained for the task" in said
    assert not target.exists()


def test_xmp_gets_stars_without_moods_and_no_moods_without_stars(
    task: str, model: Path, photos: Path, tmp_path: Path
):
    out = tmp_path / "out"
    iae("score", photos, "-o", out, "--model", model, "--workers", 1)
    if task == "emotion":
        assert "no photo in" in iae("xmp", "write", out, exit_code=2)
        return
    iae("xmp", "write", out)
    sidecar = (photos / "00.jpg.xmp").read_text("utf-8")
    assert "Rating" in sidecar
    assert "mood" not in sidecar
