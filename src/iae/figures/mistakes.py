"""Photos that a model is wrong about, with what was said and what is true below each."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from iae.figures.style import PAGE, QUIET, SMALL, TEXT, new_figure

Picture = NDArray[np.uint8]
"""(H, W, 3) RGB of any size; shown whole, because what was missed may lie at the edge."""

_GAP, _LINE, _HEAD = 0.06, 0.115, 0.26
"""Inches between pictures, for a line of a caption, and above a block for its title."""


def mistake_sheet_figure(
    blocks: Mapping[str, Sequence[tuple[Picture | None, str]]], *, columns: int = 6
) -> Figure:
    """A sheet of photos in titled blocks, row by row, the worst first.

    Args:
        blocks: title -> pictures with captions, of one line or several. A picture that cannot be
            read is None: its caption stands under an empty place.
        columns: pictures a row, on the width of a page.
    """
    cell = (PAGE - (columns - 1) * _GAP) / columns
    lines = max(c.count("\n") + 1 for pictures in blocks.values() for _, c in pictures)
    step = cell + (lines + 0.5) * _LINE + _GAP
    rows = {title: -(-len(pictures) // columns) for title, pictures in blocks.items()}
    height = sum(_HEAD + count * step for count in rows.values())
    figure = new_figure(PAGE, height)
    figure.set_layout_engine("none")  # every place is stated
    top = height
    for title, pictures in blocks.items():
        figure.text(0.005, (top - _HEAD / 2) / height, title, va="center", fontsize=TEXT + 1)
        top -= _HEAD
        for place, (picture, caption) in enumerate(pictures):
            row, column = divmod(place, columns)
            left, bottom = column * (cell + _GAP), top - row * step - cell
            axes = figure.add_axes((left / PAGE, bottom / height, cell / PAGE, cell / height))
            axes.set_axis_off()
            if picture is None:
                axes.text(0.5, 0.5, "–", ha="center", va="center", color=QUIET, fontsize=SMALL)
            else:
                axes.imshow(picture, interpolation="antialiased")
            # Line by line: one text would hang from its highest letter, at another height each.
            for number, line in enumerate(caption.split("\n"), 1):
                figure.text((left + cell / 2) / PAGE, (bottom - number * _LINE) / height, line,
                            ha="center", va="baseline", fontsize=SMALL)  # fmt: skip
        top -= rows[title] * step
    return figure
