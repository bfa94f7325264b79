"""Counts of scores of many images at once."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from iae.labels import level_shares

Shares = tuple[float, float, float, float]


def level_share_rows(
    counts: NDArray[np.floating] | NDArray[np.integer], scores: Sequence[float]
) -> list[Shares | None]:
    """Share of raters per level of each image, as ``labels.level_shares`` gives it.

    Args:
        counts: (N, K) raters of each image per score.
        scores: (K,) the scores, on [1, 10].

    Returns:
        N rows worst level first; None where nobody rated.
    """
    of_score = np.array([level_shares([(score, 1.0)]) for score in scores]).reshape(-1, 4)  # (K, 4)
    total = counts.sum(axis=1, dtype=np.float64)
    rated = total > 0
    shares = (counts @ of_score) / np.where(rated, total, 1.0)[:, None]  # (N, 4)
    return [
        tuple(row) if there else None for row, there in zip(shares.tolist(), rated, strict=True)
    ]


def mean_rows(
    counts: NDArray[np.floating] | NDArray[np.integer], scores: Sequence[float]
) -> list[float | None]:
    """Mean score of each image, from (N, K) counts of K scores; None where nobody rated."""
    total = counts.sum(axis=1, dtype=np.float64)
    rated = total > 0
    means = (counts @ np.asarray(scores, float)) / np.where(rated, total, 1.0)
    return [mean if there else None for mean, there in zip(means.tolist(), rated, strict=True)]


def count_rows(
    counts: NDArray[np.floating] | NDArray[np.integer], scores: Sequence[float]
) -> list[dict[float, float] | None]:
    """Score -> raters of each image, only of scores that were given; None where nobody rated."""
    return [
        {score: float(n) for score, n in zip(scores, row, strict=True) if n} or None
        for row in counts.tolist()
    ]
