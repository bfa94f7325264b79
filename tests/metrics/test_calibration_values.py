"""What a `Calibration` makes of level shares."""

import numpy as np
import pytest
from scipy.stats import norm

from iae.metrics import Calibration

HALF_FAIR_HALF_GOOD = [0.0, 0.5, 0.5, 0.0]  # mean 5.5, standard deviation 1.5


def test_the_chance_of_high_is_that_of_a_normal_error_around_the_mean():
    chance = Calibration(high_sigma=0.8).high_prob(HALF_FAIR_HALF_GOOD)
    assert chance == pytest.approx(norm.cdf(0.5 / 0.8))


def test_the_spread_is_a_line_of_the_standard_deviation_of_the_shares():
    spread = Calibration(spread_offset=1.0, spread_slope=0.5).spread([HALF_FAIR_HALF_GOOD] * 2)
    np.testing.assert_allclose(spread, [1.75, 1.75])


def test_a_spread_never_leaves_what_the_scale_allows():
    assert Calibration(spread_offset=9.0).spread(HALF_FAIR_HALF_GOOD) == 4.5
    assert Calibration(spread_offset=-9.0).spread(HALF_FAIR_HALF_GOOD) == 0
