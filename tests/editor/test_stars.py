"""How scores become stars, rejects and moods."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iae.editor.rules import MarkRules, marks_for
from iae.editor.stars import StarRule, parse_star_rule
from iae.errors import ConfigError
from iae.labels import EMOTIONS
from iae.scoring.scores import PhotoScore

TOP = parse_star_rule("top=5,20,50,80")


def test_of_a_hundred_photos_the_shares_are_exactly_those_named():
    stars = TOP.stars([float(i) for i in range(100)])
    assert [stars.count(n) for n in (5, 4, 3, 2, 1)] == [5, 15, 30, 30, 20]
    assert stars == sorted(stars)


def test_a_threshold_is_reached_by_the_score_that_equals_it():
    rule = parse_star_rule("thresholds=4,5,6,7")
    assert rule.stars([1, 3.9999, 4, 5, 6, 6.9999, 7, 10]) == [1, 1, 2, 3, 4, 4, 5, 5]


@pytest.mark.parametrize(("n", "best"), [(1, 1), (2, 1), (20, 1), (21, 2), (40, 2)])
def test_a_begun_share_counts_as_a_photo(n: int, best: int):
    assert TOP.stars([float(i) for i in range(n)]).count(5) == best


def test_equal_scores_get_equal_stars():
    assert TOP.stars([7.0] * 10) == [5] * 10
    assert TOP.stars([9, 5, 5, 5, 1]) == [5, 3, 3, 3, 1]


def test_no_photos_get_no_stars():
    assert TOP.stars([]) == []


SCORES = st.lists(st.floats(1, 10), min_size=1, max_size=60)


@given(SCORES, st.sampled_from([TOP, parse_star_rule("thresholds=4,5,6,7")]))
def test_a_better_photo_never_has_fewer_stars(scores: list[float], rule: StarRule):
    pairs = sorted(zip(scores, rule.stars(scores), strict=True))
    assert [stars for _, stars in pairs] == sorted(stars for _, stars in pairs)
    assert all(1 <= stars <= 5 for _, stars in pairs)


@given(SCORES, st.randoms())
def test_stars_do_not_depend_on_the_order_of_the_photos(scores: list[float], random):
    by_score = dict(zip(scores, TOP.stars(scores), strict=True))
    random.shuffle(scores)
    assert TOP.stars(scores) == [by_score[score] for score in scores]


@pytest.mark.parametrize(
    "text", ["", "top", "top=", "top=5", "top=5,20,50", "best=5,20,50,80", "top=a,b,c,d",
             "top=5,20,50,nan", "5,20,50,80", "top=5,20,50,80,90"],
)  # fmt: skip
def test_what_is_no_rule_is_refused_with_an_example(text: str):
    with pytest.raises(ConfigError, match="is no rule for stars; wanted top=5,20,50,80"):
        parse_star_rule(text)


@pytest.mark.parametrize(
    "text", ["top=20,5,50,80", "top=5,5,50,80", "top=0,5,50,80", "top=5,20,50,101",
             "thresholds=1,2,3,4", "thresholds=4,5,6,11"],
)  # fmt: skip
def test_bounds_out_of_order_or_range_are_refused(text: str):
    with pytest.raises(ConfigError, match="must ascend and lie above"):
        parse_star_rule(text)


def photo(path: str, mean: float, *, high_prob: float = 0.99, **shares: float) -> PhotoScore:
    rest = (1 - sum(shares.values())) / (len(EMOTIONS) - len(shares))
    emotions = tuple(shares.get(emotion, rest) for emotion in EMOTIONS)
    return PhotoScore(path=path, aesthetic_mean=mean, high_prob=high_prob, emotions=emotions)


def test_photos_below_the_bound_are_rejected_only_when_asked():
    scores = [photo("a", 2.9), photo("b", 3.0)]
    rule = parse_star_rule("thresholds=4,5,6,7")
    asked = marks_for(scores, MarkRules(stars=rule, reject_below=3))
    assert [marks.rating for marks in asked.values()] == [-1, 1]
    assert [m.rating for m in marks_for(scores, MarkRules(stars=rule)).values()] == [1, 1]
    alone = marks_for(scores, MarkRules(reject_below=3))
    assert [marks.rating for marks in alone.values()] == [-1, None]


def test_an_emotion_becomes_a_keyword_from_its_share_on():
    scores = [photo("a", 5, awe=0.4), photo("b", 5, awe=0.39), photo("c", 5, awe=0.5, fear=0.45)]
    marks = marks_for(scores, MarkRules())
    assert marks["a"].hierarchical == marks["a"].keywords == ("iae|mood|awe",)
    assert marks["b"].hierarchical == ()
    assert marks["c"].hierarchical == ("iae|mood|awe", "iae|mood|fear")


def test_a_photo_whose_emotion_is_open_has_stars_and_no_mood():
    rules = MarkRules(stars=TOP, mood_share=0.2)
    marks = marks_for([photo("a", 8, awe=0.3, fear=0.3)], rules)["a"]
    assert (marks.rating, marks.hierarchical) == (5, ())


def test_a_photo_whose_score_alone_is_open_keeps_its_mood():
    marks = marks_for([photo("a", 5, high_prob=0.5, awe=0.9)], MarkRules(stars=TOP))["a"]
    assert marks.hierarchical == ("iae|mood|awe",)


def test_without_moods_keywords_are_left_as_they_are():
    assert marks_for([photo("a", 8, awe=0.9)], MarkRules(moods=False))["a"].keywords is None


def test_an_unreadable_photo_gets_nothing_and_does_not_count():
    scores = [PhotoScore(path="broken", error="no photo"), photo("a", 8)]
    assert list(marks_for(scores, MarkRules(stars=TOP))) == ["a"]
