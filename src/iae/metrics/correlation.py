"""How well predicted aesthetic scores follow the rated ones."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def srcc(predicted: ArrayLike, rated: ArrayLike) -> float:
    """Spearman rank correlation between predicted and rated scores; tied values share a rank.

    Returns:
        A value in [-1, 1]. NaN when either side is constant: a rank correlation is then
        undefined, and 0 would read as "no relation found". NaN also when a value is NaN.

    Raises:
        ValueError: the two differ in shape, are not 1-D, or hold fewer than two images.

    >>> srcc([1, 2, 3], [10, 20, 15])
    0.5
    """
    a, b = _paired(predicted, rated)
    return _pearson(_ranks(a), _ranks(b))


def plcc(predicted: ArrayLike, rated: ArrayLike) -> float:
    """Pearson linear correlation between predicted and rated scores.

    No logistic curve is fitted first, as some papers do: the scale itself is what is promised.

    Returns:
        A value in [-1, 1]; NaN when either side is constant or holds NaN.

    Raises:
        ValueError: as for :func:`srcc`.
    """
    return _pearson(*_paired(predicted, rated))


def _paired(predicted: ArrayLike, rated: ArrayLike) -> tuple[NDArray[np.float64], ...]:
    a, b = np.asarray(predicted, np.float64), np.asarray(rated, np.float64)
    if a.ndim != 1 or a.shape != b.shape or len(a) < 2:
        raise ValueError(f"wanted two 1-D arrays of one length >= 2, got {a.shape} and {b.shape}")
    return a, b


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rank of each value from 1; ties get the mean of the ranks they cover; NaN has no rank."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts, dtype=np.float64)  # highest rank in each run of ties
    ranks: NDArray[np.float64] = (last - (counts - 1) / 2)[inverse]
    return np.where(np.isnan(values), np.nan, ranks)


def _pearson(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return float("nan")
    a, b = a - a.mean(), b - b.mean()
    return float(np.clip((a @ b) / np.sqrt((a @ a) * (b @ b)), -1, 1))
