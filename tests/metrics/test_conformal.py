"""Intervals that hold what they promise, by formula, by table and by simulation."""

import math

import numpy as np
import pytest
from scipy import stats

from iae.metrics import Calibration, conformal_margin

RNG = np.random.default_rng(0)


def test_the_margin_is_the_ranked_error_of_the_formula():
    # ceil(10 * .9) = 9: the largest of nine. ceil(20 * .9) = 18: the second largest of nineteen.
    assert conformal_margin(np.arange(1, 10)) == 9
    assert conformal_margin(-np.arange(1, 20)) == 18
    assert conformal_margin(np.arange(1, 100), coverage=0.8) == 80


def test_fewer_than_nine_errors_promise_no_finite_margin():
    assert conformal_margin(np.ones(8)) == math.inf
    assert conformal_margin([]) == math.inf


def test_the_sign_and_the_order_of_errors_are_of_no_matter():
    errors = RNG.normal(size=57)
    assert conformal_margin(errors) == conformal_margin(-errors[::-1])


@pytest.mark.parametrize("draw", [stats.norm, stats.t(2), stats.expon], ids=["normal", "t2", "exp"])
def test_nine_in_ten_new_errors_lie_within_the_margin_whatever_their_law(draw):
    count, repeats = 49, 4000  # 50 * .9 = 45: exactly .9 are promised
    errors = draw.rvs(size=(repeats, count + 1), random_state=np.random.default_rng(1))
    held = [abs(row[-1]) <= conformal_margin(row[:-1]) for row in errors]
    assert np.mean(held) == pytest.approx(0.9, abs=4 * math.sqrt(0.09 / repeats))


def test_the_share_held_after_one_fit_follows_the_beta_law():
    # Of rank k among N errors the coverage is Beta(k, N + 1 - k) (Vovk 2012).
    coverage = [math.erf(conformal_margin(row) / math.sqrt(2))
                for row in np.random.default_rng(2).normal(size=(2000, 99))]  # fmt: skip
    assert stats.kstest(coverage, stats.beta(90, 10).cdf).pvalue > 0.01


FAIR_AND_GOOD = [[0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]]  # scores 4 and 7
WIDE_BELOW = Calibration(margin_if_low=1.5, margin_if_high=0.5)


def test_a_score_below_five_has_the_margin_of_low_ones():
    assert WIDE_BELOW.interval(FAIR_AND_GOOD).tolist() == [[2.5, 5.5], [6.5, 7.5]]


def test_a_score_of_exactly_five_has_the_margin_of_high_ones():
    assert WIDE_BELOW.interval([0.0, 2 / 3, 1 / 3, 0.0]) == pytest.approx([4.5, 5.5])


def test_an_interval_ends_where_the_scale_does():
    edges = [[1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]]
    assert WIDE_BELOW.interval(edges).tolist() == [[1, 2.5], [9.5, 10]]


def test_a_model_without_margins_says_no_interval():
    assert Calibration().interval(FAIR_AND_GOOD) is None
    assert Calibration(margin_if_low=1.0).interval(FAIR_AND_GOOD) is None
