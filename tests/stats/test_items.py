import numpy as np
import pytest
from scipy import stats
from studies import NAN, ratings_of

from iae.data.rated import level_shares_per_item
from iae.labels import level_shares
from iae.stats.items import item_statistics
from iae.stats.sos import sos_parameter


def test_the_figures_of_an_item_are_those_worked_by_hand():
    items = item_statistics(ratings_of([[1, 4, 7, 10], [4, 4, 7, NAN]]))
    assert items.count.tolist() == [4, 3]
    assert items.mean.tolist() == [5.5, 5.0]
    assert items.sd == pytest.approx([np.sqrt(15), np.sqrt(3)])
    assert items.is_high.tolist() == [True, True]
    assert items.is_settled.tolist() == [False, False]


def test_the_interval_of_the_mean_is_that_of_scipy():
    scores = np.array([3.0, 4.5, 7.0, 7.0, 9.0])
    items = item_statistics(ratings_of(scores[None]))
    expected = stats.t.interval(0.95, 4, scores.mean(), stats.sem(scores))
    assert (items.mean_low[0], items.mean_high[0]) == pytest.approx(expected)


def test_an_item_with_one_rating_has_a_mean_and_no_spread():
    items = item_statistics(ratings_of([[7, NAN], [1, 4]]))
    assert items.mean[0] == 7
    assert np.isnan([items.sd[0], items.mean_low[0], items.mean_high[0]]).all()


def test_an_item_without_ratings_has_no_figures():
    items = item_statistics(ratings_of([[NAN, NAN], [1, 4]]))
    assert items.count[0] == 0
    assert np.isnan([items.mean[0], items.sd[0], *items.level_shares[0]]).all()
    assert not items.is_high[0]


def test_level_shares_are_those_of_the_slow_rule():
    rng = np.random.default_rng(0)
    matrix = rng.uniform(1, 10, (30, 7))
    matrix[:, 0], matrix[0] = 10.0, 1.0
    expected = [level_shares([(score, 1.0) for score in row]) for row in matrix]
    assert level_shares_per_item(ratings_of(matrix)) == pytest.approx(np.array(expected))


def test_sos_is_one_when_all_scores_are_best_or_worst():
    # Population variance is exactly (mean - 1)(10 - mean); the sample's is n/(n - 1) of it.
    items = item_statistics(ratings_of(np.tile([1.0] * 50 + [10.0] * 50, (3, 1))))
    assert sos_parameter(items) == pytest.approx(100 / 99)


def test_sos_is_zero_when_all_agree():
    assert sos_parameter(item_statistics(ratings_of([[4, 4, 4], [7, 7, 7]]))) == 0


def test_sos_recovers_the_parameter_that_spread_the_ratings():
    rng = np.random.default_rng(0)
    mean = rng.uniform(2.5, 8.5, 3000)
    spread = np.sqrt(0.2 * (mean - 1) * (10 - mean))
    matrix = mean[:, None] + spread[:, None] * rng.uniform(-np.sqrt(3), np.sqrt(3), (3000, 20))
    assert sos_parameter(item_statistics(ratings_of(matrix))) == pytest.approx(0.2, abs=0.01)


@pytest.mark.parametrize("matrix", [[[4.0], [7.0]], [[1, 1], [10, 10]]])
def test_sos_is_nan_without_a_spread_to_explain(matrix):
    assert np.isnan(sos_parameter(item_statistics(ratings_of(matrix))))
