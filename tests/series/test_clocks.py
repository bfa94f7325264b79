"""What times say: surely apart, surely close, or nothing."""

import numpy as np
import pytest

from iae.series.clocks import MAX_PER_STAMP, NO_CLOCK, time_windows


def relation(times, *, gap=60.0, clocks=None):
    """Of the first two photos: "apart", "close", "unsure" or "not compared"."""
    w = time_windows(times, clocks or ["a"] * len(times), gap)
    if w.clock[0] != w.clock[1] or w.clock[0] == NO_CLOCK:
        return "not compared"
    if w.apart[0] != w.apart[1]:
        return "apart"
    return "close" if w.close[0] == w.close[1] >= 0 else "unsure"


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ([0.25, 0.75], "close"),
        ([0.25, 60.2], "close"),
        ([0.25, 60.5], "apart"),
        ([1, 60], "close"),
        ([1, 61], "unsure"),  # between 59 and 61 seconds passed
        ([1, 62], "unsure"),
        ([1, 63], "apart"),
        ([7, 7], "close"),
    ],
)
def test_times_of_one_clock_as_sure_as_its_resolution(times, expected):
    assert relation(times) == expected


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ([0, 0, 60], "unsure"),
        ([60, 60], "unsure"),
        ([0, 60], "unsure"),
        ([0, 120], "unsure"),
        ([0, 180], "apart"),
    ],
)
def test_whole_minutes_part_but_bring_nothing_together(times, expected):
    assert relation(times) == expected


def test_dates_alone_part_days_but_bring_nothing_together():
    day = 86_400.0
    assert relation([0, 0, day]) == "unsure"
    assert relation([0, 3 * day]) == "apart"


def test_a_run_without_a_pause_is_one_however_long():
    windows = time_windows(np.arange(0.5, 3600, 20), ["a"] * 180, 60)
    assert len(set(windows.apart)) == len(set(windows.close)) == 1


def test_different_clocks_and_missing_times_are_not_compared():
    assert relation([0, 1], clocks=["a", "b"]) == "not compared"
    assert relation([0, np.nan]) == "not compared"
    assert relation([np.nan, np.nan]) == "not compared"


def test_a_clock_that_stands_still_gives_no_times():
    stuck = [1000.0] * (MAX_PER_STAMP + 1)
    windows = time_windows([*stuck, 2000.5], ["a"] * (len(stuck) + 1), 60)
    assert set(windows.clock[:-1]) == {NO_CLOCK}
    assert windows.clock[-1] != NO_CLOCK


def test_no_photos_have_no_windows():
    assert len(time_windows([], [], 60).clock) == 0


def test_runs_of_different_clocks_have_different_numbers():
    windows = time_windows([0.5, 1, 0.5, 1], ["a", "a", "b", "b"], 60)
    assert windows.apart[0] == windows.apart[1] != windows.apart[2] == windows.apart[3]
    assert windows.close[0] == windows.close[1] != windows.close[2] == windows.close[3]
