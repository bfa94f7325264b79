"""Utilities from raw votes are those of choix, and stay finite where people are unanimous."""

import choix
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iae.data.records import PairVotes, PhotoPair
from iae.stats.vote_utilities import fit_votes, vote_fit

FIRST, SECOND = np.triu_indices(3, 1)


@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=3, max_size=3))
def test_utilities_are_those_of_choix(counts: list[tuple[int, int]]):
    wins, losses = np.array(counts, float).T
    data = [pair for a, b, (w, x) in zip(FIRST.tolist(), SECOND.tolist(), counts, strict=True)
            for pair in [(a, b)] * w + [(b, a)] * x]  # fmt: skip
    if data:
        expected = choix.opt_pairwise(3, data, alpha=0.1)
        fitted = fit_votes(FIRST, SECOND, wins, losses)
        np.testing.assert_allclose(fitted, expected - expected.mean(), atol=2e-3)


def test_unanimous_votes_give_finite_utilities_in_their_order():
    utilities = fit_votes(FIRST, SECOND, np.array([5.0, 5, 5]), np.zeros(3))
    assert np.isfinite(utilities).all()
    assert utilities[0] > utilities[1] > utilities[2]


def votes_on(series: str, wins: list[int], losses: list[int]) -> list[PairVotes]:
    return [PairVotes(series=series, photo_a=str(a), photo_b=str(b), votes_a=w, votes_b=x)
            for a, b, w, x in zip(FIRST, SECOND, wins, losses, strict=True)]  # fmt: skip


def test_votes_that_run_in_a_circle_misfit_and_consistent_ones_do_not():
    circle = vote_fit(votes_on("1", [40, 0, 40], [0, 40, 0]), [])
    order = vote_fit(votes_on("1", [24, 36, 34], [16, 4, 6]), [])
    assert circle is not None
    assert order is not None
    assert circle.misfit > 20
    assert order.misfit < 1


def test_lists_are_compared_in_order_of_utility_as_their_numbers_are_others():
    votes = votes_on("7", [24, 36, 34], [16, 4, 6])
    turned = [PhotoPair(series="7", photo_a=a, photo_b=b, share=share)
              for a, b, share in (("c", "b", 0.6), ("c", "a", 0.9), ("b", "a", 0.857))]  # fmt: skip
    found = vote_fit(votes, turned)
    assert found is not None
    assert found.listed == 1
    assert found.correlation == pytest.approx(1, abs=0.01)


def test_the_correlation_that_putting_in_order_makes_by_itself_is_told_beside_it():
    rng = np.random.default_rng(0)
    votes, lists = [], []
    for k in range(40):
        truth = rng.normal(0, 1, 3)
        share = 1 / (1 + np.exp(truth[SECOND] - truth[FIRST]))
        wins = rng.binomial(200, share)
        votes += votes_on(str(k), wins.tolist(), (200 - wins).tolist())
        lists += [PhotoPair(series=str(k), photo_a=str(a), photo_b=str(b), share=float(s))
                  for a, b, s in zip(FIRST, SECOND, share, strict=True)]  # fmt: skip
    found = vote_fit(votes, lists)
    assert found is not None
    assert found.correlation > 0.98
    assert 0.3 < found.of_strangers < found.correlation - 0.05


def test_pairs_of_two_photos_alone_test_no_model():
    two = [PairVotes(series="1", photo_a="1", photo_b="2", votes_a=3, votes_b=1)]
    assert vote_fit(two, []) is None
