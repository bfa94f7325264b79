"""Pictures of each emotion, of high and of low quality side by side."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from iae.figures.style import HIGH, LOW, QUIET, SMALL, TEXT, new_figure

Picture = NDArray[np.uint8]
"""(S, S, 3) RGB; all of one size."""

_CELL, _GAP = 0.62, 0.04
_NAME, _HEAD = 0.85, 0.2
_COLOURS = {"high": HIGH, "low": LOW}


def contact_sheet_figure(
    rows: Mapping[str, Mapping[str, Sequence[Picture]]], *, columns: int
) -> Figure:
    """A sheet of square pictures: a row an emotion, a block of columns a quality.

    Args:
        rows: emotion -> block ("high", "low", or any one name) -> its pictures, at most
            ``columns`` of them; the blocks are those of the first row. A place without a picture
            stays empty.
        columns: pictures a block.
    """
    blocks = list(next(iter(rows.values())))
    across = columns * len(blocks)
    width = _NAME + across * (_CELL + _GAP) + (len(blocks) - 1) * 3 * _GAP
    head = _HEAD if len(blocks) > 1 else 0.0
    height = head + len(rows) * (_CELL + _GAP)
    figure = new_figure(width, height)
    figure.set_layout_engine("none")  # every place is stated
    for down, (emotion, of_emotion) in enumerate(rows.items()):
        bottom = height - head - (down + 1) * (_CELL + _GAP) + _GAP
        figure.text((_NAME - 2 * _GAP) / width, (bottom + _CELL / 2) / height, emotion,
                    ha="right", va="center", fontsize=TEXT)  # fmt: skip
        for b, block in enumerate(blocks):
            left = _NAME + b * (columns * (_CELL + _GAP) + 3 * _GAP)
            for i in range(columns):
                place = (left + i * (_CELL + _GAP), bottom)
                _draw(figure, of_emotion[block][i : i + 1], place, (width, height))
    for b, block in enumerate(blocks if len(blocks) > 1 else []):
        left = _NAME + b * (columns * (_CELL + _GAP) + 3 * _GAP)
        _head(figure, f"{block} quality", left, columns, _COLOURS.get(block, QUIET), width, height)
    return figure


def _draw(
    figure: Figure,
    picture: Sequence[Picture],
    place: tuple[float, float],
    size: tuple[float, float],
) -> None:
    axes = figure.add_axes((place[0] / size[0], place[1] / size[1],
                            _CELL / size[0], _CELL / size[1]))  # fmt: skip
    axes.set_axis_off()
    if picture:
        axes.imshow(picture[0], interpolation="antialiased")
    else:
        axes.text(0.5, 0.5, "–", ha="center", va="center", color=QUIET, fontsize=SMALL)


def _head(
    figure: Figure, text: str, left: float, columns: int, colour: str, width: float, height: float
) -> None:
    """A heading with a line in the colour that the quality has in the other figures."""
    right = left + columns * (_CELL + _GAP) - _GAP
    figure.text((left + right) / 2 / width, 1 - 0.4 * _HEAD / height, text, ha="center",
                va="center", fontsize=TEXT)  # fmt: skip
    y = 1 - 0.88 * _HEAD / height
    figure.add_artist(Line2D([left / width, right / width], [y, y], color=colour, lw=1.5))
