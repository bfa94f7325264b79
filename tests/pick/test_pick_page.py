"""The page of the series: complete without its script, and safe whatever photos are called."""

import base64
import hashlib
import json
import re

import pytest

from iae.pick.choice import Decision, choose
from iae.pick.page import render_page
from iae.scoring.scores import PhotoScore

HOSTILE = '</script><img src=x onerror=alert(1)> & "q" \u202e.jpg'


def photo(path, score=5.0):
    return PhotoScore(path=path, aesthetic_mean=score)


def page_of(scores, groups, *, decisions=None, originals=None, thumbnails=None, keep=1):
    return render_page(
        choose(scores, groups, decisions=decisions, keep=keep),
        scores,
        thumbnails=thumbnails or {},
        originals=originals or [score.path for score in scores],
        keep=keep,
        notice="for <research>",
    )


def data_of(page):
    text = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)[1]
    return json.loads(text)


def test_a_row_a_series_with_its_best_its_places_and_its_reasons():
    page = page_of([photo("a.jpg", 5), photo("b.jpg", 7), photo("c.jpg")], [[0, 1], [2]])
    assert page.count("data-series=") == 1
    best = page.split('<li class="shot best kept"')[1].split("</li>")[0]
    assert "b.jpg" in best
    assert "higher score" in best
    assert "95% over the next" in best  # 1.5 times two points: 1 / (1 + e^-3)
    assert "1 photo in no series, kept" in page


def test_a_close_series_says_so_and_names_no_chance():
    page = page_of([photo("a.jpg"), photo("b.jpg")], [[0, 1]])
    assert "too close to call</span>" in page
    assert "over the next" not in page


def test_names_cannot_leave_their_place():
    page = page_of([photo(HOSTILE), photo("b.jpg")], [[0, 1]], originals=["javascript:x", "//h/b"])
    assert "<img src=x" not in page
    assert "\u202e" not in page.split('id="data"')[0]
    assert 'href="./javascript:x"' in page
    assert 'href=".///h/b"' in page
    assert data_of(page)["series"][0]["shots"][0]["path"] == HOSTILE
    assert "for &lt;research&gt;" in page


def test_only_its_own_style_and_script_may_run_and_nothing_comes_from_the_network():
    page = page_of([photo("a.jpg"), photo("b.jpg")], [[0, 1]])
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1].replace("&#39;", "'")
    assert policy.startswith("default-src 'none';")
    for kind, text in (
        ("style", re.search(r"<style>(.*?)</style>", page, re.S)[1]),
        ("script", re.search(r"<script>(.*?)</script>", page, re.S)[1]),
    ):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert " style=" not in page
    assert not re.search(r"https?://", page)


def test_what_a_person_decided_is_marked_and_told_to_the_script():
    page = page_of(
        [photo("a.jpg", 5), photo("b.jpg", 7)], [[0, 1]], decisions={0: Decision(best=True)}
    )
    assert '<li class="shot best kept yours"' in page
    assert '<li class="shot overruled"' in page
    told = [(shot["best"], shot["keep"]) for shot in data_of(page)["series"][0]["shots"]]
    assert told == [(True, None), (False, None)]


def test_a_photo_without_a_thumbnail_is_shown_from_its_file():
    page = page_of(
        [photo("a.jpg"), photo("b.jpg")], [[0, 1]], thumbnails={"a.jpg": "thumbnails/1.jpg"}
    )
    assert '<img src="thumbnails/1.jpg"' in page
    assert '<img src="b.jpg"' in page


def lost(path):
    return PhotoScore(path=path, error="broken")


@pytest.mark.parametrize(
    ("scores", "groups", "is_inside"),
    [
        ([photo("a"), lost("b"), photo("c")], [[0, 2]], True),
        ([photo("a"), lost("b"), photo("c")], [[0], [2]], False),
        ([photo("a"), photo("b"), lost("c")], [[0, 1]], False),
        ([photo("x/a"), lost("y/b"), photo("x/c")], [[0, 2]], False),
        ([photo("x/a"), lost("x/b"), photo("y/c")], [[0, 2]], False),
    ],
)
def test_an_unreadable_photo_is_in_a_row_if_it_was_found_within_it(scores, groups, is_inside):
    page = page_of(scores, groups)
    assert ('<li class="lost">' in page) == is_inside
    assert ('<section class="unreadable"' in page) != is_inside


def test_no_photos_at_all_make_a_page_that_says_so():
    assert "No photo could be read" in page_of([], [])
