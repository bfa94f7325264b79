"""Which scale raters used, and their scores on [1, 10]."""

import numpy as np
from numpy.typing import NDArray

from iae.labels import LEVEL_SCORES, SCORE_MAX, SCORE_MIN, to_ten_point

USUAL_SCALES = ((0.0, 1.0), (1.0, 5.0), (1.0, 7.0), (1.0, 10.0), (0.0, 10.0), (0.0, 100.0))
"""(worst, best), narrowest first."""


def guess_scale(distinct: NDArray[np.float64]) -> tuple[tuple[float, float], str]:
    """The scale that scores were probably given on, and why.

    Args:
        distinct: (V,) the different finite scores that occur; at least one.

    Returns:
        (worst, best) and the reason: the four levels 1, 4, 7 and 10 are on 1 to 10; otherwise the
        narrowest of :data:`USUAL_SCALES` that holds all scores; otherwise what occurs. A study in
        which nobody used an end of its scale is taken for a narrower one.

    >>> guess_scale(np.array([2.0, 6.0]))[0]
    (1.0, 7.0)
    """
    low, high = float(distinct.min()), float(distinct.max())
    if np.isin(distinct, LEVEL_SCORES).all() and high > LEVEL_SCORES[1]:
        return (SCORE_MIN, SCORE_MAX), "they are the levels 1, 4, 7 and 10"
    for worst, best in USUAL_SCALES:
        if worst <= low and high <= best:
            return (worst, best), "the narrowest usual scale that holds them"
    return (low, high if high > low else low + 1), "the lowest and highest that occur"


def ten_points(scores: NDArray[np.float64], scale: tuple[float, float]) -> NDArray[np.float64]:
    """Scores on ``scale`` = (worst, best) mapped linearly onto [1, 10]; any shape, NaN stays NaN.

    >>> ten_points(np.array([1.0, 3.0, 5.0]), (1, 5)).tolist()
    [1.0, 5.5, 10.0]
    """
    if scale == (SCORE_MIN, SCORE_MAX):
        return scores  # the arithmetic would move 1.1 by a rounding error
    return to_ten_point(scores, scale)  # type: ignore[arg-type,return-value]  # any number will do
