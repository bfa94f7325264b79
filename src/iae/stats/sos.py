"""The SOS parameter: how large the spread of opinions is for the mean it goes with."""

import numpy as np
from numpy.typing import NDArray

from iae.labels import SCORE_MAX, SCORE_MIN
from iae.stats.dot import dot
from iae.stats.items import ItemStatistics


def sos_parameter(items: ItemStatistics, weight: NDArray[np.float64] | None = None) -> float:
    """a in variance = a · (mean - 1) · (10 - mean), fitted by least squares over items.

    The hypothesis of Hoßfeld, Schatz & Egger (QoMEX 2011): one number says how far people differ in
    a study, whatever its scale. 0: all give the same; 1: all give the worst or the best score.
    Sample variances (n - 1) are used, so that few raters an item do not make it smaller; it may
    then come out slightly above 1.

    Args:
        items: of all ratings.
        weight: (N,) how often each item is taken; None: once.

    Returns:
        NaN when no item with two ratings has a mean off both ends of the scale.
    """
    known = ~np.isnan(items.sd)
    mean, variance = items.mean[known], items.sd[known] ** 2
    room = (mean - SCORE_MIN) * (SCORE_MAX - mean)
    w = np.ones_like(room) if weight is None else weight[known]
    squares = dot(w, room**2)
    return dot(w, room * variance) / squares if squares > 0 else float("nan")
