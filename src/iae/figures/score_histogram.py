"""The distribution of the mean scores beside a Gaussian."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from iae.figures.style import HIGH, INK, PAGE, QUIET, SMALL, new_figure, quiet
from iae.labels import HIGH_THRESHOLD, SCORE_MAX, SCORE_MIN
from iae.stats.distribution import score_bins

_DOTS = 1000


def score_histogram_figure(scores: NDArray[np.floating]) -> Figure:
    """A histogram of (N,) scores in [1, 10] with its Gaussian, and beside it a QQ plot.

    The bins fit the steps of the scores. Sorted score i of N is drawn over the Gaussian's quantile
    of (i - 1/2) / N. The Gaussian has the scores' mean and sd; where the
    scores are all equal, there is none, and no QQ plot.
    """
    mean, sd = float(np.mean(scores)), float(np.std(scores, ddof=1)) if len(scores) > 1 else 0.0
    figure = new_figure(PAGE * 0.8, 2.4)
    left, right = figure.subplots(1, 2, width_ratios=(1.5, 1))
    _histogram(left, scores, mean, sd)
    _qq(right, scores, mean, sd)
    return figure


def _histogram(axes: Axes, scores: NDArray[np.floating], mean: float, sd: float) -> None:
    edges = score_bins(scores)
    counts, _ = np.histogram(scores, edges)
    middle, width = (edges[1:] + edges[:-1]) / 2, edges[1] - edges[0]
    # Hairlines between bars would be darker than the bars when there are many.
    axes.bar(middle, counts, width=width * (0.9 if len(counts) <= 40 else 1.0),
             color=HIGH, alpha=0.55, linewidth=0)  # fmt: skip
    if sd > 0:
        x = np.linspace(SCORE_MIN - 0.2, SCORE_MAX + 0.2, 400)
        density = np.exp(-(((x - mean) / sd) ** 2) / 2) / (sd * np.sqrt(2 * np.pi))
        axes.plot(x, len(scores) * width * density, color=INK, lw=1.1)
    axes.axvline(HIGH_THRESHOLD, color=QUIET, lw=0.8, ls="--", zorder=0.5)
    # Half a step more on both sides: the bins of the worst and the best score reach over them.
    axes.set(xlim=(SCORE_MIN - 0.2, SCORE_MAX + 0.2), xlabel="mean score", ylabel="images")
    axes.set_xticks(range(1, 11))
    axes.set_ylim(0, axes.get_ylim()[1] * 1.12)
    axes.annotate("high from 5", (HIGH_THRESHOLD, 1), (3, -1), xycoords=("data", "axes fraction"),
                  textcoords="offset points", va="top", fontsize=SMALL, color=INK)  # fmt: skip
    axes.text(0.01, 0.99, f"N = {len(scores):,}\nmean {mean:.2f}\nsd {sd:.2f}",
              transform=axes.transAxes, va="top", fontsize=SMALL)  # fmt: skip
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    quiet(axes)


def _qq(axes: Axes, scores: NDArray[np.floating], mean: float, sd: float) -> None:
    ends = [SCORE_MIN, SCORE_MAX]
    if sd > 0:
        chosen = _chosen(len(scores))
        gaussian = mean + sd * ndtri((chosen + 0.5) / len(scores))
        axes.plot(gaussian, np.sort(scores)[chosen], "o", ms=2, mew=0, color=HIGH)
        ends = [min(SCORE_MIN, gaussian[0] - 0.2), max(SCORE_MAX, gaussian[-1] + 0.2)]
    axes.plot(ends, ends, color=INK, lw=0.8, zorder=1)
    axes.set(xlim=ends, ylim=ends, aspect="equal", xlabel="Gaussian quantile",
             ylabel="score quantile")  # fmt: skip
    axes.set_xticks(range(1, 11, 3))
    axes.set_yticks(range(1, 11, 3))
    quiet(axes)


def _chosen(count: int) -> NDArray[np.intp]:
    """Which of the sorted scores are drawn: all, or about a thousand with both ends."""
    if count <= _DOTS:
        return np.arange(count)
    # Evenly spaced on the axis rather than in share: the tails are what a QQ plot is for.
    end = ndtri(0.5 / count)
    places = ndtr(np.linspace(end, -end, _DOTS)) * count - 0.5
    return np.unique(np.rint(places).astype(np.intp))
