"""Figures of data sets: what is drawn is what was given, and the files are stable."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from scipy import stats

from iae.data.published import IAE_BARS
from iae.figures.contact_sheet import contact_sheet_figure
from iae.figures.emotion_bars import emotion_bars_figure
from iae.figures.raters import rater_figure
from iae.figures.score_histogram import score_histogram_figure
from iae.figures.style import FIGURE_TYPES, save_figure
from iae.figures.vote_heatmap import vote_heatmap_figure
from iae.labels import EMOTIONS

RNG = np.random.default_rng(0)
BARS = np.array(list(IAE_BARS.values()))
SCORES = RNG.choice([1.0, 4.0, 7.0, 10.0], (2000, 10)).mean(axis=1)
GREY = np.full((4, 4, 3), 90, np.uint8)


def heights(axes: Axes) -> list[list[float]]:
    return [[bar.get_height() for bar in bars] for bars in axes.containers]


def texts(axes: Axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


def dots(axes: Axes) -> list[list[list[float]]]:
    return [
        np.asarray(c.get_offsets()).tolist()
        for c in axes.collections
        if isinstance(c, PathCollection)
    ]


# Bars


def test_the_bars_are_the_counts_in_the_published_order():
    axes = emotion_bars_figure(BARS).axes[0]
    assert heights(axes) == [BARS[:, 0].tolist(), BARS[:, 1].tolist()]
    assert [label.get_text() for label in axes.get_xticklabels()] == list(EMOTIONS)
    legend = axes.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["high quality", "low quality"]


def test_the_counts_stand_on_the_bars():
    assert texts(emotion_bars_figure(BARS).axes[0]) == [f"{n:,}" for n in BARS.T.ravel()]


def test_high_bars_stand_left_of_low_ones_and_touch_them():
    axes = emotion_bars_figure(BARS).axes[0]
    high, low = axes.containers
    for left, right in zip(high, low, strict=True):
        assert left.get_x() + left.get_width() == pytest.approx(right.get_x())


def test_an_emotion_that_was_not_offered_is_marked_and_has_no_bar():
    axes = emotion_bars_figure(BARS, not_offered=["anger"]).axes[0]
    assert [len(bars) for bars in axes.containers] == [7, 7]
    assert texts(axes).count("not offered") == 1
    assert "1,025" not in texts(axes)


def test_without_qualities_there_is_one_bar_an_emotion():
    axes = emotion_bars_figure(BARS.sum(axis=1, keepdims=True)).axes[0]
    assert heights(axes) == [BARS.sum(axis=1).tolist()]
    assert axes.get_legend() is None


def test_no_images_at_all_still_make_a_chart():
    emotion_bars_figure(np.zeros((8, 2), int)).draw_without_rendering()


# Histogram and QQ plot


def test_the_histogram_has_a_bar_for_each_possible_mean_of_ten_ratings():
    axes = score_histogram_figure(SCORES).axes[0]
    centres = [bar.get_x() + bar.get_width() / 2 for bar in axes.patches]
    values, counts = np.unique(SCORES, return_counts=True)
    drawn = {round(c, 6): bar.get_height() for c, bar in zip(centres, axes.patches, strict=True)}
    assert {round(v, 6): n for v, n in zip(values, counts, strict=True)}.items() <= drawn.items()
    assert sum(drawn.values()) == len(SCORES)


def test_the_curve_is_the_gaussian_with_the_area_of_the_bars():
    axes = score_histogram_figure(SCORES).axes[0]
    x, y = np.asarray(axes.lines[0].get_data(), float)
    density = stats.norm.pdf(x, SCORES.mean(), SCORES.std(ddof=1))
    assert y == pytest.approx(len(SCORES) * 0.3 * density)  # a bin is a step of .3 wide


def test_the_qq_plot_is_that_of_scipy():
    scores = RNG.beta(4, 2, 200) * 9 + 1
    axes = score_histogram_figure(scores).axes[1]
    x, y = np.asarray(axes.lines[0].get_data(), float)
    assert y.tolist() == sorted(scores)
    positions = (np.arange(200) + 0.5) / 200
    assert x == pytest.approx(stats.norm.ppf(positions, scores.mean(), scores.std(ddof=1)))


def test_a_large_qq_plot_has_about_a_thousand_dots_and_keeps_both_ends():
    scores = RNG.normal(5, 1, 20_000)
    axes = score_histogram_figure(scores).axes[1]
    y = np.asarray(axes.lines[0].get_ydata(), float)
    assert 700 <= len(y) <= 1000
    assert (y[0], y[-1]) == (scores.min(), scores.max())
    assert np.isin(y, scores).all()


@pytest.mark.parametrize("scores", [[5.0], [5.0, 5.0, 5.0]], ids=["one", "equal"])
def test_scores_without_spread_have_no_gaussian_and_no_dots(scores):
    figure = score_histogram_figure(np.array(scores))
    assert len(figure.axes[0].lines) == 1  # the threshold
    assert len(figure.axes[1].lines) == 1  # the diagonal
    figure.draw_without_rendering()


# Contact sheet


def test_the_sheet_shows_each_picture_in_its_row_and_block():
    pictures = [np.full((4, 4, 3), value, np.uint8) for value in range(6)]
    rows = {"awe": {"high": pictures[:2], "low": pictures[2:3]},
            "fear": {"high": [], "low": pictures[3:5]}}  # fmt: skip
    figure = contact_sheet_figure(rows, columns=2)
    shown = [int(np.asarray(a.images[0].get_array())[0, 0, 0]) if a.images else None
             for a in figure.axes]  # fmt: skip
    assert shown == [0, 1, 2, None, None, None, 3, 4]
    names = [text.get_text() for text in figure.texts]
    assert names == ["awe", "fear", "high quality", "low quality"]


def test_rows_go_down_and_blocks_to_the_right():
    rows = {e: {"high": [GREY], "low": [GREY]} for e in ("awe", "fear")}
    awe_high, awe_low, fear_high, _ = (
        axes.get_position() for axes in contact_sheet_figure(rows, columns=1).axes
    )
    assert awe_high.x1 < awe_low.x0
    assert fear_high.y1 < awe_high.y0
    assert awe_high.width * 2 < 1


def test_pictures_are_square_on_paper():
    rows = {e: {"images": [GREY] * 3} for e in ("awe", "fear")}
    figure = contact_sheet_figure(rows, columns=3)
    width, height = figure.get_size_inches()
    place = figure.axes[0].get_position()
    assert place.width * width == pytest.approx(place.height * height)
    assert [text.get_text() for text in figure.texts] == ["awe", "fear"]


# Votes


def test_the_heat_map_shows_the_shares_and_below_them_those_of_all_votes():
    shares = np.array([[0.75, 0.25], [0.5, 0.5]])
    axes = vote_heatmap_figure(shares, ["awe", "fear"], np.array([30.0, 10.0])).axes[0]
    drawn = np.asarray(axes.images[0].get_array(), float)
    assert drawn[:2].tolist() == shares.tolist()
    assert drawn[3].tolist() == [0.75, 0.25]
    assert texts(axes) == ["75", "25", "50", "50", "75", "25"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["awe", "fear", "all votes"]


def test_an_answer_nobody_gave_has_an_empty_row():
    shares = np.array([[1.0, 0.0], [np.nan, np.nan]])
    axes = vote_heatmap_figure(shares, ["awe", "fear"], np.array([9.0, 0.0])).axes[0]
    assert "no votes" in texts(axes)


# Raters


def test_raters_lie_at_their_bias_and_inconsistency_and_flagged_ones_are_crosses():
    figure = rater_figure(
        np.array([-1.0, 0.5, 2.0]), np.array([1.0, 1.5, 2.0]), np.array([10, 20, 20]),
        np.array([False, False, True]),
    )  # fmt: skip
    axes = figure.axes[0]
    assert dots(axes) == [[[-1, 1], [0.5, 1.5]], [[2, 2]]]
    legend = axes.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["2 kept", "1 flagged"]
    assert axes.get_title(loc="left") == "3 raters, 10 to 20 ratings each"


def test_the_area_of_a_dot_grows_with_the_ratings():
    axes = rater_figure(np.zeros(3), np.ones(3), np.array([0, 50, 100]), np.zeros(3, bool)).axes[0]
    few, some, many = axes.collections[0].get_sizes()  # type: ignore[attr-defined]
    assert many - some == pytest.approx(some - few)
    assert some > few > 0


def test_a_rater_without_an_estimate_is_counted_and_not_drawn():
    axes = rater_figure(
        np.array([0.0, np.nan]), np.array([1.0, np.nan]), np.array([5, 1]), np.zeros(2, bool)
    ).axes[0]
    assert dots(axes) == [[[0, 1]]]
    assert axes.get_title(loc="left") == "1 rater, 5 ratings each; 1 not shown"


def test_no_rater_that_can_be_placed_is_said():
    nothing = np.full(2, np.nan)
    axes = rater_figure(nothing, nothing, np.ones(2, int), np.zeros(2, bool)).axes[0]
    assert axes.get_title(loc="left") == "no rater can be placed; 2 not shown"


# Files


def figures() -> dict[str, Figure]:
    return {
        "bars": emotion_bars_figure(BARS),
        "histogram": score_histogram_figure(SCORES),
        "sheet": contact_sheet_figure({"awe": {"high": [GREY], "low": []}}, columns=2),
        "votes": vote_heatmap_figure(np.eye(2), ["awe", "fear"], np.ones(2)),
        "raters": rater_figure(np.arange(-4, 5), np.ones(9), np.arange(9), np.arange(9) > 6),
    }  # fmt: skip


@pytest.mark.parametrize("kind", FIGURE_TYPES)
@pytest.mark.parametrize("name", ["bars", "histogram", "sheet", "votes", "raters"])
def test_a_figure_gives_the_same_bytes_each_time(tmp_path: Path, name: str, kind):
    for attempt in ("a", "b"):
        save_figure(figures()[name], tmp_path / attempt, kind)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_text_in_an_svg_stays_text_and_carries_no_date(tmp_path: Path):
    save_figure(emotion_bars_figure(BARS), tmp_path / "bars.svg", "svg")
    svg = (tmp_path / "bars.svg").read_text("utf-8")
    assert {"contentment", "4,040", "high quality"} <= set(re.findall(r">([^<>\n]+)</text>", svg))
    assert "<dc:date>" not in svg


@pytest.mark.parametrize("name", ["bars", "histogram", "sheet", "votes", "raters"])
def test_no_figure_is_wider_than_a_page(name):
    assert figures()[name].get_size_inches()[0] <= 7.2


def test_drawing_a_data_set_loads_no_pyplot():
    code = "import sys, iae.describe.pictures; sys.exit('matplotlib.pyplot' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
