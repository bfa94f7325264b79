import pytest
from hypothesis import given
from hypothesis import strategies as st

from iae.convert.names import FileNames, safe_name


@given(st.lists(st.text(st.characters(), min_size=1), max_size=20), st.sampled_from(["", ".jpg"]))
def test_every_image_gets_its_own_file_inside_the_folder(names, suffix):
    files = FileNames()
    claimed = [files.claim(name, suffix) for name in names]
    assert len({name.casefold() for name in claimed}) == len(names)
    for name in claimed:
        name.encode()
        assert not name.startswith("/")
        assert not {"", ".", ".."} & set(name.split("/"))
        assert all(len(part.encode()) < 255 for part in name.split("/"))


@pytest.mark.parametrize("name", ["a.jpg", "2019/a b.JPG", "é/[1] ü.png"])
def test_usual_names_stay(name):
    assert FileNames().claim(name, ".webp") == name


def test_a_file_never_takes_the_name_of_a_folder():
    files = FileNames()
    assert [files.claim(name) for name in ("a/b", "a", "c", "c/d")] == ["a/b", "a-2", "c", "c_d"]


def test_the_table_beside_the_pictures_is_not_overwritten():
    assert FileNames().claim("metadata.csv", "") == "metadata.csv-2"


def test_a_long_name_is_cut_and_stays_its_own():
    one, two = safe_name("x" * 300 + "1.jpg"), safe_name("x" * 300 + "2.jpg")
    assert one != two
    assert one.endswith(".jpg")
