"""Simulated studies for the tests of rating statistics."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from iae.data.ratings import Ratings

NAN = float("nan")


def ratings_of(matrix: ArrayLike) -> Ratings:
    """From items × raters, NaN where one is missing."""
    return Ratings.from_matrix(np.asarray(matrix, np.float64))


def simulated(
    *,
    items: int = 400,
    bias: ArrayLike,
    noise: ArrayLike,
    share: float = 1.0,
    seed: int = 0,
) -> tuple[Ratings, NDArray[np.float64]]:
    """Ratings without rounding, and the items' qualities; ``share`` of the pairs is rated."""
    rng = np.random.default_rng(seed)
    bias, noise = np.asarray(bias, np.float64), np.asarray(noise, np.float64)
    quality = rng.normal(5.5, 1.5, items)
    matrix = quality[:, None] + bias + noise * rng.normal(size=(items, len(bias)))
    matrix[rng.random(matrix.shape) > share] = NAN
    return ratings_of(matrix), quality
