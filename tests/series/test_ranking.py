"""Which shot of a series is the best, and when that is too close to call."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from iae.series.ranking import (
    TOO_CLOSE,
    Mixture,
    ShotFeatures,
    preferred,
    rank_series,
    ranking_of,
)


def shots(score, sharpness=None, clipped=None):
    count = len(score)
    return ShotFeatures(
        score=score,
        sharpness=[0.3] * count if sharpness is None else sharpness,
        clipped=[0.0] * count if clipped is None else clipped,
    )


def test_the_worked_example_of_the_documentation():
    ranking = rank_series(shots([5.0, 5.4], [0.4, 0.2], [0.0, 0.1]))
    gap = 1.5 * (5.0 - 5.4) + 0.5 * np.log(0.4 / 0.2) + 0.9 * 0.1  # -.6 + .347 + .09
    assert ranking.utilities[0] - ranking.utilities[1] == pytest.approx(gap)
    assert list(ranking.order) == [1, 0]
    assert list(ranking.ranks) == [2, 1]
    assert ranking.preference == pytest.approx(1 / (1 + np.exp(gap)))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (shots([5.0, 6.0]), 1),
        (shots([5.0, 5.0], [0.4, 0.2]), 0),
        (shots([5.0, 5.0], clipped=[0.3, 0.0]), 1),
    ],
)
def test_a_higher_score_more_sharpness_and_less_clipping_each_win_alone(one, other):
    assert rank_series(one).order[0] == other


def test_equal_shots_stay_in_their_order_and_are_too_close_to_call():
    ranking = rank_series(shots([5.0] * 4))
    assert list(ranking.order) == [0, 1, 2, 3]
    assert ranking.preference == 0.5
    assert ranking.too_close


def test_a_series_of_one_is_its_own_best_and_not_close():
    ranking = rank_series(shots([5.0]))
    assert (list(ranking.ranks), ranking.preference, ranking.too_close) == ([1], 1.0, False)


def test_what_is_not_known_speaks_neither_for_nor_against_a_shot():
    nan = float("nan")
    known = rank_series(shots([5.0, 6.0], [0.3, 0.3], [0.1, 0.1]))
    unknown = rank_series(shots([5.0, 6.0], [nan, 0.3], [nan, nan]))
    assert unknown.utilities == pytest.approx(known.utilities)


def test_a_plane_without_edges_is_not_infinitely_less_sharp():
    utilities = rank_series(shots([5.0, 5.0], [0.0, 0.02])).utilities
    assert utilities == pytest.approx([0, 0])


def test_close_is_below_the_margin_and_not_at_it():
    gap = np.log(TOO_CLOSE / (1 - TOO_CLOSE))
    assert not ranking_of([gap + 1e-9, 0]).too_close
    assert ranking_of([gap - 1e-6, 0]).too_close
    assert not ranking_of([0.1, 0], too_close=0.5).too_close


def test_weights_can_be_others():
    series = shots([5.0, 6.0], [0.6, 0.2])
    assert rank_series(series, Mixture(score=0, sharpness=1, clipped=0)).order[0] == 0


@given(arrays.arrays(float, st.integers(1, 8), elements=st.floats(-30, 30)))
def test_the_order_falls_and_the_best_is_preferred(utilities):
    ranking = ranking_of(utilities)
    assert np.all(np.diff(utilities[ranking.order]) <= 0)
    assert 0.5 <= ranking.preference <= 1
    assert sorted(ranking.ranks) == list(range(1, len(utilities) + 1))


@given(st.floats(-100, 100), st.floats(-100, 100))
def test_swapping_two_shots_turns_the_preference_round(a, b):
    assert preferred(a, b) + preferred(b, a) == pytest.approx(1)


@given(arrays.arrays(float, (3, 4), elements=st.floats(1, 10)), st.floats(-1, 1))
def test_what_all_shots_of_a_series_share_changes_nothing(numbers, shift):
    score, sharpness, clipped = numbers[0], numbers[1] / 10, numbers[2] / 20
    one = rank_series(ShotFeatures(score=score, sharpness=sharpness, clipped=clipped))
    other = rank_series(ShotFeatures(score=score + shift, sharpness=2 * sharpness, clipped=clipped))
    assert other.utilities == pytest.approx(one.utilities, abs=1e-9)


@pytest.mark.parametrize(
    "series", [shots([]), ShotFeatures(score=[1, 2], sharpness=[1], clipped=[0])]
)
def test_no_shots_or_numbers_of_different_length_are_refused(series):
    with pytest.raises(ValueError, match="wanted as many numbers of each kind"):
        rank_series(series)
