"""Which emotions are chosen for the same images."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from iae.figures.style import COLUMN, QUIET, SMALL, TEXT, new_figure, quiet


def vote_heatmap_figure(
    shares: NDArray[np.floating], names: Sequence[str], votes: NDArray[np.floating]
) -> Figure:
    """What a second rater says of an image of which a first one said something.

    Args:
        shares: (K, K) share of second votes (columns) per first vote (rows); rows sum to 1, or are
            NaN where nobody gave that vote.
        names: (K,) of the answers.
        votes: (K,) votes that were given in all; the last row shows their shares, which is what a
            second vote would be if it had nothing to do with the first.
    """
    chance = votes / votes.sum()
    rows = np.vstack([shares, np.full(len(names), np.nan), chance])  # (K + 2, K), one left blank
    figure = new_figure(COLUMN, COLUMN * 1.02)
    axes = figure.add_subplot()
    axes.imshow(rows, cmap="Blues", vmin=0, vmax=1)
    for (row, column), share in np.ndenumerate(rows):
        if not np.isnan(share):
            axes.text(column, row, f"{100 * share:.0f}", ha="center", va="center", fontsize=SMALL,
                      color="white" if share > 0.55 else "0.15")  # fmt: skip
    for row in np.flatnonzero(np.isnan(shares).all(axis=1)).tolist():
        axes.text((len(names) - 1) / 2, row, "no votes", ha="center", va="center", fontsize=SMALL,
                  color=QUIET)  # fmt: skip
    axes.set_xticks(range(len(names)), names, rotation=40, ha="left", rotation_mode="anchor")
    axes.xaxis.tick_top()
    axes.xaxis.set_label_position("top")
    places = [*range(len(names)), len(names) + 1]
    axes.set_yticks(places, [*names, "all votes"])
    axes.set(xlabel="the second rater says (%)", ylabel="the first rater says")
    quiet(axes, keep=())
    axes.tick_params(length=0, labelsize=TEXT)
    return figure
