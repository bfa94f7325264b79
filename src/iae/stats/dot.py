"""Sums of products of long vectors, in one thread."""

import numpy as np
from numpy.typing import NDArray


def dot(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """Σ a·b of two (N,) vectors.

    ``a @ b`` splits vectors of more than 10,000 numbers over threads that wait for each other
    spinning: on two busy cores the intervals of 22,086 images took 51 s instead of 1.2 s.
    """
    return float(np.einsum("i,i->", a, b))
