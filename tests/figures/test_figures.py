"""Figures: values in, a figure out, and nothing global touched."""

import subprocess
import sys

import numpy as np
import pytest
from matplotlib.figure import Figure
from scipy import stats

from iae.figures.confusion import confusion_figure
from iae.figures.reliability import reliability_figure
from iae.figures.scatter import score_scatter_figure

RNG = np.random.default_rng(0)


def test_the_scatter_has_a_dot_for_each_photo_and_says_which_axis_is_which():
    figure = score_scatter_figure(np.array([2.0, 5.0, 9.0]), np.array([1.0, 6.0, 8.0]))
    axes = figure.axes[0]
    dots = axes.collections[0].get_offsets()
    assert np.asarray(dots).tolist() == [[1, 2], [6, 5], [8, 9]]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("rated mean score", "predicted mean score")
    assert axes.get_title() == "3 photos"
    assert axes.get_xlim() == axes.get_ylim() == (1, 10)


def test_the_confusion_shows_shares_of_each_label_with_their_counts():
    figure = confusion_figure(np.array([0, 0, 1, 1]), np.array([0, 0, 0, 1]), ["awe", "fear"])
    axes = figure.axes[0]
    shares = np.asarray(axes.images[0].get_array())
    assert shares.tolist() == [[pytest.approx(2 / 3), pytest.approx(1 / 3)], [0, 1]]
    assert [text.get_text() for text in axes.texts] == ["67%\n2", "33%\n1", "0%\n0", "100%\n1"]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("predicted emotion", "labelled emotion")
    assert [label.get_text() for label in axes.get_yticklabels()] == ["awe", "fear"]


def test_an_emotion_that_no_photo_is_labelled_with_has_an_empty_row():
    figure = confusion_figure(np.array([0]), np.array([0]), ["awe", "fear"])
    assert np.asarray(figure.axes[0].images[0].get_array())[1].tolist() == [0, 0]


def test_the_reliability_curve_passes_through_the_observed_shares():
    stated = np.array([0.1, 0.1, 0.1, 0.1, 0.9, 0.9])
    came_true = np.array([False, False, False, True, True, True])
    figure = reliability_figure(stated, came_true, "P(high)", bins=10)
    curve = figure.axes[0].lines[1]
    assert np.asarray(curve.get_xdata()).tolist() == pytest.approx([0.1, 0.9])
    assert np.asarray(curve.get_ydata()).tolist() == pytest.approx([0.25, 1.0])
    # (4 * |.25 - .1| + 2 * |1 - .9|) / 6
    assert figure.axes[0].get_title() == "6 photos, ECE 0.133"
    assert figure.axes[1].get_xlabel() == "stated: P(high)"


def test_each_observed_share_has_its_wilson_interval():
    stated, came_true = np.full(12, 0.65), np.arange(12) < 7
    bar = reliability_figure(stated, came_true, "P(high)").axes[0].collections[0].get_segments()
    wanted = stats.binomtest(7, 12).proportion_ci(method="wilson")
    assert [y for _, y in bar[0]] == pytest.approx([wanted.low, wanted.high], abs=1e-6)


def test_certain_and_impossible_statements_fall_into_the_outer_bins():
    figure = reliability_figure(np.array([0.0, 1.0]), np.array([False, True]), "x", bins=5)
    heights = [bar.get_height() for bar in figure.axes[1].patches]
    assert heights == [1, 0, 0, 0, 1]


@pytest.mark.parametrize(
    "figure",
    [
        score_scatter_figure(RNG.uniform(1, 10, 50), RNG.uniform(1, 10, 50)),
        confusion_figure(RNG.integers(0, 8, 50), RNG.integers(0, 8, 50), list("abcdefgh")),
        reliability_figure(RNG.random(50), RNG.random(50) > 0.5, "x"),
    ],
    ids=["scatter", "confusion", "reliability"],
)
def test_every_figure_can_be_drawn(figure: Figure):
    figure.draw_without_rendering()


def test_drawing_a_figure_loads_no_pyplot():
    code = """
import io, sys
import numpy as np
from iae.figures import confusion, reliability, scatter
scatter.score_scatter_figure(np.array([1.0]), np.array([2.0])).savefig(io.BytesIO(), format="png")
sys.exit("matplotlib.pyplot" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
