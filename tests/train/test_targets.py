"""What the network should say about a record, label by label."""

from pathlib import Path

import numpy as np
import pytest

from iae.config import LossConfig
from iae.data.records import ImageRecord
from iae.labels import EMOTIONS
from iae.train.targets import build_targets

PLAIN = LossConfig()


def record(**labels: object) -> ImageRecord:
    return ImageRecord(path=Path("a.jpg"), name="a.jpg", source="s", **labels)  # type: ignore[arg-type]


def labelled(**counts: int) -> list[ImageRecord]:
    return [record(emotion=emotion) for emotion, count in counts.items() for _ in range(count)]


def test_a_record_without_labels_has_targets_that_say_so():
    targets = build_targets([record()], PLAIN)
    assert np.isnan(targets.mean).all()
    assert np.isnan(targets.shares).all()
    assert targets.emotion_weight.tolist() == [0]
    assert targets.emotion_label.tolist() == [-1]


def test_an_aesthetic_label_is_passed_on():
    targets = build_targets([record(aesthetic_mean=6.5, level_shares=(0.1, 0.2, 0.3, 0.4))], PLAIN)
    assert targets.mean.tolist() == [6.5]
    assert targets.shares[0].tolist() == pytest.approx([0.1, 0.2, 0.3, 0.4])


def test_an_emotion_label_is_certain_without_smoothing():
    targets = build_targets([record(emotion="fear")], PLAIN)
    assert targets.emotion[0].tolist() == [float(name == "fear") for name in EMOTIONS]
    assert targets.emotion_label.tolist() == [EMOTIONS.index("fear")]


def test_smoothing_spreads_its_share_over_all_eight_emotions():
    row = build_targets([record(emotion="awe")], LossConfig(label_smoothing=0.2)).emotion[0]
    assert row[EMOTIONS.index("awe")] == pytest.approx(0.8 + 0.2 / 8)
    assert np.delete(row, EMOTIONS.index("awe")) == pytest.approx(np.full(7, 0.2 / 8))


def test_without_balance_every_labelled_photo_counts_alike():
    weights = build_targets(labelled(awe=9, fear=1), PLAIN).emotion_weight
    assert weights.tolist() == [1.0] * 10


def test_with_full_balance_every_emotion_counts_alike_and_the_mean_photo_counts_one():
    weights = build_targets(labelled(awe=9, fear=1), LossConfig(class_balance=1.0)).emotion_weight
    assert weights[:9].sum() == pytest.approx(weights[9])
    assert weights.mean() == pytest.approx(1)


def test_half_balance_weighs_by_the_square_root_of_rarity():
    weights = build_targets(labelled(awe=16, fear=1), LossConfig(class_balance=0.5)).emotion_weight
    assert weights[16] / weights[0] == pytest.approx(4)
    assert weights.mean() == pytest.approx(1)


def test_votes_become_shares_and_an_emotion_not_offered_stays_out():
    votes = {name: 0.0 for name in EMOTIONS if name != "anger"} | {"awe": 3.0, "fear": 1.0}
    targets = build_targets([record(emotion_votes=votes)], PLAIN)
    wanted = [{"awe": 0.75, "fear": 0.25}.get(name, 0.0) for name in EMOTIONS]
    assert targets.emotion[0].tolist() == pytest.approx(wanted)
    assert targets.emotion_offered[0].tolist() == [name != "anger" for name in EMOTIONS]
    assert targets.emotion_label.tolist() == [-1]


def test_votes_count_by_the_share_of_voters_who_felt_something():
    targets = build_targets([record(emotion_votes={"awe": 3.0}, neutral_votes=9.0)], PLAIN)
    assert targets.emotion_weight.tolist() == [0.25]


def test_a_photo_that_left_everybody_cold_has_no_emotion_target():
    targets = build_targets([record(emotion_votes={"awe": 0.0}, neutral_votes=9.0)], PLAIN)
    assert targets.emotion_weight.tolist() == [0]
    assert targets.emotion_offered[0].all()


def test_rows_are_chosen_alike_from_every_field():
    targets = build_targets([record(aesthetic_mean=float(i)) for i in range(1, 5)], PLAIN)
    chosen = targets.rows(np.array([3, 1]))
    assert chosen["mean"].tolist() == [4, 2]
    assert {len(values) for values in chosen.values()} == {2}


def test_rarity_is_counted_in_the_training_split_alone():
    train = [record(emotion=e, split="train") for e in ("awe", "awe", "awe", "fear")]
    test = [record(emotion="fear", split="test")] * 50
    balanced = LossConfig(class_balance=1.0)
    both, alone = build_targets(train + test, balanced), build_targets(train, balanced)
    assert both.emotion_weight[:4].tolist() == alone.emotion_weight.tolist()


def test_votes_count_as_much_as_the_settings_say():
    voted = record(emotion_votes={"awe": 3, "fear": 1}, neutral_votes=4)
    whole = build_targets([voted], PLAIN)
    half = build_targets([voted], LossConfig(vote_weight=0.5))
    assert half.emotion_weight[0] == pytest.approx(whole.emotion_weight[0] / 2)
    assert half.emotion.tolist() == whole.emotion.tolist()


def test_votes_that_count_nothing_are_as_unknown():
    voted = record(emotion_votes={"awe": 3, "fear": 1})
    silent = build_targets([voted, record(emotion="awe")], LossConfig(vote_weight=0.0))
    unknown = build_targets([record(), record(emotion="awe")], PLAIN)
    for name, values in silent.rows(slice(None)).items():
        np.testing.assert_array_equal(values, unknown.rows(slice(None))[name])


def test_answers_to_other_questions_stand_in_the_order_asked_for_and_missing_ones_are_nan():
    records = [record(attributes={"light": 3.0, "quality": 7.0}), record(attributes={"light": 2.0})]
    asked = build_targets(records, PLAIN, ("quality", "light")).attributes
    assert np.array_equal(asked, np.array([[7, 3], [np.nan, 2]], np.float32), equal_nan=True)
    assert build_targets(records, PLAIN).attributes.shape == (2, 0)
