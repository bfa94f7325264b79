"""The choice: sorted by value, ties as found, unreadable photos passed over."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iae.labels import EMOTIONS
from iae.scoring.scores import PhotoScore
from iae.top.choice import Chosen, choose_best, mood_of
from iae.top.value import values_of


def scored(name: str, mean: float, awe: float = 0.3, high: float = 0.5) -> PhotoScore:
    rest = (1 - awe) / 7
    emotions = tuple(awe if emotion == "awe" else rest for emotion in EMOTIONS)
    return PhotoScore(path=name, aesthetic_mean=mean, aesthetic_std=1.0, levels=(0.0, 0.5, 0.5, 0),
                      high_prob=high, emotions=emotions, positive_prob=0.5)  # fmt: skip


def chosen_of(scores: list[PhotoScore], count: int, **options) -> list[Chosen]:
    embeddings = options.pop("embeddings", np.eye(len(scores), 8, dtype=np.float32))
    files = [Path("/photos") / score.path for score in scores]
    return choose_best(scores, files, lambda: embeddings, count=count, **options)


def names(chosen: list[Chosen]) -> list[str]:
    return [photo.score.path for photo in chosen]


@given(st.lists(st.none() | st.sampled_from([2.0, 4.5, 5.0, 7.25]), max_size=12),
       st.integers(1, 15))  # fmt: skip
def test_without_variety_it_is_the_sorted_order_of_the_readable_photos(means, count):
    scores = [
        PhotoScore(path=f"{i}", error="damaged") if mean is None else scored(f"{i}", mean)
        for i, mean in enumerate(means)
    ]
    expected = sorted((i for i, mean in enumerate(means) if mean is not None),
                      key=lambda i: (-means[i], i))[:count]  # fmt: skip
    best = chosen_of(scores, count)
    assert names(best) == [f"{i}" for i in expected]
    assert [photo.rank for photo in best] == list(range(1, len(best) + 1))
    assert [photo.file for photo in best] == [Path(f"/photos/{i}") for i in expected]


@pytest.mark.parametrize("diverse", [False, True])
def test_more_photos_than_there_are_gives_all_of_them(diverse):
    best = chosen_of([scored("a", 3.0), scored("b", 6.0)], 50, diverse=diverse)
    assert names(best) == ["b", "a"]


def test_embeddings_are_not_read_unless_variety_is_wanted():
    def unread():
        raise AssertionError("read")

    assert len(choose_best([scored("a", 3.0)], [Path("a")], unread, count=1)) == 1


def test_with_an_emotion_a_photo_counts_by_its_share_times_the_chance_of_a_high_score():
    scores = [scored("dull", 3.0, awe=0.9, high=0.1), scored("grand", 7.0, awe=0.5, high=0.9),
              scored("cheerful", 8.0, awe=0.01, high=1.0)]  # fmt: skip
    best = chosen_of(scores, 3, emotion="awe")
    assert names(best) == ["grand", "dull", "cheerful"]
    assert [photo.value for photo in best] == pytest.approx([0.45, 0.09, 0.01])


def test_photos_of_one_value_come_by_their_score():
    scores = [scored("a", 6.0, high=0.0), scored("b", 7.0, high=0.0)]
    assert names(chosen_of(scores, 2, emotion="awe")) == ["b", "a"]


def test_an_unreadable_photo_does_not_shift_the_embeddings_of_the_others():
    scores = [scored("a", 9.0), PhotoScore(path="bad", error="damaged"), scored("a again", 8.9),
              scored("other", 2.0)]  # fmt: skip
    nan = float("nan")
    embeddings = np.array([[1, 0], [nan, nan], [1, 0], [0, 1]], np.float32)
    best = chosen_of(scores, 3, diverse=True, embeddings=embeddings)
    assert names(best) == ["a", "other", "a again"]
    assert [photo.near_repeat_of for photo in best] == [None, None, 1]


def test_near_repeats_are_told_by_rank_and_not_by_place():
    scores = [scored("z", 1.0), scored("same", 5.0), scored("same", 5.0), scored("top", 9.0)]
    embeddings = np.array([[1, 0, 0], [0, 1, 0], [0, 1, 0], [0, 0, 1]], np.float32)
    best = chosen_of(scores, 4, diverse=True, embeddings=embeddings)
    assert [photo.near_repeat_of for photo in best][-1] == 2


def test_a_library_without_a_readable_photo_gives_nothing():
    assert chosen_of([PhotoScore(path="bad", error="damaged")], 5, diverse=True) == []


def test_the_mood_told_is_the_one_asked_for_or_the_strongest():
    score = scored("a", 5.0, awe=0.65)
    assert mood_of(score, None) == ("awe", 0.65)
    assert mood_of(score, "fear") == ("fear", pytest.approx(0.05))


def test_a_photo_without_scores_has_no_value():
    with pytest.raises(ValueError, match="bad has no scores: damaged"):
        values_of([PhotoScore(path="bad", error="damaged")], None)
