"""A photo within its library: percentile, reasons, and what is left open."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from iae import PhotoScore
from iae.images.technical import TechnicalFacts
from iae.scoring.library import (
    MOST_REASONS,
    REASONS,
    RULES,
    doubts,
    library_view,
    percentiles,
    tail_shares,
)

FACTS = TechnicalFacts(width=6000, height=4000, sharpness=0.3, noise=0.4, contrast=0.2,
                       colourfulness=35.0, brightness=0.45, clipped_highlights=0.0,
                       clipped_shadows=0.0)  # fmt: skip
SURE = (0.9, 0.1, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


def photo(path: str, mean: float, **facts: float) -> PhotoScore:
    return PhotoScore(path=path, aesthetic_mean=mean, high_prob=0.99, emotions=SURE,
                      facts=replace(FACTS, **facts))  # fmt: skip


def library(mean: float, *, others: int = 19, **facts: float) -> list[PhotoScore]:
    """One photo of interest among others that are all alike but for their scores."""
    rest = [photo(f"{i}.jpg", 4 + 2 * i / others) for i in range(others)]
    return [photo("it.jpg", mean, **facts), *rest]


def reasons(scores: list[PhotoScore]) -> tuple[str, ...]:
    view = library_view(scores)
    assert all(score.reasons == () for score in view[1:])
    return view[0].reasons


def test_percentiles_of_four_photos_with_a_tie_are_those_worked_by_hand():
    assert percentiles(np.array([3.0, 9.0, 5.0, 5.0])) == [25, 100, 62.5, 62.5]


@given(st.lists(st.integers(1, 6), min_size=1, max_size=30))
def test_percentiles_agree_with_the_ranks_of_scipy(values: list[int]):
    expected = [stats.percentileofscore(values, value, kind="rank") for value in values]
    assert percentiles(np.array(values, np.float64)) == pytest.approx(expected, abs=0.006)


def test_the_shares_of_a_tail_count_equal_values_together():
    assert tail_shares(np.array([1.0, 2.0, 2.0, 3.0])).tolist() == [1, 0.75, 0.75, 0.25]


def test_photos_keep_their_order_and_their_numbers():
    scores = [photo("b", 7.0), PhotoScore(path="x", error="gone"), photo("a", 3.0)]
    view = library_view(scores)
    assert [score.path for score in view] == ["b", "x", "a"]
    assert [score.percentile for score in view] == [100, None, 50]
    assert [replace(s, percentile=None, unsure=None) for s in view] == scores


def test_the_order_of_a_library_changes_nothing_that_is_said_of_a_photo():
    rng = np.random.default_rng(0)
    scores = [photo(str(i), float(rng.uniform(1, 10)), sharpness=float(rng.uniform(0.05, 0.6)),
                    colourfulness=float(rng.uniform(1, 90))) for i in range(60)]  # fmt: skip
    shuffled = [scores[i] for i in rng.permutation(60)]
    said = {score.path: score for score in library_view(scores)}
    assert {score.path: score for score in library_view(shuffled)} == said
    assert any(score.reasons for score in said.values())


def test_looking_twice_says_the_same_as_looking_once():
    once = library_view(library(2.0, sharpness=0.1))
    assert library_view(once) == once


def test_a_photo_alone_has_no_percentile_and_no_reason():
    alone = library_view([photo("a", 2.0, sharpness=0.01, clipped_highlights=0.9)])[0]
    assert (alone.percentile, alone.reasons, alone.unsure) == (None, (), False)


def test_an_empty_library_and_one_of_unreadable_photos_stay_as_they_are():
    broken = [PhotoScore(path="a", error="gone"), PhotoScore(path="b", error="empty")]
    assert library_view([]) == []
    assert library_view(broken) == broken


def test_of_identical_photos_nothing_is_said():
    view = library_view([photo(str(i), 6.0) for i in range(30)])
    assert {score.percentile for score in view} == {51.67}
    assert {score.reasons for score in view} == {()}


def test_of_fewer_than_ten_photos_nothing_is_said():
    assert reasons(library(2.0, others=8, sharpness=0.01)) == ()
    assert reasons(library(2.0, others=9, sharpness=0.01)) == ("soft focus",)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"sharpness": 0.1}, "soft focus"),
        ({"clipped_highlights": 0.2}, "highlights clipped"),
        ({"contrast": 0.1}, "low contrast"),
        ({"brightness": 0.1}, "dark"),
        ({"colourfulness": 8.0}, "little colour"),
        ({"width": 300, "height": 200}, "low resolution"),
    ],
)
def test_a_defect_is_named_of_a_low_score_and_not_of_a_high_one(facts, words):
    assert reasons(library(2.0, **facts)) == (words,)
    assert reasons(library(9.0, **facts)) == ()


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"sharpness": 0.6}, "sharp detail"),
        ({"colourfulness": 90.0}, "strong colour"),
        ({"contrast": 0.35}, "strong contrast"),
    ],
)
def test_a_merit_is_named_of_a_high_score_and_not_of_a_low_one(facts, words):
    assert reasons(library(9.0, **facts)) == (words,)
    assert reasons(library(2.0, **facts)) == ()


def test_every_reason_is_tried_by_the_two_tests_above():
    assert set(REASONS) == {
        "sharp detail", "strong colour", "strong contrast", "soft focus", "highlights clipped",
        "low contrast", "dark", "little colour", "low resolution",
    }  # fmt: skip
    assert {rule.words for rule in RULES if rule.merit} == set(REASONS[:3])


@pytest.mark.parametrize(
    "facts",
    [
        {"clipped_highlights": 0.009},  # a lamp
        {"noise": 9.0},  # which may be leaves or gravel
        {"colourfulness": 0.0},  # black and white
        {"colourfulness": 16.0},  # "slightly colourful"
        {"width": 800, "height": 600},  # more than is looked at
        {"clipped_shadows": 0.5},  # no defect by either measurement
    ],
)
def test_words_that_would_not_be_true_are_not_said_however_rare_the_value_is(facts):
    assert reasons(library(2.0, **facts)) == ()


def test_a_colour_that_is_only_strong_beside_black_and_white_photos_is_not_called_strong():
    greys = [photo(f"{i}.jpg", 4 + i / 20, colourfulness=0.0) for i in range(19)]
    assert reasons([photo("it.jpg", 9.0, colourfulness=20.0), *greys]) == ()


def test_the_softest_of_photos_that_are_nearly_equally_sharp_is_not_called_soft():
    assert reasons(library(2.0, sharpness=0.25)) == ()
    assert reasons(library(2.0, sharpness=0.23)) == ("soft focus",)


def test_the_most_extreme_reasons_come_first_and_no_more_than_three():
    it = library(2.0, sharpness=0.1, contrast=0.1, colourfulness=9.0, clipped_highlights=0.1)
    # Another photo is as soft, which makes softness the least rare of the four.
    it[1] = photo("soft.jpg", 6.0, sharpness=0.1)
    assert library_view(it)[0].reasons == ("highlights clipped", "low contrast", "little colour")
    assert len(library_view(it)[0].reasons) == MOST_REASONS


def test_of_a_dark_photo_it_is_not_said_that_contrast_and_colour_are_low_as_well():
    assert reasons(library(2.0, brightness=0.1, contrast=0.1, colourfulness=8.0)) == ("dark",)


def test_photos_without_facts_get_a_percentile_and_no_reasons():
    scores = [replace(score, facts=None) for score in library(2.0)]
    view = library_view(scores)
    assert view[0].percentile == 5
    assert {score.reasons for score in view} == {()}


def test_a_score_as_likely_high_as_low_is_open_and_one_at_two_to_one_is_not():
    def said(high_prob: float) -> tuple[str, ...]:
        return doubts(replace(photo("a", 5.0), high_prob=high_prob))

    assert said(0.5) == said(0.66) == said(0.34) == ("score",)
    assert said(0.67) == said(0.33) == said(1.0) == ()


def test_emotions_are_open_when_the_most_probable_one_has_less_than_a_third():
    flat = (0.3, 0.2, 0.1, 0.1, 0.1, 0.1, 0.05, 0.05)
    peaked = (0.35, 0.15, *flat[2:])
    assert doubts(replace(photo("a", 8.0), emotions=flat)) == ("emotion",)
    assert doubts(replace(photo("a", 8.0), emotions=peaked)) == ()
    assert library_view([replace(photo("a", 8.0), emotions=flat)])[0].unsure is True


def test_of_an_unreadable_photo_nothing_is_said_to_be_sure_or_unsure():
    assert library_view([PhotoScore(path="a", error="gone")])[0].unsure is None


def test_every_reason_is_documented_with_its_fact_and_what_it_speaks_for():
    page = (Path(__file__).parents[2] / "docs" / "technical-facts.md").read_text("utf-8")
    section = page.split("## Reasons")[1].split("\n## ")[0]
    rows = re.findall(r"^\| ([a-z ]+) \| (merit|defect) \| ([^|]+?) \|", section, re.MULTILINE)
    names = {"short_side": "shorter side"}
    assert rows == [
        (rule.words, "merit" if rule.merit else "defect",
         f"{names.get(rule.fact, f'`{rule.fact}`')}, {'highest' if rule.high else 'lowest'}")
        for rule in RULES
    ]  # fmt: skip
