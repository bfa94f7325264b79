"""Whether stated probabilities come true."""

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from iae.metrics import expected_calibration_error


def reliability_figure(
    stated: NDArray[np.floating], came_true: NDArray[np.bool_], what: str, *, bins: int = 15
) -> Figure:
    """Observed share against stated probability, and how often each was stated; (N,), (N,)."""
    index = np.clip(np.ceil(stated * bins).astype(int) - 1, 0, bins - 1)
    counts = np.bincount(index, minlength=bins)
    used = counts > 0
    mean_stated = np.bincount(index, stated, bins)[used] / counts[used]
    observed = np.bincount(index, came_true, bins)[used] / counts[used]

    figure = Figure(figsize=(4.6, 5.2), layout="constrained")
    axes, below = figure.subplots(2, 1, height_ratios=(4, 1), sharex=True)
    axes.plot([0, 1], [0, 1], color="0.6", lw=1)
    axes.plot(mean_stated, observed, "o-", color="#2f6690", ms=4)
    ece = expected_calibration_error(stated, came_true, bins=bins)
    axes.set(xlim=(0, 1), ylim=(0, 1), ylabel="observed share",
             title=f"{len(stated):,} photos, ECE {ece:.3f}")  # fmt: skip
    below.bar((np.arange(bins) + 0.5) / bins, counts, width=0.9 / bins, color="#9db4c0")
    below.set(xlabel=f"stated: {what}", ylabel="photos")
    return figure
