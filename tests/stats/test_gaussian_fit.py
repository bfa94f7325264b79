"""The Gaussian fit of scores against scipy, and the bins of their histogram."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from iae.metrics import bootstrap
from iae.stats.distribution import gaussian_fit, score_bins, score_step

RNG = np.random.default_rng(0)
GAUSSIAN = RNG.normal(5.5, 1.2, 400)
TEN_RATINGS = RNG.choice([1.0, 4.0, 7.0, 10.0], (3000, 10)).mean(axis=1)
SKEWED = 1 + 9 * RNG.beta(5, 2, 500)
SAMPLES = pytest.mark.parametrize(
    "scores", [GAUSSIAN, TEN_RATINGS, SKEWED], ids=["gaussian", "ten ratings", "skewed"]
)


def largest_gap(scores: np.ndarray) -> float:
    """scipy's D against the Gaussian with the sample's mean and sd."""
    return float(stats.kstest(scores, "norm", args=(scores.mean(), scores.std(ddof=1))).statistic)


# Against scipy


@SAMPLES
def test_the_ks_distance_is_that_of_scipy_with_estimated_parameters(scores):
    assert gaussian_fit(scores, resamples=100).ks.value == pytest.approx(largest_gap(scores))


@SAMPLES
def test_the_anderson_darling_statistic_is_that_of_scipy(scores):
    with warnings.catch_warnings():  # of a keyword that older versions do not know
        warnings.simplefilter("ignore", FutureWarning)
        reference = stats.anderson(scores, "norm").statistic
    assert gaussian_fit(scores, resamples=100).anderson == pytest.approx(reference)


@SAMPLES
def test_moments_are_those_of_scipy(scores):
    fit = gaussian_fit(scores, resamples=100)
    assert fit.mean == pytest.approx(scores.mean())
    assert fit.sd == pytest.approx(stats.tstd(scores))
    assert fit.skewness == pytest.approx(stats.skew(scores))
    assert fit.kurtosis == pytest.approx(stats.kurtosis(scores))


@pytest.mark.parametrize("count", [20, 500])
def test_five_in_a_hundred_gaussian_samples_exceed_the_critical_values(count):
    rng = np.random.default_rng(1)
    fits = [gaussian_fit(rng.normal(5, 1, count), resamples=2) for _ in range(1500)]
    for critical, share in ((0, 0.05), (1, 0.01)):
        # Binomial sd of 1500 samples: .0056 and .0026.
        assert np.mean([f.ks.value > f.ks_critical[critical] for f in fits]) == pytest.approx(
            share, abs=3.5 * (share * (1 - share) / 1500) ** 0.5
        )
        assert np.mean([f.anderson > f.anderson_critical[critical] for f in fits]) == pytest.approx(
            share, abs=3.5 * (share * (1 - share) / 1500) ** 0.5
        )


def test_the_interval_of_the_gap_is_that_of_the_plain_bootstrap():
    ours = gaussian_fit(SKEWED, resamples=2000, seed=1).ks
    plain = bootstrap(lambda i: largest_gap(SKEWED[i]), len(SKEWED), resamples=600, seed=2)
    assert ours.value == pytest.approx(plain.value)
    assert ours.low == pytest.approx(plain.low, abs=0.005)
    assert ours.high == pytest.approx(plain.high, abs=0.005)


def test_the_interval_with_groups_is_that_of_the_plain_bootstrap_over_groups():
    groups = np.repeat(np.arange(100), 5)
    scores = np.sort(SKEWED)  # so that the scores of a group are alike
    ours = gaussian_fit(scores, groups=groups, resamples=1000, seed=1).ks
    plain = bootstrap(
        lambda i: largest_gap(scores[i]), len(scores), groups=groups, resamples=600, seed=2
    )
    assert ours.low == pytest.approx(plain.low, abs=0.01)
    assert ours.high == pytest.approx(plain.high, abs=0.01)
    assert ours.high - ours.low > 1.3 * (lambda i: i.high - i.low)(
        gaussian_fit(scores, resamples=1000, seed=1).ks
    )


# Properties


def test_the_gap_between_steps_forgives_that_means_of_few_ratings_are_discrete():
    fit = gaussian_fit(TEN_RATINGS, resamples=200)
    assert fit.distinct < 31
    assert fit.ks.value > 4 * fit.gap.value
    assert fit.gap.value < fit.ks_critical[0] < fit.ks.value


def test_the_gap_of_three_scores_worked_by_hand():
    scores = np.repeat([1.0, 2.0, 3.0], [3, 4, 3])
    fit = gaussian_fit(scores, resamples=2)
    sd = np.sqrt(6 / 9)
    assert fit.sd == pytest.approx(sd)
    # Half-way between 1 and 2 three of ten scores are below, the Gaussian has Φ(-.5 / sd) = .270.
    assert fit.gap.value == pytest.approx(0.3 - stats.norm.cdf(-0.5 / sd))
    # At 2 itself seven of ten are at most 2, the Gaussian has one half.
    assert fit.ks.value == pytest.approx(0.2)


@given(st.floats(0.1, 5), st.floats(-3, 3))
def test_shift_and_scale_change_no_measure_of_shape(scale, shift):
    fit = gaussian_fit(SKEWED, resamples=2)
    moved = gaussian_fit(scale * SKEWED + shift, resamples=2)
    for measure in ("skewness", "kurtosis", "anderson"):
        assert getattr(moved, measure) == pytest.approx(getattr(fit, measure), rel=1e-6)
    assert moved.gap.value == pytest.approx(fit.gap.value)


def test_the_same_seed_gives_the_same_interval():
    assert gaussian_fit(GAUSSIAN, seed=3) == gaussian_fit(GAUSSIAN, seed=3)


def test_a_drawn_sample_of_one_value_has_no_gap_and_stops_nothing():
    fit = gaussian_fit(np.repeat([1.0, 10.0], [7, 1]), resamples=300)
    assert np.isfinite([*fit.ks, *fit.gap]).all()


@pytest.mark.parametrize("scores", [np.arange(7.0), np.full(50, 5.5)], ids=["few", "equal"])
def test_scores_that_allow_no_fit_are_refused(scores):
    with pytest.raises(ValueError, match="wanted at least 8, not all equal"):
        gaussian_fit(scores)


# Steps and bins


def test_the_step_of_means_of_ten_ratings_is_three_tenths():
    assert score_step(TEN_RATINGS) == pytest.approx(0.3)


def test_a_minority_of_other_means_does_not_hide_the_step():
    scores = np.concatenate([TEN_RATINGS, 1 + 9 * RNG.random(500)])
    assert score_step(scores) == pytest.approx(0.3)


@pytest.mark.parametrize("scores", [GAUSSIAN, np.full(5, 3.0)], ids=["continuous", "constant"])
def test_scores_without_a_step_have_none(scores):
    assert score_step(scores) is None


@SAMPLES
def test_every_score_falls_into_a_bin(scores):
    edges = score_bins(scores)
    assert np.histogram(scores, edges)[0].sum() == len(scores)
    assert np.diff(edges) == pytest.approx(np.full(len(edges) - 1, edges[1] - edges[0]))
    assert 5 <= len(edges) - 1 <= 120


def test_bins_hold_equally_many_possible_values_and_end_half_way_between_them():
    possible = 1 + 0.3 * np.arange(31)
    edges = score_bins(TEN_RATINGS)
    inside = possible[(possible > edges[0]) & (possible < edges[-1])]
    assert set(np.histogram(inside, edges)[0]) == {1}
    assert np.abs(edges[:, None] - possible).min(axis=1) == pytest.approx(np.full(len(edges), 0.15))


def test_bins_of_many_small_steps_are_whole_steps_wide():
    scores = np.round(RNG.normal(5, 1, 5000), 2)
    width = np.diff(score_bins(scores))[0]
    assert width / 0.01 == pytest.approx(round(width / 0.01))
    assert width > 0.05


@pytest.mark.parametrize("scores", [[5.0], [5.0, 5.0], [1.0, 10.0]])
def test_few_or_equal_scores_still_have_bins(scores):
    edges = score_bins(np.array(scores))
    assert np.histogram(scores, edges)[0].sum() == len(scores)


@given(st.lists(st.floats(1, 10), min_size=1, max_size=60))
def test_no_score_is_ever_outside_the_bins(scores):
    edges = score_bins(np.array(scores))
    assert edges[0] <= min(scores)
    assert max(scores) <= edges[-1]
    assert len(edges) < 300
