import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iae.labels import (
    EMOTIONS,
    LEVEL_SCORES,
    LEVELS,
    NEGATIVE_EMOTIONS,
    POSITIVE_EMOTIONS,
    is_high,
    level_shares,
    polarity,
    to_ten_point,
)

scores = st.floats(1, 10)
raters = st.floats(0.5, 50)
scales = st.tuples(st.floats(-1000, 1000), st.floats(0.01, 1000)).map(lambda s: (s[0], s[0] + s[1]))


def test_the_emotions_are_mikels_eight_with_the_positive_four_first():
    assert (
        *("amusement", "excitement", "awe", "contentment"),
        *("disgust", "anger", "fear", "sadness"),
    ) == EMOTIONS


def test_the_polarity_follows_the_two_halves():
    assert {e for e in EMOTIONS if polarity(e) == "positive"} == set(POSITIVE_EMOTIONS)
    assert {e for e in EMOTIONS if polarity(e) == "negative"} == set(NEGATIVE_EMOTIONS)


def test_an_unknown_emotion_has_no_polarity():
    with pytest.raises(ValueError, match="joy|not in tuple"):
        polarity("joy")


def test_the_levels_are_worst_first():
    assert dict(zip(LEVELS, LEVEL_SCORES, strict=True)) == {
        "bad": 1, "fair": 4, "good": 7, "excellent": 10
    }  # fmt: skip


def test_a_score_of_exactly_five_is_high():
    assert is_high(5.0)


def test_the_last_score_below_five_is_low():
    assert not is_high(math.nextafter(5.0, 0.0))


@pytest.mark.parametrize("score", [1.0, 4.0, 5.0, 7.0, 10.0])
def test_the_ten_point_scale_is_mapped_onto_itself(score):
    assert to_ten_point(score, (1.0, 10.0)) == score


@pytest.mark.parametrize(("stars", "score"), [(1, 1.0), (2, 3.25), (3, 5.5), (5, 10.0)])
def test_five_stars_are_spread_over_the_ten_point_scale(stars, score):
    assert to_ten_point(stars, (1.0, 5.0)) == score


@given(scales)
def test_the_ends_of_any_scale_are_exactly_one_and_ten(scale):
    assert (to_ten_point(scale[0], scale), to_ten_point(scale[1], scale)) == (1.0, 10.0)


@given(st.lists(st.tuples(scores, raters), min_size=1, max_size=12))
def test_level_shares_keep_the_mean_of_the_ratings(ratings):
    mean = sum(score * n for score, n in ratings) / sum(n for _, n in ratings)
    shares = level_shares(ratings)
    assert sum(s * x for s, x in zip(shares, LEVEL_SCORES, strict=True)) == pytest.approx(mean)


@given(st.lists(st.tuples(scores, raters), min_size=1, max_size=12))
def test_level_shares_are_a_distribution(ratings):
    shares = level_shares(ratings)
    assert min(shares) >= 0
    assert sum(shares) == pytest.approx(1)


@given(scores)
def test_a_score_is_split_between_its_two_neighbours_only(score):
    taken = [i for i, share in enumerate(level_shares([(score, 1.0)])) if share > 0]
    assert all(abs(LEVEL_SCORES[i] - score) < 3 for i in taken)


def test_ratings_on_the_levels_are_counted_as_they_are():
    assert level_shares([(1, 1), (4, 2), (7, 3), (10, 4)]) == pytest.approx((0.1, 0.2, 0.3, 0.4))


@pytest.mark.parametrize("score", [0.99, 10.01, math.nan, math.inf])
def test_a_score_off_the_scale_is_refused(score):
    with pytest.raises(ValueError, match=r"score .* lies outside \[1, 10\]"):
        level_shares([(score, 1.0)])


@pytest.mark.parametrize("ratings", [[], [(5.0, 0.0)]])
def test_level_shares_without_a_rater_are_refused(ratings):
    with pytest.raises(ValueError, match="no rater gave a score"):
        level_shares(ratings)
