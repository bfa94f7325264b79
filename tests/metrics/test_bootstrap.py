import math

import numpy as np
import pytest
from scipy import stats

from iae.metrics import bootstrap, expected_calibration_error


def mean_of(values):
    return lambda indices: float(np.mean(values[indices]))


def test_the_value_is_the_figure_on_all_photos():
    values = np.arange(10.0)
    assert bootstrap(mean_of(values), 10).value == 4.5


def test_the_same_seed_gives_the_same_interval():
    values = np.random.default_rng(0).normal(size=50)
    assert bootstrap(mean_of(values), 50, seed=3) == bootstrap(mean_of(values), 50, seed=3)


def test_another_seed_gives_another_interval():
    values = np.random.default_rng(0).normal(size=50)
    assert bootstrap(mean_of(values), 50, seed=3) != bootstrap(mean_of(values), 50, seed=4)


def test_the_interval_of_a_mean_is_near_that_of_students_t():
    values = np.random.default_rng(0).normal(6, 2, size=400)
    low, high = stats.t.interval(0.95, 399, values.mean(), stats.sem(values))
    found = bootstrap(mean_of(values), 400, resamples=4000)
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.1 * (high - low))


def test_the_interval_covers_the_true_mean_about_nineteen_times_in_twenty():
    rng = np.random.default_rng(0)
    covered = 0
    for seed in range(200):
        values = rng.normal(size=60)
        _, low, high = bootstrap(mean_of(values), 60, resamples=200, seed=seed)
        covered += low <= 0 <= high
    assert 0.88 <= covered / 200 <= 0.99  # binomial: .95 ± 4 standard errors, less a small bias


def test_photos_that_come_in_copies_make_the_interval_wider_when_grouped():
    values = np.repeat(np.random.default_rng(0).normal(size=40), 9)
    alone = bootstrap(mean_of(values), 360)
    grouped = bootstrap(mean_of(values), 360, groups=np.repeat(np.arange(40), 9))
    # Nine copies of a photo tell nothing new; drawn alone they pretend to, by a factor of √9.
    assert (grouped.high - grouped.low) / (alone.high - alone.low) == pytest.approx(3, rel=0.15)


def test_groups_are_drawn_whole():
    groups = np.array([5, 2, 5, 9, 2, 5])
    drawn = []

    def figure(indices):
        drawn.append(np.bincount(indices, minlength=6))
        return 0.0

    bootstrap(figure, 6, groups=groups, resamples=50)
    for counts in drawn:
        assert all(len(set(counts[groups == group])) == 1 for group in (2, 5, 9))


def test_as_many_groups_are_drawn_as_there_are():
    groups = np.repeat(np.arange(7), 2)
    sizes = []
    bootstrap(lambda i: sizes.append(len(i)) or 0.0, 14, groups=groups, resamples=20)
    assert set(sizes) == {14}


def test_a_group_for_each_photo_is_no_grouping():
    values = np.random.default_rng(0).normal(size=30)
    assert bootstrap(mean_of(values), 30) == bootstrap(mean_of(values), 30, groups=np.arange(30))


def test_draws_without_a_defined_figure_are_left_out():
    def figure(indices):  # undefined where photo 0 was not drawn, as F1 of a class may be
        return float(np.mean(indices)) if 0 in indices else math.nan

    assert 0 <= bootstrap(figure, 5).low <= bootstrap(figure, 5).high <= 4


def test_a_figure_that_is_never_defined_has_nan_bounds():
    assert all(math.isnan(bound) for bound in bootstrap(lambda _: math.nan, 5))


def test_no_photos_have_a_nan_interval():
    def figure(indices):
        return float(indices.mean()) if indices.size else math.nan

    assert all(math.isnan(bound) for bound in bootstrap(figure, 0))


def test_a_pivotal_interval_is_the_plain_one_mirrored_at_the_value():
    values = np.random.default_rng(0).exponential(size=50) + 5
    plain = bootstrap(mean_of(values), 50)
    pivotal = bootstrap(mean_of(values), 50, pivotal=True)
    assert pivotal.low == pytest.approx(2 * plain.value - plain.high)
    assert pivotal.high == pytest.approx(2 * plain.value - plain.low)


def test_a_pivotal_interval_never_goes_below_zero():
    assert bootstrap(lambda i: float(len(set(i)) < 5), 5, pivotal=True)[1:] == (0, 0)


def test_a_pivotal_interval_holds_a_small_calibration_error_where_a_plain_one_does_not():
    held = {True: 0, False: 0}
    for seed in range(40):
        rng = np.random.default_rng(seed)
        stated = rng.beta(2, 1, 800)
        true = rng.random(800) < np.clip(stated - 0.02, 0, 1)

        def error(indices, stated=stated, true=true):
            return expected_calibration_error(stated[indices], true[indices])

        for pivotal in held:
            _, low, high = bootstrap(error, 800, resamples=100, seed=seed, pivotal=pivotal)
            held[pivotal] += low <= 0.02 <= high
    assert held[False] <= 8
    assert held[True] >= 28
