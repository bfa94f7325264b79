import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from iae.metrics import plcc, srcc

pairs = st.lists(st.tuples(st.integers(10, 100), st.integers(10, 100)), min_size=2, max_size=40)
both = pytest.mark.parametrize("correlation", [srcc, plcc])


def columns(rows):
    a, b = (np.array(column) / 10 for column in zip(*rows, strict=True))
    assume(np.ptp(a) > 0 and np.ptp(b) > 0)
    return a, b


@given(pairs)
def test_srcc_agrees_with_scipy_with_and_without_ties(rows):
    a, b = columns(rows)
    assert srcc(a, b) == pytest.approx(stats.spearmanr(a, b).statistic, abs=1e-12)


@given(pairs)
def test_plcc_agrees_with_scipy(rows):
    a, b = columns(rows)
    assert plcc(a, b) == pytest.approx(stats.pearsonr(a, b).statistic, abs=1e-12)


def test_srcc_of_70_000_tied_scores_agrees_with_scipy():
    # Enough ties that ranks added up in 32 bits would overflow.
    a = np.r_[np.full(70_000, 5.0), 1.0, 2.0, 9.0]
    b = np.arange(len(a)) % 1000
    assert srcc(a, b) == pytest.approx(stats.spearmanr(a, b).statistic, abs=1e-12)


@given(pairs)
def test_srcc_sees_only_the_order(rows):
    a, b = columns(rows)
    assert srcc(np.exp(a), b) == pytest.approx(srcc(a, b), abs=1e-12)


@both
@given(pairs)
def test_the_two_sides_can_be_exchanged(correlation, rows):
    a, b = columns(rows)
    assert correlation(a, b) == pytest.approx(correlation(b, a), abs=1e-12)


@both
@given(pairs)
def test_scores_correlate_perfectly_with_themselves_and_never_beyond(correlation, rows):
    a, _ = columns(rows)
    assert 1 - 1e-12 < correlation(a, a) <= 1
    assert -1 <= correlation(a, -a) < -1 + 1e-12


@both
def test_a_constant_side_gives_nan_not_zero(correlation):
    assert math.isnan(correlation([0.1, 0.1, 0.1], [1, 2, 3]))
    assert math.isnan(correlation([1, 2, 3], [0.1, 0.1, 0.1]))


@both
def test_a_nan_score_gives_nan(correlation):
    assert math.isnan(correlation([1, math.nan, 3], [1, 2, 3]))
    assert math.isnan(correlation([1, 2, 3], [1, math.nan, 3]))


@both
@pytest.mark.parametrize(
    ("a", "b"), [([1], [1]), ([], []), ([1, 2], [1, 2, 3]), ([[1, 2]], [[1, 2]]), (1, 2)]
)
def test_shapes_that_cannot_be_correlated_are_refused(correlation, a, b):
    with pytest.raises(ValueError, match=r"two 1-D arrays of one length >= 2, got \("):
        correlation(a, b)
