"""What has to change so that a photo says its marks, and what a person's work is safe from."""

import pytest

from iae.xmp.marks import (
    HIERARCHICAL,
    LABEL,
    NOTHING,
    PICK,
    RATING,
    SUBJECT,
    TAGS,
    Marks,
    Values,
)
from iae.xmp.merge import changes

OWN_RATING = "iae:Rating"


def said(**simple: str) -> Values:
    names = {"rating": RATING, "own": OWN_RATING, "label": LABEL, "pick": PICK}
    return Values(simple={names[key]: value for key, value in simple.items()}, lists={})


def test_a_photo_without_xmp_gets_everything_and_a_note_of_what_we_wrote():
    marks = Marks(rating=4, keywords=("iae|a",), hierarchical=("iae|b",))
    found = changes(NOTHING, marks)
    assert found.set == {RATING: "4", OWN_RATING: "4"}
    assert found.add == {SUBJECT: ("iae|a",), HIERARCHICAL: ("iae|b",)}
    assert found.remove == {}


@pytest.mark.parametrize("there", ["3", "-1", "3.0", "five"])
def test_stars_of_a_person_stay_and_it_is_said(there: str):
    found = changes(said(rating=there), Marks(rating=4))
    assert not found
    assert found.kept == (f"rating {there} stays: it is a person's",)


def test_stars_of_a_person_go_when_it_is_asked_for():
    found = changes(said(rating="3"), Marks(rating=4), overwrite=True)
    assert found.set == {RATING: "4", OWN_RATING: "4"}
    assert found.shown == ("rating 3 -> 4",)


@pytest.mark.parametrize("there", ["0", "", " ", "0.0"])
def test_no_stars_are_nobodys_stars(there: str):
    assert changes(said(rating=there), Marks(rating=4)).set[RATING] == "4"


def test_our_own_earlier_stars_are_replaced():
    assert changes(said(rating="2", own="2"), Marks(rating=4)).set[RATING] == "4"


def test_stars_that_a_person_changed_after_us_stay():
    found = changes(said(rating="3", own="2"), Marks(rating=4))
    assert not found
    assert found.kept


@pytest.mark.parametrize("there", ["4", "4.0"])
def test_the_same_stars_are_nothing_to_change(there: str):
    found = changes(said(rating=there), Marks(rating=4), overwrite=True)
    assert not found
    assert not found.kept


def test_a_person_who_gave_the_same_stars_keeps_them_when_we_think_again():
    there = said(rating="4")
    assert not changes(there, Marks(rating=4))  # no note is made that they are ours
    assert not changes(there, Marks(rating=2))


def test_labels_and_picks_are_guarded_like_stars():
    found = changes(said(label="Red", pick="3"), Marks(label="Blue", pick=1))
    assert not found
    assert found.kept == (
        "label Red stays: it is a person's",
        "pick 3 stays: it is a person's",
    )
    assert changes(said(pick="0"), Marks(pick=1)).set[PICK] == "1"


def test_nothing_said_leaves_everything():
    there = Values(simple={RATING: "1", OWN_RATING: "1"}, lists={SUBJECT: ("iae|a",)})
    assert not changes(there, Marks())


def test_our_keywords_are_replaced_and_others_stay():
    there = Values(simple={}, lists={SUBJECT: ("sea", "iae|mood|fear", "iae|mood|awe", "iaea")})
    found = changes(there, Marks(keywords=("iae|mood|awe", "iae|mood|joy")))
    assert found.add == {SUBJECT: ("iae|mood|joy",)}
    assert found.remove == {SUBJECT: ("iae|mood|fear",)}


def test_no_keywords_take_ours_away():
    there = Values(simple={}, lists={SUBJECT: ("sea", "iae|a"), HIERARCHICAL: ("iae|a",)})
    found = changes(there, Marks(keywords=(), hierarchical=()))
    assert found.remove == {SUBJECT: ("iae|a",), HIERARCHICAL: ("iae|a",)}
    assert not found.add


def test_a_keyword_that_is_there_is_not_added_again():
    there = Values(simple={}, lists={SUBJECT: ("sea",)})
    assert not changes(there, Marks(keywords=("sea", "sea")))


def test_digikams_list_is_kept_up_with_slashes_where_there_is_one():
    there = Values(simple={}, lists={TAGS: ("Nature/Sea", "iae/mood/fear")})
    found = changes(there, Marks(hierarchical=("iae|mood|awe",)))
    assert found.add[TAGS] == ("iae/mood/awe",)
    assert found.remove[TAGS] == ("iae/mood/fear",)
    assert TAGS not in changes(NOTHING, Marks(hierarchical=("iae|mood|awe",))).add


def test_a_new_hierarchical_list_takes_the_flat_keywords_along():
    """digiKam reads one list only: others' keywords would vanish there behind ours."""
    there = Values(simple={}, lists={SUBJECT: ("sea", "iae|mood|fear")})
    found = changes(there, Marks(hierarchical=("iae|mood|awe",)))
    assert found.add[HIERARCHICAL] == ("sea", "iae|mood|awe")
    with_list = Values(simple={}, lists={SUBJECT: ("sea",), HIERARCHICAL: ("a|b",)})
    assert changes(with_list, Marks(hierarchical=("iae|c",))).add[HIERARCHICAL] == ("iae|c",)


@pytest.mark.parametrize("rating", [-2, 6])
def test_a_rating_out_of_range_is_refused(rating: int):
    with pytest.raises(ValueError, match="a rating is -1"):
        Marks(rating=rating)


def test_a_pick_out_of_range_is_refused():
    with pytest.raises(ValueError, match="a pick label is 0, 1, 2 or 3, got 4"):
        Marks(pick=4)


@pytest.mark.parametrize("text", ["", " a", "a\n", "a\x00b", "a\ud800"])
def test_a_keyword_that_cannot_be_written_is_refused(text: str):
    with pytest.raises(ValueError, match="printable text"):
        Marks(keywords=(text,))
