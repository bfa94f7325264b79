"""The choice within series and what a person made of it."""

import re
from pathlib import Path

import pytest

from iae.images.technical import TechnicalFacts
from iae.pick.choice import COLUMNS, Decision, choose
from iae.pick.reasons import SAME, compared
from iae.pick.summary import summary_line
from iae.scoring.scores import PhotoScore


def facts(*, sharpness=0.3, noise=1.0, highlights=0.0, shadows=0.0, width=600):
    return TechnicalFacts(
        width=width, height=400, sharpness=sharpness, noise=noise, contrast=0.2, colourfulness=30,
        brightness=0.5, clipped_highlights=highlights, clipped_shadows=shadows,
    )  # fmt: skip


def photo(name, score=5.0, **measured):
    return PhotoScore(path=name, aesthetic_mean=score, facts=facts(**measured))


def lost(name):
    return PhotoScore(path=name, error="no photo")


SERIES = [photo("a", 5.0), photo("b", 6.0), photo("c", 5.5)]


def told(picks, name):
    return [getattr(pick, name) for pick in picks]


# ---- Without a person


def test_the_best_is_the_one_that_is_kept():
    picks = choose(SERIES, [[0, 1, 2]])
    assert told(picks, "rank") == [3, 1, 2]
    assert told(picks, "best") == told(picks, "kept") == [False, True, False]
    assert told(picks, "series") == [1, 1, 1]


def test_so_many_are_kept_as_wanted_and_all_of_a_smaller_series():
    assert told(choose(SERIES, [[0, 1, 2]], keep=2), "kept") == [False, True, True]
    assert told(choose(SERIES, [[0, 1, 2]], keep=9), "kept") == [True, True, True]


def test_a_photo_in_no_series_is_kept_and_not_ranked():
    (pick,) = choose([photo("a")], [[0]])
    assert (pick.series, pick.rank, pick.best, pick.kept, pick.too_close) == (
        None, None, False, True, None,
    )  # fmt: skip


def test_an_unreadable_photo_stays_in_its_place_with_its_reason():
    picks = choose([photo("a"), lost("b"), photo("c")], [[0, 2]])
    assert [pick.path for pick in picks] == ["a", "b", "c"]
    assert picks[1].to_row() == dict.fromkeys(COLUMNS) | {
        "path": "b", "best": False, "kept": False, "reasons": "", "overruled": False,
        "error": "no photo",
    }  # fmt: skip


def test_series_are_numbered_as_they_are_found():
    picks = choose([photo(name) for name in "abcde"], [[3, 4], [1], [0, 2]])
    assert told(picks, "series") == [1, None, 1, 2, 2]


def test_preferences_compare_with_the_best_and_the_best_with_the_runner_up():
    picks = choose(SERIES, [[0, 1, 2]])
    first, runner_up = picks[1].preference, picks[2].preference
    assert first + runner_up == pytest.approx(1)
    assert 0 < picks[0].preference < runner_up < 0.5 < first


def test_copies_of_one_photo_are_too_close_to_call_and_say_so():
    picks = choose([photo("a"), photo("b"), photo("c")], [[0, 1, 2]])
    assert told(picks, "best") == [True, False, False]
    assert told(picks, "too_close") == [True] * 3
    assert told(picks, "reasons") == [(SAME,)] * 3


def test_series_without_technical_facts_are_ranked_by_score():
    bare = [PhotoScore(path=name, aesthetic_mean=score) for name, score in (("a", 5), ("b", 6))]
    picks = choose(bare, [[0, 1]])
    assert told(picks, "rank") == [2, 1]
    assert told(picks, "reasons") == [("lower score",), ("higher score",)]


# ---- With a person


def test_a_person_overrules_the_best_and_the_rank_stays():
    picks = choose(SERIES, [[0, 1, 2]], decisions={0: Decision(best=True)})
    assert told(picks, "best") == told(picks, "kept") == [True, False, False]
    assert told(picks, "own_best") == [False, True, False]
    assert told(picks, "overruled") == [True, True, False]
    assert told(picks, "rank") == [3, 1, 2]
    assert picks[0].reasons == ("lower score",)


def test_agreeing_with_the_program_overrules_nothing():
    picks = choose(SERIES, [[0, 1, 2]], decisions={1: Decision(best=True)})
    assert not any(told(picks, "overruled"))


def test_a_person_keeps_more_less_or_nothing_of_a_series():
    picks = choose(SERIES, [[0, 1, 2]], decisions={0: Decision(keep=True), 1: Decision(keep=False)})
    assert told(picks, "kept") == [True, False, False]
    assert told(picks, "best") == [False, True, False]


def test_with_two_kept_a_person_s_best_and_the_next_one_stay():
    picks = choose(SERIES, [[0, 1, 2]], keep=2, decisions={0: Decision(best=True)})
    assert told(picks, "kept") == [True, True, False]


def test_of_two_bests_in_what_has_become_one_series_the_later_counts():
    decisions = {0: Decision(best=True), 2: Decision(best=True)}
    assert told(choose(SERIES, [[0, 1, 2]], decisions=decisions), "best") == [False, False, True]


def test_a_best_that_now_stands_alone_is_simply_kept():
    (pick,) = choose([photo("a")], [[0]], decisions={0: Decision(best=True)})
    assert (pick.best, pick.kept, pick.overruled) == (False, True, False)


# ---- Reasons


def words(one, other, score=5.0, other_score=5.0):
    return compared(score, facts(**one), other_score, facts(**other))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ({"sharpness": 0.40}, {"sharpness": 0.30}, "sharper"),
        ({"sharpness": 0.30}, {"sharpness": 0.40}, "less sharp"),
        ({"highlights": 0.01}, {"highlights": 0.05}, "less clipped"),
        ({"shadows": 0.05}, {"shadows": 0.01}, "more clipped"),
        ({"noise": 2.0}, {"noise": 4.0}, "less noise"),
        ({"noise": 4.0}, {"noise": 2.0}, "more noise"),
    ],
)
def test_what_differs_enough_is_said(one, other, expected):
    assert words(one, other) == (expected,)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"sharpness": 0.33}, {"sharpness": 0.30}),  # two ways of decoding differ by a tenth
        ({"highlights": 0.01}, {"highlights": 0.02}),
        ({"noise": 0.4}, {"noise": 0.9}),  # below one level
        ({"noise": 3.0}, {"noise": 4.0}),
    ],
)
def test_what_differs_by_less_than_the_measure_wavers_is_not_said(one, other):
    assert words(one, other) == words(other, one) == ()


def test_a_blurred_shot_is_not_praised_for_its_little_noise():
    assert words({"sharpness": 0.1, "noise": 1}, {"sharpness": 0.3, "noise": 4}) == ("less sharp",)


def test_what_speaks_for_a_shot_comes_before_what_speaks_against_it():
    said = words({"highlights": 0.1, "sharpness": 0.4}, {}, score=6.0)
    assert said == ("higher score", "sharper", "more clipped")


def test_nothing_is_said_of_planes_without_edges():
    assert words({"sharpness": 0.0}, {"sharpness": 0.0, "width": 601}) == ()


# ---- In one line


def test_the_summary_counts_series_singles_close_ones_overrules_and_unreadable_ones():
    photos = [*SERIES, photo("d"), photo("e"), photo("f", 8.0), lost("g")]
    picks = choose(photos, [[0, 1, 2], [3, 4], [5]], decisions={0: Decision(best=True)})
    assert summary_line(picks) == (
        "7 photos: 2 series (2-3 shots), 1 single; 1 too close to call; 1 overruled by you; "
        "1 could not be read"
    )


def test_every_column_is_documented_in_its_order():
    page = Path(__file__).parents[2] / "docs" / "formats.md"
    section = page.read_text("utf-8").split("\n## Picks")[1].split("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == list(COLUMNS)
