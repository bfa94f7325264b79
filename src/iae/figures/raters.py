"""Raters by how mild and how consistent they are."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from iae.figures.style import COLUMN, HIGH, QUIET, SMALL, new_figure, quiet

_FLAGGED = "#c1440e"


def rater_figure(
    bias: NDArray[np.floating],
    inconsistency: NDArray[np.floating],
    ratings: NDArray[np.integer],
    flagged: NDArray[np.bool_],
) -> Figure:
    """A dot a rater, larger with more ratings; flagged raters are crosses.

    Args:
        bias: (M,) points above (mild) or below (harsh) the average rater; NaN is left out.
        inconsistency: (M,) standard deviation of a rater's scores around quality + bias, points;
            NaN is left out.
        ratings: (M,) how many ratings each gave.
        flagged: (M,) raters that screening would leave out.
    """
    known = ~(np.isnan(bias) | np.isnan(inconsistency))
    figure = new_figure(COLUMN, 2.7)
    axes = figure.add_subplot()
    axes.axvline(0, color=QUIET, lw=0.8, zorder=0)
    areas = _areas(ratings)
    fine, odd = known & ~flagged, known & flagged
    # Many dots lie over each other: they are light, few ones are dark.
    axes.scatter(bias[fine], inconsistency[fine], s=areas[fine], color=HIGH, linewidths=0,
                 alpha=max(0.25, min(0.8, 30 / max(1, fine.sum()))),
                 label=f"{fine.sum():,} kept")  # fmt: skip
    if odd.any():
        axes.scatter(bias[odd], inconsistency[odd], s=np.maximum(areas[odd], 14), color=_FLAGGED,
                     marker="x", linewidths=1, label=f"{odd.sum():,} flagged")  # fmt: skip
        # Above the dots, beside the caption: raters may lie anywhere.
        axes.legend(frameon=False, fontsize=SMALL, ncols=2, handletextpad=0, columnspacing=0.6,
                    loc="lower right", bbox_to_anchor=(1, 1), borderpad=0.1,
                    borderaxespad=0.1)  # fmt: skip
    axes.set(xlabel="bias (points; harsh < 0 < mild)",
             ylabel="inconsistency (points; less is better)")  # fmt: skip
    axes.set_ylim(0, 1.1 * float(inconsistency[known].max(initial=0.5)))
    _keep_zero_in_the_middle(axes, bias[known])
    _caption(axes, ratings[known], int((~known).sum()))
    quiet(axes)
    return figure


def _areas(ratings: NDArray[np.integer]) -> NDArray[np.float64]:
    """Area of a dot in square points: larger with more ratings, smaller among many dots."""
    largest = 26 * min(1.0, 8 / max(1, len(ratings)) ** 0.5)
    share = ratings / max(1, int(ratings.max(initial=1)))
    return np.asarray(4 + largest * share, np.float64)


def _keep_zero_in_the_middle(axes: Axes, bias: NDArray[np.floating]) -> None:
    reach = 1.1 * float(np.abs(bias).max(initial=0.1))
    axes.set_xlim(-reach, reach)


def _caption(axes: Axes, ratings: NDArray[np.integer], left_out: int) -> None:
    raters = "1 rater" if len(ratings) == 1 else f"{len(ratings):,} raters"
    if not len(ratings):
        text = "no rater can be placed"
    elif ratings.min() == ratings.max():
        text = f"{raters}, {ratings.min():,} ratings each"
    else:
        text = f"{raters}, {ratings.min():,} to {ratings.max():,} ratings each"
    if left_out:
        text += f"; {left_out:,} not shown"
    axes.set_title(text, loc="left", fontsize=SMALL, pad=4)
