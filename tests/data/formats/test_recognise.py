"""Each format's miniature copy is recognised as itself."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from iae.data.formats.format import ReadOptions
from iae.data.read import FORMATS, read_dataset, recognise
from iae.errors import DataError


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def folders(root: Path) -> None:
    for name in ("awe/1.jpg", "fear/1.jpg"):
        write(root / name, "")


def artphoto(root: Path) -> None:
    for name in ("awe_0001.jpg", "sad_0001.jpg"):
        write(root / name, "")


def abstract(root: Path) -> None:
    write(root / "ABSTRACT_groundTruth.csv", "'name','Awe','Sad'\n'abstract_0001.jpg',1,2\n")
    write(root / "abstract_0001.jpg", "")


def para(root: Path) -> None:
    write(root / "annotation" / "PARA-Images.csv",
          "sessionId,imageName,userId,aestheticScore\nsession1,a.jpg,A1,3.5\n")  # fmt: skip
    write(root / "imgs" / "session1" / "a.jpg", "")


def ava(root: Path) -> None:
    write(root / "AVA.txt", "1 953619 0 1 5 17 38 36 15 6 5 1 1 22 1396\n")
    write(root / "images" / "953619.jpg", "")


def ava_json(root: Path) -> None:
    write(root / "a.json", json.dumps([{"image_id": "953619", "label": [1] * 10}]))


def eva(root: Path) -> None:
    write(root / "data" / "votes_filtered.csv", "image_id=user_id=score\n71=E1=5\n")


def phototriage(root: Path) -> None:
    write(root / "train_pairlist.txt", "1 1 2 0.949 1 2\n")


def table(root: Path) -> None:
    write(root / "labels.csv", "image,emotion\na.jpg,awe\n")


MINIATURES: dict[str, tuple[str, Callable[[Path], None]]] = {
    "FI-8": ("folders", folders),
    "ArtPhoto": ("artphoto", artphoto),
    "Abstract": ("abstract", abstract),
    "PARA": ("para", para),
    "AVA": ("ava", ava),
    "AVA as JSON": ("ava", ava_json),
    "EVA": ("eva", eva),
    "PhotoTriage": ("phototriage", phototriage),
    "a table": ("table", table),
}


@pytest.mark.parametrize(("name", "make"), MINIATURES.values(), ids=MINIATURES)
def test_a_miniature_is_recognised_as_itself_and_as_nothing_more_particular(tmp_path, name, make):
    make(tmp_path)
    assert recognise(tmp_path)[0].format.name == name
    assert recognise(tmp_path)[0].reason
    dataset, _ = read_dataset(tmp_path)
    assert dataset.format == name
    assert list(dataset.defects) == []


@pytest.mark.parametrize(("name", "make"), MINIATURES.values(), ids=MINIATURES)
def test_an_option_that_a_format_does_not_take_is_refused(tmp_path, name, make):
    make(tmp_path)
    options = ReadOptions(emotion_order=("awe",))
    with pytest.raises(DataError, match=f"the format '{name}' takes no --emotion-order; leave it"):
        read_dataset(tmp_path, options=options)


def test_a_stated_format_overrules_what_would_be_recognised(tmp_path):
    ava(tmp_path)
    write(tmp_path / "labels.csv", "image,emotion\na.jpg,awe\n")
    assert read_dataset(tmp_path)[0].format == "ava"
    dataset, reason = read_dataset(tmp_path, "table")
    assert (dataset.format, reason) == ("table", "you said so")


@pytest.mark.parametrize(
    ("said", "meant"), [("folder", "folders"), ("Ava", "ava"), ("phototriag", "phototriage")]
)
def test_a_misspelt_format_is_refused_and_the_nearest_one_named(tmp_path, said, meant):
    with pytest.raises(DataError, match=f"no format is called '{said}'; .*mean '{meant}'\\?"):
        read_dataset(tmp_path, said)


def test_what_is_in_no_format_is_refused_with_those_there_are(tmp_path):
    write(tmp_path / "notes.txt", "nothing here\n")
    with pytest.raises(DataError, match=r"is in none of the formats .*folders.*table\), or desc"):
        read_dataset(tmp_path)


def test_a_path_that_is_not_there_is_named(tmp_path):
    with pytest.raises(DataError, match="there is no .*nowhere"):
        read_dataset(tmp_path / "nowhere")


@pytest.mark.parametrize("format", FORMATS, ids=lambda format: format.name)
@pytest.mark.parametrize(
    "content", [b"", b"\x00\xff\xfe" * 99, b'"never closed\n', b"{[", b"a,b\n1,2\n" * 3]
)
@pytest.mark.parametrize(
    "name", ["AVA.txt", "labels.csv", "PARA-Images.csv", "votes_filtered.csv", "a.json",
             "labels.parquet", "train_pairlist.txt", "ABSTRACT_groundTruth.csv", "x.jsonl"]
)  # fmt: skip
def test_no_file_makes_recognition_fail_or_reading_end_in_anything_but_one_line(
    tmp_path, format, name, content
):
    (tmp_path / name).write_bytes(content)
    for path in (tmp_path, tmp_path / name):
        format.recognise(path)
        said = ""
        try:
            format.read(path, ReadOptions())
        except DataError as error:
            said = str(error)
        assert "\n" not in said


def test_an_empty_folder_is_called_empty(tmp_path):
    with pytest.raises(DataError, match="is an empty folder; wanted the folder or table"):
        read_dataset(tmp_path)
