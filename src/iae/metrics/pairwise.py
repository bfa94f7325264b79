"""How well predicted preferences and orders meet those of people; pairs and series of photos.

A preference is a log-odds that the first photo of a pair is preferred; the share is that of the
people who prefer it. Pairs with a share of exactly one half are ties: no answer is right there.
"""

from math import comb
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

BANDS = ((0.5, 0.6), (0.6, 0.7), (0.7, 0.8), (0.8, 0.9), (0.9, 1.0))
"""Agreement of people, from (included) and to (not included, but for 1)."""

_SURE = 1e-6
"""Probabilities are kept this far from 0 and 1, where a logarithm is infinite."""


def both_orders(utilities: Floats, first: NDArray[np.intp], second: NDArray[np.intp]) -> Floats:
    """Log-odds that the first photo of each pair is preferred, asked in both orders.

    Args:
        utilities: (N, 2) of photos, as the first and as the second of a pair.
        first: (P,) numbers of photos.
        second: (P,) numbers of photos.

    Returns:
        (2, P). The second row is the answer to the swapped question, negated, so that without an
        influence of the order the rows are equal.
    """
    return np.stack(
        [utilities[first, 0] - utilities[second, 1], utilities[first, 1] - utilities[second, 0]]
    )


def pair_hits(logits: ArrayLike, share: ArrayLike) -> Floats:
    """Whether the majority's photo is the one predicted; (P,), (P,) -> (P,) of 0, ½, 1 and NaN.

    A logit of 0 says nothing and counts half: what a coin would get. NaN where people are tied.
    """
    said, agreed = np.sign(np.asarray(logits, float)), np.sign(np.asarray(share, float) - 0.5)
    hits = np.where(said == 0, 0.5, (said == agreed).astype(float))
    return np.where(agreed == 0, np.nan, hits)


def pair_agreement(logits: ArrayLike, share: ArrayLike) -> Floats:
    """Share of people who agree with the prediction; (P,), (P,) -> (P,) in [0, 1], ties included.

    At best max(share, 1 - share), where the majority decides every pair. ½ for a logit of 0.
    """
    said, share = np.sign(np.asarray(logits, float)), np.asarray(share, float)
    return np.where(said == 0, 0.5, np.where(said > 0, share, 1 - share))


def pair_log_loss(logits: ArrayLike, share: ArrayLike) -> Floats:
    """Cross-entropy of the predicted preference with the share, in nats; (P,), (P,) -> (P,).

    At least the entropy of the share. Probabilities beyond 1e-6 of 0 or 1 count as that.
    """
    probability, share = preference(logits), np.asarray(share, float)
    probability = np.clip(probability, _SURE, 1 - _SURE)
    loss = -share * np.log(probability) - (1 - share) * np.log(1 - probability)
    return np.asarray(loss, np.float64)


def preference(logits: ArrayLike) -> Floats:
    """Probability that the first photo is preferred; log-odds (P,) -> (P,) in [0, 1]."""
    return np.asarray(0.5 * (1 + np.tanh(np.asarray(logits, float) / 2)))  # never overflows


def agreement_band(share: ArrayLike) -> NDArray[np.intp]:
    """Which of :data:`BANDS` the agreement of people on each pair lies in; (P,) -> (P,).

    -1 for a tie. Shares are published with three digits, so rounding decides no band.
    """
    share = np.round(np.asarray(share, float), 9)
    agreement = np.maximum(share, np.round(1 - share, 9))
    edges = [low for low, _ in BANDS]
    band = np.searchsorted(edges, agreement, side="right") - 1
    return np.where(share == 0.5, -1, band)


class Found(NamedTuple):
    """How early a predicted order shows the best photo of a series."""

    top1: float
    """Probability that the photo put first is a best one."""
    top2: float
    """… that a best one is among the first two."""
    reciprocal_rank: float
    """Expected 1 / place of the best one that comes first."""


def best_found(predicted: ArrayLike, is_best: ArrayLike) -> Found:
    """Where the best photo of one series stands when photos are sorted by predicted utility.

    Args:
        predicted: (K,) utilities, the highest first; equal ones stand in random order, and what
            comes back are expectations. All equal is a blind choice.
        is_best: (K,) which photos are best; several are where people cannot tell them apart.

    Raises:
        ValueError: there is no best photo.
    """
    utility, best = np.asarray(predicted, float), np.asarray(is_best, bool)
    if not best.any():
        raise ValueError("no photo is the best")
    top = utility[best].max()
    ahead = int((utility > top).sum())
    level = utility == top
    tied, wanted = int(level.sum()), int((level & best).sum())

    def not_among_first(places: int) -> float:
        return comb(tied - places, wanted) / comb(tied, wanted) if places > 0 else 1.0

    beyond = [not_among_first(places) for places in range(tied + 1)]
    at = [beyond[places] - beyond[places + 1] for places in range(tied)]
    within = [1 - beyond[min(max(k - ahead, 0), tied)] for k in (1, 2)]
    reciprocal = sum(chance / (ahead + places + 1) for places, chance in enumerate(at))
    return Found(within[0], within[1], float(reciprocal))
