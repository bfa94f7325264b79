import krippendorff
import numpy as np
import pytest
from studies import NAN, ratings_of

from iae.data.ratings import Ratings
from iae.stats import agreement
from iae.stats.agreement import LEVELS_OF_MEASUREMENT, krippendorff_alpha, weighted_alpha
from iae.stats.value_counts import counted, value_counts

N = NAN
# The example of the krippendorff package (and of Krippendorff, Computing alpha, 2011).
PUBLISHED = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, N, N, N],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, N, 3],
        [N, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, N],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, N],
    ]
).T


def alphas(ratings: Ratings) -> list[float]:
    counts = value_counts(ratings.item, ratings.value, len(ratings.items))
    return [krippendorff_alpha(counts, level) for level in LEVELS_OF_MEASUREMENT]


def test_the_published_example_gives_the_published_alphas():
    nominal, ordinal, interval = alphas(ratings_of(PUBLISHED))
    assert (nominal, ordinal, interval) == pytest.approx((0.743, 0.815, 0.849), abs=5e-4)


def test_alpha_of_two_raters_worked_by_hand():
    # Pairs 1-1, 1-2, 2-2: coincidences 2 off the diagonal of 6; by chance 2·3·3/5 = 3.6.
    assert alphas(ratings_of([[1, 1], [1, 2], [2, 2]]))[0] == pytest.approx(1 - 2 / 3.6)


@pytest.mark.parametrize("level", LEVELS_OF_MEASUREMENT)
def test_large_sets_get_the_alpha_of_the_package(level, monkeypatch):
    rng = np.random.default_rng(1)
    matrix = np.clip(np.rint(rng.normal(5, 2, (200, 1)) + rng.normal(0, 2, (200, 8))), 1, 10)
    matrix[rng.random(matrix.shape) < 0.6] = NAN
    ratings = ratings_of(matrix)
    counts = value_counts(ratings.item, ratings.value, len(ratings.items))
    expected = krippendorff.alpha(reliability_data=matrix.T, level_of_measurement=level)
    monkeypatch.setattr(agreement, "_PACKAGE_CELLS", 0)
    assert krippendorff_alpha(counts, level) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("level", LEVELS_OF_MEASUREMENT)
def test_taking_an_item_twice_is_having_it_twice(level):
    table = np.array([[2, 1, 0], [0, 2, 2], [1, 0, 3]])
    weight = np.array([2.0, 0.0, 1.0])
    expected = krippendorff_alpha(counted(table[[0, 0, 2]]), level)
    assert weighted_alpha(counted(table), level, weight) == pytest.approx(expected)


def test_alpha_does_not_depend_on_the_order_of_raters_or_items():
    rng = np.random.default_rng(2)
    shuffled = PUBLISHED[rng.permutation(12)]
    for row in shuffled:
        rng.shuffle(row)  # who gave which score to an item does not matter either
    assert alphas(ratings_of(shuffled)) == pytest.approx(alphas(ratings_of(PUBLISHED)))


def test_full_agreement_is_one_and_random_ratings_are_near_zero():
    rng = np.random.default_rng(3)
    assert alphas(ratings_of([[1, 1], [4, 4], [7, 7]])) == [1, 1, 1]
    assert alphas(ratings_of(rng.integers(1, 5, (5000, 4)))) == pytest.approx([0] * 3, abs=0.03)


@pytest.mark.parametrize(
    "matrix",
    [[[4.0], [7.0]], [[4, 4], [4, 4]], [[4, NAN], [NAN, 7]], [[NAN, NAN]], [[4, 4], [NAN, 7]]],
    ids=["one rater", "all equal", "no overlap", "no ratings", "equal where rated twice"],
)
def test_alpha_is_nan_where_nothing_could_disagree(matrix, monkeypatch):
    assert np.isnan(alphas(ratings_of(matrix))).all()
    monkeypatch.setattr(agreement, "_PACKAGE_CELLS", -1)
    assert np.isnan(alphas(ratings_of(matrix))).all()
