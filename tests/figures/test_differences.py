"""Points and intervals of several ways against one."""

from iae.figures.differences import differences_figure
from iae.figures.style import HIGH, QUIET

GAINS = [("hard", 0.01, -0.005, 0.02), ("a longer name", -0.02, -0.03, -0.01)]


def test_each_panel_shows_its_ways_from_top_to_bottom_with_their_values():
    figure = differences_figure({"SRCC": GAINS, "accuracy": GAINS[:1]})
    first, second = figure.axes
    assert [label.get_text() for label in first.get_yticklabels()] == ["hard", "a longer name"]
    assert first.yaxis_inverted()
    assert [text.get_text() for text in first.texts] == ["+0.010", "−0.020"]
    assert first.get_xlabel() == "SRCC"
    assert len(second.texts) == 1


def test_an_interval_without_0_is_dark_and_others_are_grey():
    (axes,) = differences_figure({"SRCC": GAINS}).axes
    points = [line.get_color() for line in axes.lines if line.get_marker() == "o"]
    assert points == [QUIET, HIGH]


def test_intervals_lie_within_the_axes():
    (axes,) = differences_figure({"SRCC": GAINS}).axes
    left, right = axes.get_xlim()
    assert left < -0.03
    assert right > 0.02
