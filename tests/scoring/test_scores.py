"""Network outputs in the words of a ``PhotoScore``, and a score as a row."""

from pathlib import Path

import numpy as np
import pytest

from iae import PhotoScore, Scorer
from iae.errors import CheckpointError, ImageError
from iae.metrics import Calibration
from iae.scoring.scorer import photo_scores
from iae.scoring.scores import COLUMNS

LEVELS = np.array([[0.1, 0.2, 0.3, 0.4], [0.0, 0.0, 1.0, 0.0]], np.float32)
MOODS = np.array([[0.3, 0.1, 0.05, 0.05, 0.1, 0.1, 0.1, 0.2], [0, 0, 0, 0, 0, 0, 1, 0]], np.float32)


@pytest.fixture
def scored() -> list[PhotoScore]:
    return photo_scores(["a.jpg", "b.jpg"], LEVELS, MOODS, calibration=Calibration(high_sigma=2.0))


def test_mean_and_spread_are_those_worked_by_hand(scored: list[PhotoScore]):
    # .1*1 + .2*4 + .3*7 + .4*10 = 7; .1*36 + .2*9 + .3*0 + .4*9 = 9
    assert (scored[0].aesthetic_mean, scored[0].aesthetic_std) == (7.0, 3.0)
    assert (scored[1].aesthetic_mean, scored[1].aesthetic_std) == (7.0, 0.0)


def test_the_chance_of_high_is_the_normal_one_at_the_distance_from_five(scored: list[PhotoScore]):
    assert scored[0].high_prob == 0.8413  # one sigma of 2 above 5


def test_the_positive_share_is_the_sum_of_the_first_four_emotions(scored: list[PhotoScore]):
    assert [score.positive_prob for score in scored] == [0.5, 0.0]


def test_the_top_emotion_is_the_most_probable(scored: list[PhotoScore]):
    assert [score.top_emotion for score in scored] == ["amusement", "fear"]


def test_numbers_have_four_decimals():
    thirds = np.full((1, 4), 1 / 3, np.float32)
    score = photo_scores(["a"], thirds, MOODS[:1], calibration=Calibration(high_sigma=1.0))[0]
    assert score.levels == (0.3333,) * 4


def test_a_row_has_exactly_the_columns_in_their_order(scored: list[PhotoScore]):
    row = scored[0].to_row()
    assert tuple(row) == COLUMNS
    assert row["level_excellent"] == 0.4
    assert row["emotion_sadness"] == 0.2
    assert row["error"] == ""


def test_the_columns_are_those_of_the_documented_order():
    documented = """path error aesthetic_mean aesthetic_std
        level_bad level_fair level_good level_excellent high_prob
        emotion_amusement emotion_excitement emotion_awe emotion_contentment
        emotion_disgust emotion_anger emotion_fear emotion_sadness positive_prob
        aesthetic_interval_low aesthetic_interval_high percentile unsure reasons
        width height sharpness noise contrast colourfulness brightness
        clipped_highlights clipped_shadows"""
    assert list(COLUMNS) == documented.split()


def test_the_interval_is_that_of_the_side_of_five_the_score_lies_on():
    calibration = Calibration(margin_if_low=2.0, margin_if_high=0.75)
    score = photo_scores(["a"], LEVELS[:1], MOODS[:1], calibration=calibration)[0]
    assert score.interval == (6.25, 7.75)
    row = score.to_row()
    assert (row["aesthetic_interval_low"], row["aesthetic_interval_high"]) == (6.25, 7.75)


def test_a_model_without_an_interval_leaves_its_columns_empty(scored: list[PhotoScore]):
    row = scored[0].to_row()
    assert (row["aesthetic_interval_low"], row["aesthetic_interval_high"]) == (None, None)
    assert row["positive_prob"] == 0.5


def test_the_row_of_an_unreadable_photo_has_its_reason_and_no_numbers():
    row = PhotoScore(path="a.jpg", error="the file is empty (0 bytes)").to_row()
    assert row.pop("path") == "a.jpg"
    assert row.pop("error") == "the file is empty (0 bytes)"
    assert row.pop("reasons") == ""
    assert set(row.values()) == {None}


def test_an_unreadable_photo_has_no_top_emotion():
    assert PhotoScore(path="a.jpg", error="gone").top_emotion is None


@pytest.fixture(scope="module")
def scorer(toy_onnx: Path) -> Scorer:
    return Scorer(toy_onnx)


def test_scores_of_real_photos_are_in_range_and_consistent(
    scorer: Scorer, example_photos: list[Path]
):
    for path in example_photos:
        score = scorer.score(path)
        assert score.path == str(path)
        assert score.levels is not None
        assert score.emotions is not None
        assert score.aesthetic_mean == pytest.approx(np.dot(score.levels, [1, 4, 7, 10]), abs=2e-3)
        assert 0 <= score.aesthetic_std <= 4.5
        assert sum(score.levels) == pytest.approx(1, abs=5e-4)
        assert sum(score.emotions) == pytest.approx(1, abs=5e-4)
        assert score.positive_prob == pytest.approx(sum(score.emotions[:4]), abs=5e-4)
        assert 0 <= score.high_prob <= 1


def test_a_model_and_a_photo_can_be_given_as_text(toy_onnx: Path, example_photos: list[Path]):
    score = Scorer(str(toy_onnx)).score(str(example_photos[0]))
    assert score == Scorer(toy_onnx).score(example_photos[0])


def test_one_unreadable_photo_is_an_error(scorer: Scorer, tmp_path: Path):
    with pytest.raises(ImageError, match="the file is gone"):
        scorer.score(tmp_path / "gone.jpg")


def test_among_others_an_unreadable_photo_is_a_row_in_its_place(scorer: Scorer):
    grey = np.full((64, 64, 3), 128, np.uint8)
    photos = [("a", grey), ("b", ImageError("no photo")), ("c", grey), ("d", ImageError("gone"))]
    rows = list(scorer.score_stream(photos))
    assert [row.path for row in rows] == ["a", "b", "c", "d"]
    assert [row.error for row in rows] == ["", "no photo", "", "gone"]
    assert rows[0].aesthetic_mean == rows[2].aesthetic_mean


def test_a_missing_model_is_refused(tmp_path: Path):
    with pytest.raises(CheckpointError, match="there is no model file"):
        Scorer(tmp_path / "gone.onnx")


def test_a_photo_that_cannot_be_scored_alone_is_named_with_its_reason(scorer: Scorer):
    with pytest.raises(ImageError, match=r"^nowhere\.jpg: the file is gone"):
        scorer.score("nowhere.jpg")
