"""Differences between methods, over photos and seeds, against formulas and simulation."""

import math

import numpy as np
import pytest
from scipy import stats

from iae.metrics import compare_methods, srcc

RNG = np.random.default_rng(0)


def mean(values, indices):
    return float(values[indices].mean())


def width(interval):
    return interval.high - interval.low


def test_the_difference_is_second_minus_first_of_the_means_over_seeds():
    found = compare_methods(mean, [np.zeros(5), np.ones(5)], [np.full(5, 3.0)], 5, resamples=10)
    assert (found.first, found.second, found.difference.value) == (0.5, 3.0, 2.5)


def test_a_method_against_itself_differs_by_nothing():
    run = RNG.normal(size=40)
    assert compare_methods(mean, [run], [run], 40).difference == (0, 0, 0)


def test_the_interval_of_a_paired_difference_is_near_that_of_students_t():
    hard = RNG.normal(0, 5, 400)  # what both find hard drops out
    first, second = hard + RNG.normal(0, 1, 400), hard + RNG.normal(0.2, 1, 400)
    gap = second - first
    low, high = stats.t.interval(0.95, 399, gap.mean(), stats.sem(gap))
    found = compare_methods(mean, [first], [second], 400, resamples=4000).difference
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.1 * (high - low))


def test_an_interval_of_one_seed_is_the_same_whether_seeds_are_drawn_or_not():
    runs = [RNG.normal(size=30)], [RNG.normal(size=30)]
    drawn = compare_methods(mean, *runs, 30)
    assert drawn == compare_methods(mean, *runs, 30, draw_seeds=False)


def test_seeds_that_differ_widen_the_interval_by_their_variance():
    photos, seeds = RNG.normal(0, 1, 300), RNG.normal(0, 1, 8)
    first, second = [photos + seed for seed in seeds], [np.zeros(300)]
    found = compare_methods(mean, first, second, 300, resamples=4000).difference
    spread = math.sqrt(photos.var() / 300 + seeds.var() / 8)
    assert width(found) == pytest.approx(2 * 1.96 * spread, rel=0.1)
    kept = compare_methods(mean, first, second, 300, resamples=4000, draw_seeds=False).difference
    assert width(kept) == pytest.approx(2 * 1.96 * photos.std() / math.sqrt(300), rel=0.1)


def test_the_interval_covers_a_true_difference_about_nineteen_times_in_twenty():
    covered = 0
    for repeat in range(150):
        rng = np.random.default_rng(repeat)
        hard = rng.normal(size=80)
        first, second = ([hard + shift + rng.normal(0, 0.3) + rng.normal(0, 1, 80)
                          for _ in range(10)] for shift in (0.0, 0.5))  # fmt: skip
        low, high = compare_methods(mean, first, second, 80, resamples=200).difference[1:]
        covered += low <= 0.5 <= high
    assert 0.87 <= covered / 150 <= 0.99


def test_groups_are_drawn_whole_for_both():
    groups, seen = np.array([0, 0, 1, 2, 2, 2]), []

    def figure(run, indices):
        seen.append((run, np.bincount(indices, minlength=6)))
        return 0.0

    compare_methods(figure, ["a"], ["b"], 6, groups=groups, resamples=20)
    for (one, first), (other, second) in zip(seen[::2], seen[1::2], strict=True):
        assert {one, other} == {"a", "b"}
        assert first.tolist() == second.tolist()
        assert all(len(set(first[groups == group])) == 1 for group in range(3))


def test_a_figure_that_no_draw_defines_has_nan_bounds():
    flat = np.ones(5)
    found = compare_methods(lambda run, i: srcc(run[i], flat[i]), [flat], [flat], 5, resamples=5)
    assert all(math.isnan(bound) for bound in found.difference)


def test_a_method_without_predictions_is_refused():
    with pytest.raises(ValueError, match="wanted predictions of both methods, got 0 and 1"):
        compare_methods(mean, [], [np.ones(3)], 3)
