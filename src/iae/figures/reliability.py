"""Whether stated probabilities come true."""

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from iae.metrics import expected_calibration_error


def reliability_figure(
    stated: NDArray[np.floating], came_true: NDArray[np.bool_], what: str, *, bins: int = 15
) -> Figure:
    """Observed share against stated probability, and how often each was stated; (N,), (N,).

    Each share has its 95 % Wilson interval: a point that stands alone on few photos proves nothing.
    """
    index = np.clip(np.ceil(stated * bins).astype(int) - 1, 0, bins - 1)
    counts = np.bincount(index, minlength=bins)
    used = counts > 0
    mean_stated = np.bincount(index, stated, bins)[used] / counts[used]
    observed = np.bincount(index, came_true, bins)[used] / counts[used]

    low, high = _wilson(observed, counts[used])
    figure = Figure(figsize=(4.6, 5.2), layout="constrained")
    axes, below = figure.subplots(2, 1, height_ratios=(4, 1), sharex=True)
    axes.plot([0, 1], [0, 1], color="0.6", lw=1)
    axes.vlines(mean_stated, low, high, color="#2f6690", lw=1, alpha=0.5)
    axes.plot(mean_stated, observed, "o-", color="#2f6690", ms=4)
    ece = expected_calibration_error(stated, came_true, bins=bins)
    axes.set(xlim=(0, 1), ylim=(0, 1), ylabel="observed share",
             title=f"{len(stated):,} photos, ECE {ece:.3f}")  # fmt: skip
    below.bar((np.arange(bins) + 0.5) / bins, counts, width=0.9 / bins, color="#9db4c0")
    below.set(xlabel=f"stated: {what}", ylabel="photos")
    return figure


def _wilson(
    share: NDArray[np.floating], count: NDArray[np.integer]
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Bounds of a binomial share (Wilson 1927, without continuity correction); count >= 1."""
    z = 1.959964  # of 95 %
    middle = (share + z**2 / (2 * count)) / (1 + z**2 / count)
    half = z * np.sqrt(share * (1 - share) / count + (z / (2 * count)) ** 2) / (1 + z**2 / count)
    return middle - half, middle + half
