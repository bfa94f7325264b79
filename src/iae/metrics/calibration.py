"""Whether a probability of .8 is right eight times in ten."""

import numpy as np
from numpy.typing import ArrayLike


def expected_calibration_error(
    confidence: ArrayLike, correct: ArrayLike, *, bins: int = 15
) -> float:
    """Expected calibration error over equally wide bins (Guo et al. 2017, eq. 3).

    Args:
        confidence: (N,) stated probabilities in [0, 1].
        correct: (N,) whether what was stated came true, 0 or 1.
        bins: number of bins between 0 and 1.

    Returns:
        A value in [0, 1]: the mean gap between confidence and accuracy, weighted by how many
        images fall into each bin. NaN without images.
    """
    stated, came_true = np.asarray(confidence, np.float64), np.asarray(correct, np.float64)
    if stated.size == 0:
        return float("nan")
    index = np.clip(np.ceil(stated * bins).astype(int) - 1, 0, bins - 1)
    gap = np.bincount(index, weights=came_true - stated, minlength=bins)
    return float(np.abs(gap).sum() / stated.size)
