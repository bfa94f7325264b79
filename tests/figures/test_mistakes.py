"""The sheet of mistakes: every photo whole, its words below it, the worst first."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from iae.figures.mistakes import mistake_sheet_figure

WIDE, TALL = np.zeros((20, 60, 3), np.uint8), np.full((60, 20, 3), 255, np.uint8)


def sheet(count: int = 5) -> Figure:
    pictures = [(WIDE if i % 2 else TALL, f"truth {i} →\nsaid {i}") for i in range(count)]
    return mistake_sheet_figure({"too high": pictures, "too low": pictures[:1]}, columns=3)


def place(figure: Figure, text: str) -> tuple[float, float]:
    return next(t.get_position() for t in figure.texts if t.get_text() == text)


def test_each_block_has_its_title_above_its_photos():
    figure = sheet()
    assert place(figure, "too high")[1] > place(figure, "truth 0 →")[1]
    assert place(figure, "truth 4 →")[1] > place(figure, "too low")[1]


def test_photos_are_whole_whatever_their_shape():
    shapes = {axes.images[0].get_array().shape for axes in sheet().axes}
    assert shapes == {WIDE.shape, TALL.shape}
    assert all(axes.get_aspect() == 1 for axes in sheet().axes)


def test_places_run_along_the_rows_and_do_not_overlap():
    boxes = [axes.get_position(original=True) for axes in sheet().axes[:5]]
    assert boxes[0].x1 < boxes[1].x0 < boxes[2].x0
    assert boxes[3].x0 == boxes[0].x0
    assert boxes[3].y1 < boxes[0].y0


def test_all_is_on_the_page_and_captions_stand_below_their_photo():
    figure = sheet()
    for axes in figure.axes:
        box = axes.get_position()
        assert 0 <= box.x0 < box.x1 <= 1 + 1e-9
        assert 0 <= box.y0 < box.y1 <= 1
    box = figure.axes[1].get_position()
    for line in ("truth 1 →", "said 1"):
        x, y = place(figure, line)
        assert x == pytest.approx((box.x0 + box.x1) / 2)
        assert 0 < y < box.y0


def test_a_photo_that_is_gone_leaves_an_empty_place_with_its_words():
    figure = mistake_sheet_figure({"gone": [(None, "rated 3 → 7")]})
    assert not figure.axes[0].images
    assert place(figure, "rated 3 → 7")


def test_a_sheet_can_be_drawn():
    sheet(24).draw_without_rendering()
