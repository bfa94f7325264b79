"""Bradley-Terry utilities, agreement between people, and what pair lists contradict."""

import choix
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iae.data.records import PairVotes, PhotoPair
from iae.stats.bradley_terry import fit_series, fit_utilities, log_odds
from iae.stats.pairs import contradicts, human_ceiling, pair_statistics


def pair(a: str, b: str, share: float, ranks=(None, None), series="s") -> PhotoPair:
    return PhotoPair(series=series, photo_a=a, photo_b=b, share=share,
                     rank_a=ranks[0], rank_b=ranks[1])  # fmt: skip


def votes(a: int, b: int, series="s") -> PairVotes:
    return PairVotes(series=series, photo_a="1", photo_b="2", votes_a=a, votes_b=b)


def test_a_published_series_is_explained_by_one_utility_a_photo():
    # Shares of one series of the published list: .949 and .636 leave .086 for the third pair.
    fit = fit_series([pair("1", "2", 0.949, (1, 3)), pair("1", "3", 0.636, (1, 2)),
                      pair("2", "3", 0.086, (3, 2))])  # fmt: skip
    assert fit.misfits.max() < 0.001
    assert fit.agrees_with_ranks is True
    assert not fit.tied


def test_shares_that_run_in_a_circle_fit_no_utilities():
    fit = fit_series([pair("1", "2", 0.8), pair("2", "3", 0.8), pair("1", "3", 0.2)])
    assert fit.misfits == pytest.approx([0.3, 0.3, 0.3])


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(-2, 2), min_size=3, max_size=6))
def test_utilities_are_recovered_up_to_a_constant(utilities):
    truth = np.array(utilities) - np.mean(utilities)
    a, b = np.triu_indices(len(truth), 1)
    share = 1 / (1 + np.exp(truth[b] - truth[a]))
    assert fit_utilities(a, b, share) == pytest.approx(truth, abs=1e-6)


def test_utilities_of_many_votes_are_those_of_choix():
    """choix maximises the likelihood; with shares near the model both find the same utilities."""
    truth = np.array([0.9, 0.1, -1.0])
    a, b = np.triu_indices(3, 1)
    votes_a = np.round(1000 / (1 + np.exp(truth[b] - truth[a]))).astype(int)
    data = [(x, y) for x, y, n in zip(a, b, votes_a, strict=True) for _ in range(n)]
    data += [(y, x) for x, y, n in zip(a, b, votes_a, strict=True) for _ in range(1000 - n)]
    assert fit_utilities(a, b, votes_a / 1000) == pytest.approx(
        choix.ilsr_pairwise(3, data), abs=5e-3
    )


def test_unanimous_shares_stay_finite():
    assert np.isfinite(log_odds(np.array([0.0, 1.0]))).all()


def test_photos_without_a_chain_of_pairs_have_no_common_order():
    fit = fit_series([pair("1", "2", 0.7, (1, 2)), pair("3", "4", 0.7, (3, 4))])
    assert not fit.connected
    assert fit.agrees_with_ranks is None


def test_ranks_against_the_shares_are_seen():
    fit = fit_series([pair("1", "2", 0.7, (2, 1)), pair("2", "3", 0.6, (1, 3)),
                      pair("1", "3", 0.78, (2, 3))])  # fmt: skip
    assert fit.agrees_with_ranks is False


def test_tied_photos_may_be_ranked_either_way():
    fit = fit_series([pair("1", "2", 0.5, (2, 1)), pair("2", "3", 0.7, (1, 3)),
                      pair("1", "3", 0.7, (2, 3))])  # fmt: skip
    assert fit.agrees_with_ranks is True
    assert fit.tied


@pytest.mark.parametrize(
    ("share", "ranks", "expected"),
    [(0.7, (1, 2), False), (0.3, (2, 1), False), (0.7, (2, 1), True), (0.3, (1, 2), True),
     (0.5, (2, 1), False), (0.7, (1, 1), True), (0.7, (None, None), False)],
)  # fmt: skip
def test_a_share_and_the_ranks_agree_or_contradict(share, ranks, expected):
    assert contradicts(pair("1", "2", share, ranks)) is expected


def test_pairs_are_counted_by_hand():
    found = pair_statistics([
        pair("1", "2", 0.75, (1, 2), "a"),
        pair("1", "2", 0.5, (1, 2), "b"),
        pair("1", "2", 0.4, (2, 1), "c"),
    ])  # fmt: skip
    assert (found.pairs, found.series, found.ties, found.contradictions) == (3, 3, 1, 0)
    assert found.majority_share.value == pytest.approx((0.75 + 0.5 + 0.6) / 3)
    assert found.first_preferred == 0.5
    assert found.chance_top1 == 0.5
    assert found.first_top1 == pytest.approx(2 / 3)
    assert found.misfit is None


def test_the_ceiling_of_three_votes_against_one_is_worked_by_hand():
    # Each of three meets 2:1 and agrees; the one meets 0:3 and does not.
    ceiling = human_ceiling([votes(3, 1)])
    assert ceiling.ties_half.value == ceiling.ties_dropped.value == 0.75


def test_a_vote_whose_others_are_tied_counts_half_or_not_at_all():
    # Two of 2:1 meet 1:1; the one meets 2:0.
    ceiling = human_ceiling([votes(2, 1)])
    assert ceiling.ties_half.value == pytest.approx(1 / 3)
    assert ceiling.ties_dropped.value == 0


def test_the_ceiling_agrees_with_taking_out_one_vote_after_another():
    rng = np.random.default_rng(0)
    pairs = [votes(int(a), int(b), str(i)) for i, (a, b) in enumerate(rng.integers(0, 6, (40, 2)))]
    half = dropped = counted = total = 0.0
    for p in pairs:
        cast = [1] * p.votes_a + [-1] * p.votes_b
        for i, vote in enumerate(cast):
            others = sum(cast[:i] + cast[i + 1 :])
            total += 1
            half += 0.5 if others == 0 else (others > 0) == (vote > 0)
            counted += others != 0
            dropped += others != 0 and (others > 0) == (vote > 0)
    ceiling = human_ceiling(pairs)
    assert ceiling.ties_half.value == pytest.approx(half / total)
    assert ceiling.ties_dropped.value == pytest.approx(dropped / counted)


def test_no_pairs_and_no_votes_are_refused():
    with pytest.raises(ValueError, match="no pair"):
        pair_statistics([])
    with pytest.raises(ValueError, match="no vote"):
        human_ceiling([votes(0, 0)])
