"""Predicted against rated scores."""

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from iae.labels import HIGH_THRESHOLD, SCORE_MAX, SCORE_MIN


def score_scatter_figure(predicted: NDArray[np.floating], rated: NDArray[np.floating]) -> Figure:
    """A dot a photo; (N,), (N,) in [1, 10]. The diagonal is a perfect prediction."""
    figure = Figure(figsize=(4.6, 4.6), layout="constrained")
    axes = figure.add_subplot()
    axes.plot([SCORE_MIN, SCORE_MAX], [SCORE_MIN, SCORE_MAX], color="0.6", lw=1, zorder=1)
    axes.axvline(HIGH_THRESHOLD, color="0.8", lw=0.8, ls="--", zorder=0)
    axes.axhline(HIGH_THRESHOLD, color="0.8", lw=0.8, ls="--", zorder=0)
    axes.scatter(rated, predicted, s=7, alpha=0.35, linewidths=0, color="#2f6690", zorder=2)
    axes.set(
        xlim=(SCORE_MIN, SCORE_MAX),
        ylim=(SCORE_MIN, SCORE_MAX),
        xlabel="rated mean score",
        ylabel="predicted mean score",
        title=f"{len(rated):,} photos",
        aspect="equal",
    )
    return figure
