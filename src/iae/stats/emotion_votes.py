"""Votes on emotions: how much people agree on an image, and which emotions they confuse."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class VoteStatistics:
    """One entry an image, in the order of the votes."""

    votes: Floats
    """(N,) votes in all."""
    entropy: Floats
    """(N,) of the vote shares, bits: 0 when all agree, log2(E) when evenly spread. NaN without
    votes. Few voters make it smaller than that of all people."""
    winner: NDArray[np.intp]
    """(N,) emotion with most votes, of several the first; -1 without votes."""
    winner_share: Floats
    """(N,) its share of the votes, in (0, 1]. NaN without votes."""
    is_tie: NDArray[np.bool_]
    """(N,) whether another emotion has as many."""


def vote_statistics(votes: Floats) -> VoteStatistics:
    """Entropy, winner and ties from (N, E) non-negative votes per emotion."""
    total = votes.sum(axis=1)
    voted = total > 0
    share = votes / np.where(voted, total, 1.0)[:, None]
    bits = np.zeros_like(share)
    np.log2(share, out=bits, where=share > 0)
    entropy = np.abs(-(share * bits).sum(axis=1))  # abs: no -0.0
    most = votes.max(axis=1, initial=0.0)
    return VoteStatistics(
        votes=total,
        entropy=np.where(voted, entropy, np.nan),
        winner=np.where(voted, votes.argmax(axis=1), -1),
        winner_share=np.where(voted, share.max(axis=1, initial=0.0), np.nan),
        is_tie=voted & ((votes == most[:, None]).sum(axis=1) > 1),
    )


def confusion(votes: Floats) -> Floats:
    """(E, E) P(a second voter says column | a first voter said row), of one image.

    The first is any vote, the second any other vote on the same image: Krippendorff's coincidences,
    each row divided by its sum. The diagonal is how often an emotion is confirmed; by chance it
    would be the emotion's share of the votes. Asymmetric where emotions differ in frequency.

    Args:
        votes: (N, E) counts; an image with fewer than two votes has no second voter.

    Returns:
        Rows sum to 1; NaN for an emotion that nobody said where there was a second voter.
    """
    total = votes.sum(axis=1)
    pairable = votes[total >= 2]
    weight = 1 / (total[total >= 2] - 1)
    weighted = pairable * weight[:, None]
    pairs = weighted.T @ pairable - np.diag(weighted.sum(axis=0))
    said = pairs.sum(axis=1)
    given: Floats = pairs / np.where(said > 0, said, np.nan)[:, None]
    return given
