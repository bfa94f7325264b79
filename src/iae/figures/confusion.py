"""Which emotions are taken for which."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from iae.metrics import confusion_matrix


def confusion_figure(
    predicted: NDArray[np.integer], labels: NDArray[np.integer], names: Sequence[str]
) -> Figure:
    """Shares of each labelled class by predicted class, with counts; (N,), (N,) class numbers."""
    counts = confusion_matrix(predicted, labels, len(names))
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure = Figure(figsize=(6.2, 5.4), layout="constrained")
    axes = figure.add_subplot()
    picture = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for (row, column), share in np.ndenumerate(shares):
        axes.text(column, row, f"{share:.0%}\n{counts[row, column]}", ha="center", va="center",
                  fontsize=7, color="white" if share > 0.55 else "0.15")  # fmt: skip
    places = range(len(names))
    axes.set_xticks(places, names, rotation=45, ha="right")
    axes.set_yticks(places, names)
    axes.set(xlabel="predicted emotion", ylabel="labelled emotion")
    figure.colorbar(picture, ax=axes, label="share of the labelled emotion", shrink=0.8)
    return figure
