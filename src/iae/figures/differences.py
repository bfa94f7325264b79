"""How far several ways lie from a common baseline, with intervals."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from iae.figures.style import HIGH, INK, PAGE, QUIET, TEXT, new_figure, quiet

Gain = tuple[str, float, float, float]
"""Name, difference, and the bounds of its interval."""


def differences_figure(panels: Mapping[str, Sequence[Gain]]) -> Figure:
    """A panel a figure, side by side: a point and an interval a way, and a line at no difference.

    Args:
        panels: what is measured against what -> the ways, from top to bottom; at least one panel.
            A way whose interval leaves 0 out is dark. Panels may show different ways.
    """
    longest = max(len(gains) for gains in panels.values())
    figure = new_figure(PAGE, 0.7 + 0.26 * max(1, longest))
    columns = figure.subplots(1, len(panels), squeeze=False)[0]
    for axes, (title, gains) in zip(columns, panels.items(), strict=True):
        _draw(axes, gains)
        axes.set_xlabel(title)
    return figure


def _draw(axes: Axes, gains: Sequence[Gain]) -> None:
    axes.axvline(0, color=QUIET, lw=0.8)
    for place, (_, value, low, high) in enumerate(gains):
        colour = HIGH if low > 0 or high < 0 else QUIET
        axes.hlines(place, low, high, color=colour, lw=1.4)
        axes.plot(value, place, "o", color=colour, ms=4)
        axes.annotate(f"{value:+.3f}".replace("-", "−"), (value, place), (0, 4),
                      textcoords="offset points", ha="center", fontsize=TEXT - 1,
                      color=INK)  # fmt: skip
    axes.set_yticks(range(len(gains)), [name for name, *_ in gains])
    axes.set_ylim(len(gains) - 0.4, -0.8)
    axes.margins(x=0.08)
    axes.xaxis.set_major_locator(MaxNLocator(5, symmetric=False))
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:+.3f}".replace("-", "−"))
    quiet(axes)
    axes.tick_params(axis="y", length=0)
