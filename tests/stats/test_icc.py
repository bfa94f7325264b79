import warnings

import numpy as np
import pytest
from studies import NAN, ratings_of, simulated

from iae.stats.icc import VarianceSums

# Shrout & Fleiss (1979), table 2: six targets, four judges; ICCs from their table 4.
SHROUT_FLEISS = [
    [9, 2, 5, 8],
    [6, 1, 3, 2],
    [8, 4, 6, 8],
    [7, 1, 2, 6],
    [10, 5, 6, 9],
    [6, 2, 4, 7],
]


def test_the_classic_example_gives_its_published_correlations():
    icc = VarianceSums(ratings_of(SHROUT_FLEISS)).icc()
    assert (icc.icc1, icc.icc2, icc.icc2k) == pytest.approx((0.17, 0.29, 0.62), abs=0.005)
    assert icc.k == 4


def test_a_complete_design_gives_what_pingouin_gives():
    import pandas as pd

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pingouin's and pandas' own
        import pingouin

        ratings, _ = simulated(items=40, bias=[1, 0, -1, 0.5], noise=[1, 2, 1, 0.5])
        frame = pd.DataFrame({"i": ratings.item, "r": ratings.rater, "v": ratings.value})
        table = pingouin.intraclass_corr(data=frame, targets="i", raters="r", ratings="v")
    expected = table["ICC"].to_numpy()  # ICC1, ICC2, ICC3, ICC1k, ICC2k, ICC3k
    icc = VarianceSums(ratings).icc()
    assert (icc.icc1, icc.icc2, icc.icc2k) == pytest.approx(expected[[0, 1, 4]], abs=1e-6)


def test_an_incomplete_design_recovers_the_variances_that_made_it():
    rng = np.random.default_rng(0)
    bias = rng.normal(0, 1.0, 150)
    ratings, _ = simulated(items=2000, bias=bias, noise=np.full(150, 2.0), share=0.1)
    icc = VarianceSums(ratings).icc()
    assert icc.item_variance == pytest.approx(1.5**2, rel=0.08)
    assert icc.rater_variance == pytest.approx(bias.var(ddof=1), rel=0.08)
    assert icc.rest_variance == pytest.approx(4.0, rel=0.03)
    assert icc.icc2 == pytest.approx(2.25 / (2.25 + bias.var(ddof=1) + 4), rel=0.06)


def test_components_are_those_of_the_expectations_solved_slowly():
    matrix = np.array([[1, 4, NAN], [7, NAN, 10], [4, 4, 7], [NAN, 1, 4]])
    given = ~np.isnan(matrix)
    n, y = given.sum(), np.nan_to_num(matrix)
    n_i, n_j = given.sum(axis=1), given.sum(axis=0)
    # E(T) of Searle, Casella & McCulloch, written out cell by cell: μ², items, raters, rest.
    expected = np.array(
        [
            [n, sum(n_i**2) / n, sum(n_j**2) / n, 1],
            [n, n, sum(given[i, j] / n_i[i] for i in range(4) for j in range(3)), 4],
            [n, sum(given[i, j] / n_j[j] for i in range(4) for j in range(3)), n, 3],
            [n, n, n, n],
        ]
    )
    sums = [y.sum() ** 2 / n, (y.sum(axis=1) ** 2 / n_i).sum(), (y.sum(axis=0) ** 2 / n_j).sum(),
            (y**2).sum()]  # fmt: skip
    _, items, raters, rest = np.linalg.solve(expected, sums)
    icc = VarianceSums(ratings_of(matrix)).icc()
    assert (icc.item_variance, icc.rater_variance, icc.rest_variance) == pytest.approx(
        (items, raters, rest)
    )
    assert icc.k == pytest.approx(4 / sum(1 / n_i))


def test_taking_an_item_twice_is_having_it_twice():
    matrix = np.array(SHROUT_FLEISS, float)
    weight = np.array([2.0, 1, 1, 0, 1, 1])
    once = VarianceSums(ratings_of(matrix)).icc(weight)
    twice = VarianceSums(ratings_of(matrix[[0, 0, 1, 2, 4, 5]])).icc()
    assert vars(once) == pytest.approx(vars(twice))


@pytest.mark.parametrize(
    ("matrix", "one_way_too"),
    [
        ([[4.0], [7.0]], True),
        ([[4.0, 7.0]], True),
        ([[4, 4], [4, 4]], True),
        ([[4, NAN], [NAN, 7]], True),
        ([[NAN, NAN]], True),
        ([[4, 5, NAN, NAN], [NAN, NAN, 7, 9]], False),
    ],
    ids=["one rater", "one item", "all equal", "no overlap", "no ratings", "raters of one item"],
)
def test_icc_is_nan_where_variances_cannot_be_told_apart(matrix, one_way_too):
    icc = VarianceSums(ratings_of(matrix)).icc()
    assert np.isnan([icc.icc2, icc.icc2k]).all()
    assert np.isnan(icc.icc1) == one_way_too
