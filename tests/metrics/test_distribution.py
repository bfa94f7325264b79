import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import special, stats

from iae.metrics import emd, level_mean, level_std, normal_cdf, softmax

SCORES = np.array([1, 4, 7, 10])
shares = arrays(float, 4, elements=st.floats(0.001, 1)).map(lambda weights: weights / weights.sum())
logits = arrays(float, (3, 8), elements=st.floats(-1000, 1000))


@given(shares, shares)
def test_emd_agrees_with_scipys_distance_between_level_numbers(a, b):
    # scipy moves along levels 0..3 and sums three gaps; the paper takes the mean over four levels.
    levels = np.arange(4)
    expected = stats.wasserstein_distance(levels, levels, a, b) / 4
    assert emd(a, b) == pytest.approx(expected, abs=1e-12)


def test_emd_from_all_bad_to_all_excellent_is_three_quarters():
    assert emd([1, 0, 0, 0], [0, 0, 0, 1]) == 0.75


@given(shares)
def test_emd_to_itself_is_zero(a):
    assert emd(a, a) == 0


def test_emd_of_a_batch_is_one_distance_a_row():
    a, b = np.eye(4)[[0, 1, 2]], np.eye(4)[[0, 2, 0]]
    assert emd(a, b).tolist() == [0, 0.25, 0.5]


@given(shares)
def test_level_mean_is_the_expected_score(a):
    assert level_mean(a) == pytest.approx(stats.rv_discrete(values=(SCORES, a)).mean())


@given(shares)
def test_level_std_is_the_spread_of_single_ratings(a):
    assert level_std(a) == pytest.approx(stats.rv_discrete(values=(SCORES, a)).std(), abs=1e-7)


def test_level_mean_and_std_by_hand():
    assert level_mean([0.5, 0, 0, 0.5]) == 5.5
    assert level_std([0.5, 0, 0, 0.5]) == 4.5


def test_raters_who_agree_have_no_spread():
    assert level_std(np.eye(4)).tolist() == [0, 0, 0, 0]


def test_level_mean_and_std_keep_the_leading_axes():
    batch = np.full((2, 3, 4), 0.25)
    assert level_mean(batch).shape == level_std(batch).shape == (2, 3)


@given(logits)
def test_softmax_agrees_with_scipy(values):
    np.testing.assert_allclose(softmax(values), special.softmax(values, axis=-1), atol=1e-15)


def test_softmax_of_huge_logits_does_not_overflow():
    assert softmax([1e307, 0, -1e307]).tolist() == [1, 0, 0]


@given(st.floats(-40, 40))
def test_normal_cdf_agrees_with_scipy(z):
    assert normal_cdf(z) == pytest.approx(stats.norm.cdf(z), abs=1e-15)


def test_normal_cdf_keeps_the_shape_of_its_input():
    assert normal_cdf(np.zeros((2, 3))).tolist() == [[0.5] * 3] * 2


def test_normal_cdf_is_certain_at_the_ends():
    assert normal_cdf([-np.inf, np.inf]).tolist() == [0, 1]


def test_normal_cdf_of_nothing_is_nothing():
    assert normal_cdf([]).shape == (0,)
