"""Distributions over the four quality levels: mean, spread and distance; softmax, normal CDF."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from iae.labels import LEVEL_SCORES

_SCORES = np.array(LEVEL_SCORES)
_erf = np.vectorize(math.erf, otypes=[np.float64])


def level_mean(shares: ArrayLike) -> NDArray[np.float64]:
    """Mean score in [1, 10] of level shares; (..., 4) -> (...)."""
    mean: NDArray[np.float64] = np.asarray(shares, np.float64) @ _SCORES
    return mean


def level_std(shares: ArrayLike) -> NDArray[np.float64]:
    """Spread of single ratings around their mean, in [0, 4.5]; (..., 4) -> (...)."""
    probabilities = np.asarray(shares, np.float64)
    gaps = _SCORES - level_mean(probabilities)[..., None]
    variance: NDArray[np.float64] = (probabilities * gaps**2).sum(axis=-1)
    return np.sqrt(variance)


def emd(shares_a: ArrayLike, shares_b: ArrayLike) -> NDArray[np.float64]:
    """Earth mover's distance between level shares, r = 1; (..., 4), (..., 4) -> (...) in [0, 1].

    ``mean_k |CDF_a(k) - CDF_b(k)|`` over the four levels (Talebi & Milanfar 2018, eq. 1). The
    last term is always zero, so the largest possible value is .75.
    """
    gap = np.asarray(shares_a, np.float64).cumsum(-1) - np.asarray(shares_b, np.float64).cumsum(-1)
    distance: NDArray[np.float64] = np.abs(gap).mean(axis=-1)
    return distance


def softmax(logits: ArrayLike) -> NDArray[np.float64]:
    """Probabilities from logits over the last axis; (..., K) -> (..., K), rows sum to 1."""
    values = np.asarray(logits, np.float64)
    exps = np.exp(values - values.max(axis=-1, keepdims=True))
    probabilities: NDArray[np.float64] = exps / exps.sum(axis=-1, keepdims=True)
    return probabilities


def normal_cdf(z: ArrayLike) -> NDArray[np.float64]:
    """Chance that a standard normal value is at most z; any shape, in [0, 1]."""
    return 0.5 * (1 + np.asarray(_erf(np.asarray(z, np.float64) / math.sqrt(2))))
