"""Intervals that hold a stated share of what comes, whatever the errors look like."""

import math

import numpy as np
from numpy.typing import ArrayLike


def conformal_margin(errors: ArrayLike, *, coverage: float = 0.9) -> float:
    """Half the width of an interval that holds ``coverage`` of new ratings; split conformal.

    The ceil((N + 1) · coverage)-th smallest of N absolute errors on photos that the network did
    not learn from (Lei et al. 2018, algorithm 2). A new photo drawn like those N lies within the
    margin with a chance of at least ``coverage``, and at most 1 / (N + 1) more when no two errors
    are equal: over draws of both, with no assumption on the errors. For one set of N photos the
    share of later ones has a standard deviation of about sqrt(coverage · (1 - coverage) / N).

    Photos of one scene are no independent draws, and later photos come from other scenes: where
    scenes have many photos each, nothing exact is promised (Dunn et al. 2023 treat that case).
    Where nearly every photo is a scene of its own, as in PARA, it makes no difference.

    Args:
        errors: (N,) rated minus predicted; the sign is of no matter.
        coverage: share of new photos to hold, in (0, 1).

    Returns:
        The margin; infinite where N is too small to promise it (below 9 for .9).

    >>> conformal_margin([0.1, -0.4, 0.2, 0.3], coverage=0.6)
    0.3
    """
    sizes = np.sort(np.abs(np.asarray(errors, np.float64)))
    # Rounded first: 20 * .9 is a little more than 18 in floating point.
    rank = math.ceil(round((len(sizes) + 1) * coverage, 9))
    return float(sizes[rank - 1]) if rank <= len(sizes) else math.inf
