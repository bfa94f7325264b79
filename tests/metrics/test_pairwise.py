"""Figures of preferences and orders: worked examples, and what blind judges get."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iae.metrics.pairwise import (
    agreement_band,
    best_found,
    both_orders,
    pair_agreement,
    pair_hits,
    pair_log_loss,
    preference,
)


def test_a_hit_is_the_majoritys_photo_a_silent_judge_gets_half_and_ties_do_not_count():
    hits = pair_hits([2.0, -0.1, 1.0, 0.0, 3.0], [0.9, 0.4, 0.3, 0.8, 0.5])
    np.testing.assert_array_equal(hits, [1, 1, 0, 0.5, np.nan])


def test_agreement_is_the_share_of_people_who_prefer_the_chosen_photo():
    np.testing.assert_allclose(
        pair_agreement([1.0, -1.0, 0.0, 1.0], [0.9, 0.9, 0.9, 0.5]), [0.9, 0.1, 0.5, 0.5]
    )


def test_log_loss_against_a_share_by_hand():
    # p = .75: -.9 ln .75 - .1 ln .25
    assert pair_log_loss([math.log(3)], [0.9])[0] == pytest.approx(0.39755, abs=1e-5)
    assert pair_log_loss([0.0], [0.3])[0] == pytest.approx(math.log(2))
    assert math.isfinite(pair_log_loss([1e4], [0.0])[0])


def test_a_preference_is_the_logistic_function_without_overflow():
    np.testing.assert_allclose(preference([0, math.log(3), -1e6, 1e6]), [0.5, 0.75, 0, 1])


def test_bands_are_those_of_the_agreement_whichever_photo_is_preferred():
    shares = [0.5, 0.51, 0.4, 0.6, 0.3, 0.701, 0.2, 0.8, 0.1, 0.9, 1.0, 0.0]
    assert agreement_band(shares).tolist() == [-1, 0, 1, 1, 2, 2, 3, 3, 4, 4, 4, 4]


def test_both_orders_are_equal_without_an_influence_of_the_order():
    utilities = np.array([[1.0, 1.0], [0.5, 0.5], [3.0, 3.0]])
    rows = both_orders(utilities, np.array([0, 1]), np.array([2, 0]))
    np.testing.assert_array_equal(rows, [[-2, -0.5], [-2, -0.5]])


def test_a_preference_for_the_first_place_shows_as_rows_that_differ():
    (listed, swapped) = both_orders(np.array([[2.0, 0.0], [2.0, 0.0]]), *np.array([[0], [1]]))
    assert (listed[0], swapped[0]) == (2, -2)


def test_the_best_photo_in_second_place():
    assert best_found([0.1, 0.9, 0.5], [False, False, True]) == (0, 1, 0.5)


def test_a_blind_choice_of_four_finds_the_best_in_one_of_four_series():
    top1, top2, reciprocal = best_found(np.zeros(4), [True, False, False, False])
    assert (top1, top2) == (0.25, 0.5)
    assert reciprocal == pytest.approx((1 + 1 / 2 + 1 / 3 + 1 / 4) / 4)


def test_a_series_without_a_best_photo_is_refused():
    with pytest.raises(ValueError, match="no photo is the best"):
        best_found([1.0, 2.0], [False, False])


@given(st.lists(st.tuples(st.integers(0, 2), st.booleans()), min_size=1, max_size=5))
def test_ties_are_expectations_over_all_orders(photos: list[tuple[int, bool]]):
    if not any(best for _, best in photos):
        return
    orders = [
        order for order in itertools.permutations(range(len(photos)))
        if all(photos[a][0] >= photos[b][0] for a, b in itertools.pairwise(order))
    ]  # fmt: skip
    places = [min(k for k, i in enumerate(o, 1) if photos[i][1]) for o in orders]
    expected = [np.mean([p <= 1 for p in places]), np.mean([p <= 2 for p in places]),
                np.mean([1 / p for p in places])]  # fmt: skip
    np.testing.assert_allclose(best_found(*zip(*photos, strict=True)), expected, atol=1e-12)
