"""Counting images: which emotion an image has, and how many there are of each kind."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iae.data.published import IAE_BARS, IAE_HIGH, IAE_LOW, IAE_TOTAL
from iae.data.records import ImageRecord
from iae.labels import EMOTIONS
from iae.stats.counts import (
    NO_VOTE,
    TIE,
    UNLABELLED,
    compare_with_iae,
    image_labels,
    images_per_emotion,
    quality_by_emotion,
    single_emotion,
    vote_matrix,
)


def record(name: str = "a.jpg", **labels: Any) -> ImageRecord:
    return ImageRecord(path=Path(name), name=name, source="toy", **labels)


def bars_as_records() -> list[ImageRecord]:
    """Images with just the numbers that were read off the published chart."""
    return [
        record(emotion=emotion, aesthetic_high=high)
        for emotion, bar in IAE_BARS.items()
        for high, images in zip((True, False), bar, strict=True)
        for _ in range(images)
    ]


# The emotion of an image


def test_the_label_wins_over_votes():
    assert single_emotion(record(emotion="awe", emotion_votes={"fear": 9})) == "awe"


def test_the_emotion_with_most_votes_is_taken_however_many_are_neutral():
    votes = {"amusement": 2, "fear": 3}
    assert single_emotion(record(emotion_votes=votes, neutral_votes=20)) == "fear"


@pytest.mark.parametrize(
    ("labels", "why"),
    [
        ({"emotion_votes": {"awe": 3, "fear": 3, "anger": 1}}, TIE),
        ({"emotion_votes": {"awe": 0, "fear": 0}, "neutral_votes": 5}, NO_VOTE),
        ({"emotion_votes": {}}, NO_VOTE),
        ({}, UNLABELLED),
    ],
)
def test_an_image_without_a_single_emotion_says_why(labels, why):
    assert single_emotion(record(**labels)) == why


def test_a_tie_is_counted_as_a_tie_where_the_record_itself_would_break_it():
    tied = record(emotion_votes={"awe": 3, "fear": 3})
    assert tied.dominant_emotion == "awe"
    assert image_labels([tied]).dropped == {TIE: 1, NO_VOTE: 0, UNLABELLED: 0}


# Arrays


def test_labels_become_arrays_with_marks_for_what_is_missing():
    labels = image_labels([
        record("a", aesthetic_mean=5.0, emotion="awe"),
        record("b", aesthetic_high=False, emotion_votes={"fear": 2, "awe": 1}, neutral_votes=3),
        record("c"),
    ])  # fmt: skip
    assert labels.score.tolist()[0] == 5
    assert np.isnan(labels.score[1:]).all()
    assert labels.quality.tolist() == [0, 1, -1]
    assert labels.emotion.tolist() == [EMOTIONS.index("awe"), EMOTIONS.index("fear"), -1]
    assert labels.mostly_neutral.tolist() == [False, True, False]
    assert labels.by_votes


def test_images_that_are_all_alone_have_no_groups():
    assert (
        image_labels([record("a", group="x"), record("b", group="y"), record("c")]).groups is None
    )


def test_an_image_without_a_group_is_one_of_its_own():
    groups = image_labels([record(group="x"), record(), record(group="x"), record()]).groups
    assert groups is not None
    assert groups.tolist() == [0, 1, 0, 2]


def test_an_emotion_that_no_vote_names_was_not_offered():
    assert image_labels([record(emotion_votes={"fear": 1, "awe": 0})]).offered == ("awe", "fear")


def test_of_single_labels_all_eight_were_on_offer():
    assert image_labels([record(emotion="awe")]).offered == EMOTIONS


def test_no_images_are_no_counts():
    labels = image_labels([])
    assert labels.offered == ()
    assert quality_by_emotion(labels).sum() == images_per_emotion(labels).sum() == 0


# Tables


def test_images_are_counted_by_emotion_and_quality():
    labels = image_labels(
        [record(emotion="awe", aesthetic_mean=m) for m in (5, 7, 4.99)]
        + [record(emotion="sadness", aesthetic_high=False), record(emotion="sadness")]
        + [record(aesthetic_mean=9)]
    )
    table = quality_by_emotion(labels)
    assert table[EMOTIONS.index("awe")].tolist() == [2, 1]
    assert table[EMOTIONS.index("sadness")].tolist() == [0, 1]
    assert table.sum() == 4
    assert images_per_emotion(labels)[EMOTIONS.index("sadness")] == 2


@given(
    st.lists(st.tuples(st.sampled_from([*EMOTIONS, None]), st.sampled_from([True, False, None])))
)
def test_the_order_of_the_images_changes_no_count(kinds):
    records = [record(emotion=emotion, aesthetic_high=high) for emotion, high in kinds]
    table = quality_by_emotion(image_labels(records))
    assert (quality_by_emotion(image_labels(records[::-1])) == table).all()
    assert table.sum() == sum(None not in kind for kind in kinds)


# The published counts


def test_the_published_bars_agree_with_themselves_and_not_with_the_published_totals():
    compared = {row.what: row for row in compare_with_iae(image_labels(bars_as_records()))}
    bars = [row for row in compared.values() if row.tolerance]
    assert len(bars) == 16
    assert all(row.difference == 0 and row.agrees for row in bars)
    assert (compared["high"].found, compared["high"].published) == (12_630, IAE_HIGH)
    assert (compared["low"].found, compared["low"].published) == (9_430, IAE_LOW)
    assert (compared["images"].published, compared["images"].difference) == (IAE_TOTAL, -26)
    assert not any(compared[total].agrees for total in ("images", "high", "low"))


@pytest.mark.parametrize(("more", "agrees"), [(25, True), (26, False)])
def test_a_bar_may_be_off_by_the_error_of_reading_it(more, agrees):
    records = bars_as_records() + [record(emotion="fear", aesthetic_high=True)] * more
    row = next(r for r in compare_with_iae(image_labels(records)) if r.what == "fear, high")
    assert (row.difference, row.agrees) == (more, agrees)


# Votes


def test_votes_become_a_matrix_with_neutral_at_the_end_where_somebody_said_it():
    records = [record(emotion_votes={"fear": 1, "awe": 2}), record(emotion="awe")]
    assert vote_matrix(records)[0] == ("awe", "fear")
    names, votes = vote_matrix([*records, record(emotion_votes={"awe": 0}, neutral_votes=4)])
    assert names == ("awe", "fear", "neutral")
    assert votes.tolist() == [[2, 1, 0], [0, 0, 4]]


def test_without_votes_the_matrix_is_empty():
    names, votes = vote_matrix([record(emotion="awe")])
    assert names == ()
    assert votes.shape == (0, 0)
