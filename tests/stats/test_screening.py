import numpy as np
import pytest
from studies import NAN, ratings_of, simulated

from iae.stats.items import item_statistics
from iae.stats.screening import Bt500, key_use, screen_bt500


def screened(matrix: np.ndarray) -> Bt500:
    ratings = ratings_of(matrix)
    return screen_bt500(ratings, item_statistics(ratings))


def literal(matrix: np.ndarray) -> tuple[list[int], list[int], list[bool]]:
    """BT.500-15, A1-2.3.1, as its steps are written."""
    items, raters = matrix.shape
    p, q = [0] * raters, [0] * raters
    for j in range(items):
        scores = [u for u in matrix[j] if not np.isnan(u)]
        n = len(scores)
        if n < 2 or max(scores) == min(scores):
            continue
        mean = sum(scores) / n
        s = np.sqrt(sum((u - mean) ** 2 for u in scores) / (n - 1))
        m2, m4 = (sum((u - mean) ** x for u in scores) / n for x in (2, 4))
        limit = (2 if 2 <= m4 / m2**2 <= 4 else np.sqrt(20)) * s
        for i in range(raters):
            if matrix[j, i] >= mean + limit - 1e-9:
                p[i] += 1
            if matrix[j, i] <= mean - limit + 1e-9:
                q[i] += 1
    given = (~np.isnan(matrix)).sum(axis=0)
    rejected = [
        p[i] + q[i] > 0
        and (p[i] + q[i]) / given[i] > 0.05
        and abs(p[i] - q[i]) / (p[i] + q[i]) < 0.3
        for i in range(raters)
    ]
    return p, q, rejected


@pytest.mark.parametrize("share", [1.0, 0.6], ids=["complete", "incomplete"])
def test_screening_follows_the_recommendation_step_by_step(share):
    rng = np.random.default_rng(0)
    ratings, _ = simulated(items=150, bias=np.zeros(25), noise=np.linspace(0.3, 3, 25), share=share)
    matrix = ratings.to_matrix()
    matrix = np.clip(np.rint(matrix), 1, 10)
    matrix[:, 24] = np.where(np.isnan(matrix[:, 24]), NAN, rng.choice([1.0, 10.0], 150))
    found = screened(matrix)
    p, q, rejected = literal(matrix)
    assert (found.above.tolist(), found.below.tolist()) == (p, q)
    assert found.rejected.tolist() == rejected
    assert found.rejected[24]


def test_a_random_rater_is_rejected_and_a_biased_one_is_not():
    ratings, _ = simulated(items=300, bias=[0] * 38 + [2, 0], noise=[1.0] * 40)
    matrix = ratings.to_matrix()
    matrix[:, 39] = np.random.default_rng(1).uniform(1, 10, 300)
    assert np.flatnonzero(screened(matrix).rejected).tolist() == [39]


@pytest.mark.parametrize(
    "matrix",
    [[[4.0], [7.0]], [[4, 4], [4, 4]], [[4, NAN], [NAN, 7]], [[NAN, NAN]], [[3.3] * 7]],
    ids=["one rater", "all equal", "no overlap", "no ratings", "equal, not exact in binary"],
)
def test_nobody_is_an_outlier_where_nothing_spreads(matrix):
    found = screened(np.asarray(matrix, float))
    assert not found.above.any()
    assert not found.below.any()
    assert not found.rejected.any()


def test_a_rater_who_always_presses_one_key_is_found():
    rng = np.random.default_rng(0)
    matrix = rng.choice([1.0, 4, 7, 10], (200, 4))
    matrix[:, 1] = 7
    matrix[:5, 2], matrix[5:, 2] = 1, 10
    keys = key_use(ratings_of(matrix))
    assert keys.always.tolist() == [False, True, True, False]
    assert keys.share[1:3] == pytest.approx([1, 0.975])
    assert keys.value[1:3].tolist() == [7, 10]


def test_a_few_equal_ratings_are_not_yet_one_key():
    assert not key_use(ratings_of([[7.0, 1]] * 9)).always.any()


def test_of_equally_frequent_scores_the_lowest_is_named():
    keys = key_use(ratings_of([[7, NAN], [4, NAN], [4, NAN], [7, NAN]]))
    assert keys.value[0] == 4
    assert keys.share[0] == 0.5
    assert np.isnan([keys.value[1], keys.share[1]]).all()


def test_many_different_scores_are_counted_as_well():
    rng = np.random.default_rng(0)
    matrix = rng.uniform(1, 10, (50, 300))  # 15,000 values: too many for a dense table
    matrix[:20, 7] = 5.25
    keys = key_use(ratings_of(matrix))
    assert (keys.value[7], keys.share[7]) == (5.25, 0.4)
