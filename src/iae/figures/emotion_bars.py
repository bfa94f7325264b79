"""How many images there are of each emotion, high and low: the chart of the IAE dataset."""

from collections.abc import Collection, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from iae.figures.style import COLUMN, HIGH, LOW, QUIET, SMALL, TEXT, new_figure, quiet
from iae.labels import EMOTIONS

_BAR = 0.4


def emotion_bars_figure(
    counts: NDArray[np.integer], *, not_offered: Collection[str] = ()
) -> Figure:
    """Bars of the eight emotions in the published order, with their counts above them.

    Args:
        counts: (8, 2) images of each emotion of high and of low quality, or (8, 1) images of each
            emotion where the quality is not known.
        not_offered: emotions that raters could not choose; they are marked, not drawn as 0.
    """
    figure = new_figure(COLUMN, 2.5)
    axes = figure.add_subplot()
    shown = [i for i, emotion in enumerate(EMOTIONS) if emotion not in not_offered]
    if counts.shape[1] == 2:
        for column, (name, colour) in enumerate((("high quality", HIGH), ("low quality", LOW))):
            _bars(axes, shown, counts[shown, column], (column - 0.5) * _BAR, _BAR, colour, name)
        # Above the bars, whichever of them is the highest.
        axes.legend(frameon=False, fontsize=TEXT, handlelength=1, ncols=2, loc="lower right",
                    bbox_to_anchor=(1, 1), borderaxespad=0, columnspacing=1.2)  # fmt: skip
    else:
        _bars(axes, shown, counts[shown, 0], 0.0, 1.5 * _BAR, HIGH, "images")
    for place, emotion in enumerate(EMOTIONS):
        if emotion in not_offered:
            axes.annotate("not offered", (place, 0), (0, 2), textcoords="offset points",
                          rotation=90, ha="center", va="bottom", fontsize=SMALL,
                          color=QUIET)  # fmt: skip
    axes.set_xticks(range(len(EMOTIONS)), EMOTIONS, rotation=40, ha="right",
                    rotation_mode="anchor")  # fmt: skip
    room = 1.25 if counts.shape[1] == 2 else 1.1  # for the counts above the bars
    axes.set(ylabel="images", xlim=(-0.6, len(EMOTIONS) - 0.4))
    axes.set_ylim(0, max(1.0, float(counts.max())) * room)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    quiet(axes)
    axes.tick_params(axis="x", length=0)
    return figure


def _bars(
    axes: Axes,
    places: Sequence[int],
    heights: NDArray[np.integer],
    shift: float,
    width: float,
    colour: str,
    name: str,
) -> None:
    bars = axes.bar(np.array(places) + shift, heights, width=width, color=colour, label=name)
    axes.bar_label(bars, [f"{height:,}" for height in heights], padding=2, fontsize=SMALL,
                   rotation=90 if width == _BAR else 0)  # fmt: skip
