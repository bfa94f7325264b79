import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iae.metrics import calibrated_ece, expected_calibration_error

rows = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=50)


def ece_by_hand(confidence, correct, bins):
    """Guo et al. 2017, eq. 3, bin by bin: the sum of |B| / n * |accuracy(B) - confidence(B)|."""
    total = 0.0
    for m in range(bins):
        lower, upper = m / bins, (m + 1) / bins
        inside = [i for i, c in enumerate(confidence) if lower < c <= upper or (m == 0 and c == 0)]
        if inside:
            accuracy = np.mean([correct[i] for i in inside])
            stated = np.mean([confidence[i] for i in inside])
            total += len(inside) / len(confidence) * abs(accuracy - stated)
    return total


@given(
    rows, st.sampled_from([1, 2, 4, 8, 16])
)  # whose bounds are exact, so that no bin is in doubt
def test_ece_is_the_definition_of_the_paper(rows, bins):
    confidence, correct = zip(*rows, strict=True)
    found = expected_calibration_error(confidence, correct, bins=bins)
    assert found == pytest.approx(ece_by_hand(confidence, correct, bins), abs=1e-12)


def test_ece_of_a_small_example_by_hand():
    # Bin (.8, 1]: mean confidence .9, accuracy .5; bin (.4, .6]: .5 against 1.
    found = expected_calibration_error([0.85, 0.95, 0.5], [1, 0, 1], bins=5)
    assert found == pytest.approx(2 / 3 * 0.4 + 1 / 3 * 0.5)


def test_ece_is_zero_when_stated_and_true_shares_agree():
    confidence = np.repeat([0.25, 0.75], 100)
    correct = np.r_[np.arange(100) < 25, np.arange(100) < 75]
    assert expected_calibration_error(confidence, correct) == pytest.approx(0)


def test_certainty_that_is_always_wrong_has_the_largest_ece():
    assert expected_calibration_error([1.0, 1.0], [0, 0]) == 1.0


def test_confidence_zero_falls_into_the_first_bin():
    assert expected_calibration_error([0.0, 0.0], [0, 0]) == 0.0


def test_ece_without_images_is_nan():
    assert math.isnan(expected_calibration_error([], []))


def test_the_ece_of_a_calibrated_model_is_what_outcomes_drawn_as_stated_show():
    rng = np.random.default_rng(7)
    stated = rng.beta(2, 1, 500)
    drawn = [ece_by_hand(stated, rng.random(500) < stated, 15) for _ in range(100)]
    assert calibrated_ece(stated) == pytest.approx(np.mean(drawn), rel=0.1)


def test_a_calibrated_model_shows_less_error_on_more_photos():
    few, many = np.full(50, 0.7), np.full(5000, 0.7)
    # One bin: the mean of |binomial share - .7|, by the normal law.
    assert calibrated_ece(few) == pytest.approx(np.sqrt(0.21 / 50 * 2 / np.pi), rel=0.15)
    assert calibrated_ece(many) == pytest.approx(np.sqrt(0.21 / 5000 * 2 / np.pi), rel=0.15)


def test_certainty_that_comes_true_has_no_error_by_chance():
    assert calibrated_ece([0.0, 1.0, 1.0]) == 0


def test_without_images_there_is_no_error_by_chance_either():
    assert math.isnan(calibrated_ece([]))
