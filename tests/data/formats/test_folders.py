from pathlib import Path

import pytest

from iae.data.formats import folders
from iae.data.formats.format import ReadOptions
from iae.data.read import recognise
from iae.errors import DataError


def make(root: Path, *files: str) -> Path:
    for name in files:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


def read(root: Path):
    return folders.FORMAT.read(root, ReadOptions())


def names(root: Path) -> list[str]:
    return [found.format.name for found in recognise(root)]


def test_the_folder_is_the_emotion_and_the_name_is_relative(tmp_path):
    make(tmp_path, "awe/2.jpg", "awe/1.JPG", "fear/1.png")
    found = [(r.name, r.emotion, r.split) for r in read(tmp_path).records]
    assert found == [("awe/1.JPG", "awe", None), ("awe/2.jpg", "awe", None),
                     ("fear/1.png", "fear", None)]  # fmt: skip


def test_every_record_finds_its_file(tmp_path):
    make(tmp_path, "awe/1.JPG", "fear/deep/er/1.jpeg")
    records = read(tmp_path).records
    assert [r.path.is_file() for r in records] == [True, True]
    assert records[1].name == "fear/deep/er/1.jpeg"


@pytest.mark.parametrize(
    ("folder", "emotion"),
    [
        ("sad", "sadness"),
        ("Amusement", "amusement"),
        ("content", "contentment"),
        ("ANGER", "anger"),
    ],
)
def test_other_spellings_of_an_emotion_are_read_and_noted(tmp_path, folder, emotion):
    dataset = read(make(tmp_path, f"{folder}/1.jpg", "awe/1.jpg", "fear/1.jpg"))
    assert {r.emotion for r in dataset.records} == {emotion, "awe", "fear"}
    if folder.lower() != emotion:
        assert f"'{folder}' is read as {emotion}" in dataset.notes


def test_a_folder_of_no_emotion_is_left_out_and_noted(tmp_path):
    dataset = read(make(tmp_path, "awe/1.jpg", "fear/1.jpg", "neutral/1.jpg"))
    assert len(dataset.records) == 2
    assert "the folder 'neutral' is none of the eight emotions and is left out" in dataset.notes


def test_an_emotion_without_images_and_images_without_emotion_are_noted(tmp_path):
    (tmp_path / "anger").mkdir()
    dataset = read(make(tmp_path, "awe/1.jpg", "fear/1.jpg", "loose.jpg"))
    assert "there is no image of anger" in dataset.notes
    assert any(note.startswith("1 images outside of the folders") for note in dataset.notes)


def test_what_is_no_image_is_passed_over(tmp_path):
    dataset = read(make(tmp_path, "awe/1.jpg", "awe/Thumbs.db", "awe/._1.jpg", "fear/.x/1.jpg"))
    assert [r.name for r in dataset.records] == ["awe/1.jpg"]


def test_train_val_and_test_above_the_emotions_are_splits(tmp_path):
    make(tmp_path, "train/awe/1.jpg", "train/fear/1.jpg", "Valid/awe/2.jpg", "test/fear/3.jpg")
    found = {(r.name, r.split) for r in read(tmp_path).records}
    assert found == {("train/awe/1.jpg", "train"), ("train/fear/1.jpg", "train"),
                     ("Valid/awe/2.jpg", "val"), ("test/fear/3.jpg", "test")}  # fmt: skip


def test_an_emotion_folder_may_be_a_symlink(tmp_path):
    make(tmp_path / "elsewhere", "1.jpg")
    make(tmp_path / "set", "fear/1.jpg")
    (tmp_path / "set" / "awe").symlink_to(tmp_path / "elsewhere")
    records = read(tmp_path / "set").records
    assert [(r.name, r.path.is_file()) for r in records] == [("awe/1.jpg", True),
                                                             ("fear/1.jpg", True)]  # fmt: skip


def test_most_folders_must_be_emotions_to_be_recognised(tmp_path):
    make(tmp_path, "awe/1.jpg", "fear/1.jpg", "holiday/1.jpg", "work/1.jpg")
    assert "folders" not in names(tmp_path)
    make(tmp_path, "anger/1.jpg")
    assert "folders" in names(tmp_path)


def test_a_table_of_metadata_says_more_than_the_folders(tmp_path):
    make(tmp_path, "train/awe/1.jpg", "train/fear/1.jpg")
    assert names(tmp_path)[0] == "folders"
    (tmp_path / "train" / "metadata.csv").write_text("file_name,emotion\nawe/1.jpg,fear\n")
    assert "folders" not in names(tmp_path)


def test_ekmans_emotions_are_refused_by_name(tmp_path):
    make(
        tmp_path,
        *(f"{e}/1.jpg" for e in ("anger", "disgust", "fear", "joy", "sadness", "surprise")),
    )
    with pytest.raises(DataError, match="folders joy, surprise are none of the eight emotions"):
        read(tmp_path)


@pytest.mark.parametrize("files", [(), ("holiday/1.jpg",), ("awe/note.txt",)])
def test_a_tree_without_an_image_of_an_emotion_is_one_error(tmp_path, files):
    with pytest.raises(DataError, match="no image in a sub-folder that is named by an emotion"):
        read(make(tmp_path, *files))


def test_a_file_is_no_tree(tmp_path):
    (tmp_path / "a.txt").touch()
    with pytest.raises(DataError, match="is no folder"):
        read(tmp_path / "a.txt")
