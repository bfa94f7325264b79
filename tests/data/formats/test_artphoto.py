from pathlib import Path

import pytest

from iae.data.formats import artphoto
from iae.data.formats.format import ReadOptions
from iae.data.read import recognise
from iae.errors import DataError

PUBLISHED = ("amusement_0001.jpg", "anger_0400.jpg", "awe_0234.jpg", "content_0003.jpg",
             "disgust_0014.jpg", "excitement_0303.jpg", "fear_0504.jpg",
             "sad_0140.jpg")  # fmt: skip


def make(root: Path, *files: str) -> Path:
    root.mkdir(exist_ok=True)
    for name in files:
        (root / name).touch()
    return root


def read(root: Path):
    return artphoto.FORMAT.read(root, ReadOptions())


def test_each_of_the_eight_prefixes_is_its_emotion(tmp_path):
    dataset = read(make(tmp_path, *PUBLISHED, "ReadMe.rtf"))
    assert {r.name: r.emotion for r in dataset.records} == dict(zip(
        PUBLISHED, ("amusement", "anger", "awe", "contentment", "disgust", "excitement", "fear",
                    "sadness"), strict=True))  # fmt: skip
    assert all(r.path.is_file() for r in dataset.records)
    assert dataset.defects == []


def test_short_names_are_noted(tmp_path):
    notes = read(make(tmp_path, *PUBLISHED)).notes
    assert {"'sad' is read as sadness", "'content' is read as contentment"} <= set(notes)


def test_the_folder_of_the_archive_may_lie_below(tmp_path):
    make(tmp_path / "testImages_artphoto", *PUBLISHED)
    assert len(read(tmp_path).records) == 8
    assert recognise(tmp_path)[0].format.name == "artphoto"


def test_a_file_without_an_emotion_is_a_defect(tmp_path):
    dataset = read(make(tmp_path, *PUBLISHED, "untitled.jpg", "boredom_1.jpg"))
    assert len(dataset.records) == 8
    assert {d.code for d in dataset.defects} == {"bad-row"}
    assert {d.where for d in dataset.defects} == {"untitled.jpg", "boredom_1.jpg"}


def test_capitals_and_other_suffixes_make_no_difference(tmp_path):
    dataset = read(make(tmp_path, "AWE_1.JPG", "Fear_2.png"))
    assert [r.emotion for r in dataset.records] == ["awe", "fear"]


def test_a_folder_with_one_such_name_is_not_taken_for_it(tmp_path):
    make(tmp_path, "awe_1.jpg", "awe_2.jpg")
    assert "artphoto" not in [found.format.name for found in recognise(tmp_path)]


def test_another_vocabulary_is_refused(tmp_path):
    with pytest.raises(DataError, match="files begin with joy, which are none of the eight"):
        read(make(tmp_path, "joy_1.jpg", "fear_2.jpg"))


def test_a_folder_without_any_is_one_error(tmp_path):
    with pytest.raises(DataError, match="no image file begins with an emotion"):
        read(make(tmp_path, "a.jpg"))
