"""What the figures of data sets share: sizes of a printed page, colours, quiet axes, saving.

Sizes are those of print: a column of a paper is 3.5 inches wide, a page 7.2, and text is 7 to 8
points at that size. The two colours are told apart in every common colour blindness and in grey.
"""

from pathlib import Path
from typing import Literal

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

COLUMN, PAGE = 3.5, 7.2
"""Inches."""

HIGH, LOW = "#2f6690", "#e0a458"
"""Blue (dark) for high and orange (light) for low aesthetic quality."""
INK, QUIET = "0.15", "0.55"
"""Text and curves; what stands behind them."""

TEXT, SMALL = 7.5, 6.5
"""Points."""

FigureType = Literal["png", "svg", "pdf"]
FIGURE_TYPES: tuple[FigureType, ...] = ("png", "svg", "pdf")

_METADATA = {"png": {"Software": None}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}


def new_figure(width: float, height: float) -> Figure:
    """An empty figure of this size in inches."""
    return Figure(figsize=(width, height), layout="constrained")


def quiet(axes: Axes, *, keep: tuple[str, ...] = ("left", "bottom")) -> None:
    """Small text, thin lines, and no frame but on the sides to keep."""
    for side, spine in axes.spines.items():
        spine.set_visible(side in keep)
        spine.set_linewidth(0.6)
    axes.tick_params(labelsize=TEXT, width=0.6, length=2.5)
    axes.xaxis.label.set_fontsize(TEXT)
    axes.yaxis.label.set_fontsize(TEXT)
    axes.title.set_fontsize(TEXT)
    axes.set_axisbelow(True)


def save_figure(figure: Figure, path: Path, kind: FigureType) -> None:
    """Save a figure; the same figure gives the same bytes, whenever it is drawn."""
    with matplotlib.rc_context():
        matplotlib.rcParams["svg.hashsalt"] = "iae"  # ids in the file are the same each time
        matplotlib.rcParams["svg.fonttype"] = "none"  # text stays text, to search and to restyle
        matplotlib.rcParams["pdf.fonttype"] = 42
        figure.savefig(path, format=kind, dpi=300, metadata=_METADATA[kind])
