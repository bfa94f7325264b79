"""Variety: the best first, no near-repeats while there is anything else, and nothing lost."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from iae.top.variety import NEAR_REPEAT, Pick, varied_picks

PHOTOS = st.integers(0, 12)
SEEDS = st.integers(0, 2**32 - 1)


def made(seed: int, photos: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values with ties, embeddings of few subjects (many near-repeats), moods."""
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 5, photos).astype(np.float64)
    subjects = rng.random((4, 6)) ** 3
    embeddings = subjects[rng.integers(0, 4, photos)] + rng.random((photos, 6)) * 0.3
    moods = rng.dirichlet(np.ones(8), photos)
    return values, embeddings.astype(np.float32), moods


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    return float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))


def plain_mmr(values, embeddings, moods, count, near, worth):
    """The same written down slowly, pair by pair, in pure Python."""
    low, high = (min(values), max(values)) if len(values) else (0, 0)
    scaled = [(v - low) / (high - low) if high > low else 1.0 for v in values]
    picked: list[int] = []
    while len(picked) < min(count, len(values)):
        left = [i for i in range(len(values)) if i not in picked]

        def likeness(i, picked=tuple(picked)):
            return max([0.0, *(cosine(embeddings[i], embeddings[j]) for j in picked)])

        def gain(i, picked=tuple(picked), likeness=likeness):
            common = likeness(i)
            if picked:
                felt = np.mean([moods[j] for j in picked], axis=0)
                common = (common + sum(min(a, b) for a, b in zip(moods[i], felt, strict=True))) / 2
            return worth * scaled[i] - (1 - worth) * common

        new = [i for i in left if likeness(i) < near] or left
        picked.append(max(new, key=lambda i: (round(gain(i), 5), -i)))
    return picked


@given(SEEDS, PHOTOS, st.integers(0, 15))
def test_every_photo_is_picked_at_most_once_and_as_many_as_there_are(seed, photos, count):
    picks = varied_picks(*made(seed, photos), count)
    assert len({pick.place for pick in picks}) == len(picks) == min(count, photos)


@given(SEEDS, PHOTOS, st.integers(0, 15))
def test_no_two_near_repeats_are_picked_while_others_are_left(seed, photos, count):
    values, embeddings, moods = made(seed, photos)
    picked: list[int] = []
    for pick in varied_picks(values, embeddings, moods, count):
        repeats = {j for j in picked if cosine(embeddings[pick.place], embeddings[j]) > NEAR_REPEAT}
        if repeats:
            left = set(range(photos)) - set(picked)
            assert all(
                max(cosine(embeddings[i], embeddings[j]) for j in picked) > NEAR_REPEAT - 1e-6
                for i in left
            )
            assert pick.repeats in repeats
        else:
            assert pick.repeats is None
        picked.append(pick.place)


@given(SEEDS, st.integers(1, 10), st.integers(1, 10))
def test_picks_are_those_of_the_rule_written_down_slowly(seed, photos, count):
    values, embeddings, moods = made(seed, photos)
    values += np.random.default_rng(seed).random(photos)  # no ties: rounding decides nothing
    fast = [pick.place for pick in varied_picks(values, embeddings, moods, count)]
    assert fast == plain_mmr(values, embeddings, moods, count, NEAR_REPEAT, 0.7)


@given(SEEDS, st.integers(1, 12), st.integers(0, 12))
def test_more_photos_wanted_changes_nothing_about_the_first_ones(seed, photos, count):
    few = varied_picks(*made(seed, photos), count)
    assert varied_picks(*made(seed, photos), photos)[: len(few)] == few


@given(arrays(np.float64, st.integers(1, 20), elements=st.floats(1, 10)))
def test_where_all_photos_differ_and_only_worth_counts_the_order_is_that_of_value(values):
    picks = varied_picks(values, np.eye(len(values), dtype=np.float32), None, 20, worth=1.0)
    assert [pick.place for pick in picks] == sorted(range(len(values)), key=lambda i: -values[i])


def test_of_photos_that_are_all_the_same_the_first_is_picked_and_the_rest_are_its_repeats():
    same = np.full((4, 3), 0.5, np.float32)
    picks = varied_picks(np.full(4, 5.0), same, np.full((4, 8), 1 / 8), 3)
    assert picks == [Pick(0, None), Pick(1, 0), Pick(2, 0)]


def test_a_worse_photo_of_something_else_comes_before_a_repeat_of_the_best():
    embeddings = np.array([[1, 0], [1, 0.01], [0, 1]], np.float32)
    picks = varied_picks(np.array([9.0, 8.9, 2.0]), embeddings, None, 3)
    assert picks == [Pick(0, None), Pick(2, None), Pick(1, 0)]


def test_of_two_equally_good_photos_the_one_of_a_mood_not_yet_there_comes_first():
    moods = np.array([[1.0, 0.0], [0.9, 0.1], [0.0, 1.0]])
    values = np.array([9.0, 8.0, 8.0])
    picks = varied_picks(values, np.eye(3, dtype=np.float32), moods, 2)
    assert [pick.place for pick in picks] == [0, 2]
    assert [pick.place for pick in varied_picks(values, np.eye(3, dtype=np.float32), None, 2)] == [
        0,
        1,
    ]


def test_photos_in_which_the_network_sees_nothing_are_like_no_other():
    picks = varied_picks(np.array([3.0, 2.0]), np.zeros((2, 5), np.float32), None, 2)
    assert picks == [Pick(0, None), Pick(1, None)]


@pytest.mark.parametrize("count", [0, 5])
def test_of_no_photos_none_is_picked(count):
    assert varied_picks(np.zeros(0), np.zeros((0, 4), np.float32), np.zeros((0, 8)), count) == []
