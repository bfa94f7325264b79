"""Calibration finds the temperature and the spread that the data were drawn with."""

import numpy as np
import pytest
from scipy.special import softmax

from iae.train.calibration import (
    fit_calibration,
    fit_high_sigma,
    fit_margins,
    fit_spread,
    fit_temperature,
)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5])
def test_the_temperature_that_labels_were_drawn_with_is_recovered(temperature: float):
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 3, (20_000, 8))
    chances = softmax(logits / temperature, axis=1)
    labels = (chances.cumsum(axis=1) < rng.random((20_000, 1))).sum(axis=1)
    assert fit_temperature(logits, labels) == pytest.approx(temperature, rel=0.05)


@pytest.mark.parametrize("sigma", [0.3, 1.0, 2.0])
def test_the_spread_of_the_errors_of_the_score_is_recovered(sigma: float):
    rng = np.random.default_rng(0)
    predicted = rng.uniform(3, 7, 20_000)
    rated = predicted + rng.normal(0, sigma, 20_000)
    assert fit_high_sigma(predicted, rated) == pytest.approx(sigma, rel=0.05)


def test_without_labels_nothing_is_changed():
    assert fit_temperature(np.empty((0, 8)), np.empty(0, np.int64)) == 1
    assert fit_high_sigma(np.empty(0), np.empty(0)) == 1


def test_always_or_never_being_right_keeps_the_temperature_within_its_bounds():
    certain_and_right, certain_and_wrong = np.eye(8) * 3, np.roll(np.eye(8), 1, axis=1) * 30
    labels = np.arange(8)
    assert fit_temperature(certain_and_right, labels) == pytest.approx(0.2, rel=0.05)
    assert fit_temperature(certain_and_wrong, labels) == pytest.approx(5, rel=0.05)


def test_exaggerated_spreads_are_damped_to_the_line_that_made_them():
    rng = np.random.default_rng(0)
    predicted = rng.uniform(1, 3, 2000)
    rated = 1.2 + 0.3 * predicted + rng.normal(0, 0.05, 2000)
    offset, slope = fit_spread(predicted, rated)
    assert offset == pytest.approx(1.2, abs=0.02)
    assert slope == pytest.approx(0.3, abs=0.01)


def test_spreads_that_run_the_wrong_way_are_replaced_by_their_mean():
    predicted = np.linspace(1, 2, 20)
    offset, slope = fit_spread(predicted, 3 - predicted)
    assert slope == 0
    assert offset == pytest.approx(1.5)


def test_too_few_known_spreads_correct_nothing():
    assert fit_spread(np.ones(9), np.ones(9)) == (0, 1)


def drawn(seed: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Predicted and rated means; low ones are predicted twice as badly."""
    rng = np.random.default_rng(seed)
    predicted = rng.uniform(2, 8, count)
    return predicted, predicted + rng.laplace(0, 1, count) * np.where(predicted < 5, 0.8, 0.4)


def test_a_margin_holds_nine_in_ten_new_photos_on_either_side_of_five():
    held: dict[bool, list[float]] = {True: [], False: []}
    for seed in range(100):
        below, above = fit_margins(*drawn(seed, 400))
        predicted, rated = drawn(1000 + seed, 400)
        inside = np.abs(rated - predicted) <= np.where(predicted < 5, below, above)
        for low in held:
            held[low].append(inside[(predicted < 5) == low].mean())
    for low in held:  # about .9 + 1/201; each fit's coverage has a deviation of .03
        assert np.mean(held[low]) == pytest.approx(0.902, abs=0.01)


def test_with_few_photos_on_one_side_both_have_the_margin_of_all():
    errors = np.arange(1.0, 100.0)
    predicted = np.where(errors <= 49, 4.0, 6.0)
    assert fit_margins(predicted, predicted + errors) == (90, 90)  # of 99 the 90th


def test_with_fifty_photos_on_each_side_both_have_their_own():
    errors = np.arange(1.0, 101.0)
    predicted = np.where(errors <= 50, 4.0, 6.0)
    assert fit_margins(predicted, predicted + errors) == (46, 96)  # of 50 the 46th


def test_too_few_rated_photos_have_no_margin():
    assert fit_margins(np.full(8, 4.0), np.full(8, 5.0)) is None
    assert fit_margins(np.empty(0), np.empty(0)) is None


def test_a_fitted_calibration_states_an_interval_if_enough_photos_are_rated():
    rng = np.random.default_rng(0)
    outputs = {
        "aesthetic": rng.normal(size=(40, 4)),
        "emotion": rng.normal(size=(40, 8)),
        "mean": rng.uniform(1, 10, 40),
        "shares": np.full((40, 4), np.nan),
        "label": np.full(40, -1),
    }
    assert fit_calibration(outputs).interval(np.full(4, 0.25)) is not None
    outputs["mean"][8:] = np.nan
    assert fit_calibration(outputs).margin_if_low is None
