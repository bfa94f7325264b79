"""The model that comes with the package: small, documented, and still saying what it said."""

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest
from renew_golden import CHOSEN, GOLDEN, golden

from iae import PhotoScore, Scorer
from iae.labels import EMOTIONS, LEVELS
from iae.scoring.session import DEFAULT_MODEL, ModelInfo

TOLERANCE = 0.05
"""Processors differ in the last bits; another model differs by much more."""


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return Scorer()


@pytest.fixture(scope="module")
def info(scorer: Scorer) -> ModelInfo:
    return scorer.info


@pytest.fixture(scope="module")
def scores(scorer: Scorer, example_photos: list[Path]) -> list[PhotoScore]:
    return [scorer.score(path) for path in example_photos]


def test_the_model_has_at_most_ten_megabytes():
    assert DEFAULT_MODEL.stat().st_size <= 10_000_000


def test_its_licence_says_research(info: ModelInfo):
    assert "research" in info.licence


def test_its_pixels_are_prepared_as_its_backbone_was_pretrained(info: ModelInfo):
    assert (info.preprocess.mean, info.preprocess.std) == ((0.5,) * 3, (0.5,) * 3)
    assert info.backbone == "tf_efficientnet_lite2"


def test_it_says_which_data_it_was_made_from(info: ModelInfo):
    assert info.data
    for counts in info.data.values():
        assert set(counts) == {"train", "val", "test"}
        assert counts["train"] > 0
    assert set(info.data) <= set(info.experiment["sources"])


def test_it_says_how_good_it_was_on_validation(info: ModelInfo):
    assert {"srcc", "plcc", "emotion_accuracy"} <= set(info.metrics)
    assert all(math.isfinite(value) for value in info.metrics.values())


def test_its_precision_and_version_are_named(info: ModelInfo):
    assert info.precision in ("float", "half", "int8")
    assert info.version
    assert info.calibration.high_sigma > 0


def test_every_example_photo_has_numbers_in_range(scores: list[PhotoScore]):
    for score in scores:
        assert score.levels is not None
        assert score.emotions is not None
        assert (len(score.levels), len(score.emotions)) == (len(LEVELS), len(EMOTIONS))
        assert 1 <= score.aesthetic_mean <= 10
        assert 0 <= score.aesthetic_std <= 4.5
        shares = (*score.levels, *score.emotions, score.high_prob, score.positive_prob)
        assert all(0 <= share <= 1 for share in shares)


def test_it_tells_the_example_photos_apart(scores: list[PhotoScore]):
    means = [score.aesthetic_mean for score in scores]
    assert max(means) - min(means) > 1
    assert len({score.top_emotion for score in scores}) > 1


@pytest.mark.parametrize("photo", CHOSEN)
def test_three_photos_have_the_scores_they_had_when_the_model_was_made(photo: str):
    # After a change of the model: .venv/bin/python tests/scoring/renew_golden.py
    wanted = json.loads(GOLDEN.read_text("utf-8"))[photo]
    assert golden()[photo] == pytest.approx(wanted, abs=TOLERANCE)


def test_a_photo_is_scored_without_torch(example_photos: list[Path]):
    code = """
import sys
from iae import Scorer
print(Scorer().score(sys.argv[1]).aesthetic_mean)
sys.exit(bool({"torch", "timm", "lightning", "torchvision"} & set(sys.modules)))
"""
    command = [sys.executable, "-c", code, str(example_photos[0])]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert 1 <= float(done.stdout) <= 10
