from pathlib import Path

import pytest

from iae.data.formats import abstract
from iae.data.formats.format import ReadOptions
from iae.errors import DataError

HEADER = "'imgName','Amusement','Anger','Awe','Content','Disgust','Excitement','Fear','Sad'"
ROWS = ("'abstract_0001.jpg',1,0,4,3,0,2,0,5", "'abstract_0002.jpg',0,0,0,9,0,0,3,2")


def make(root: Path, *lines: str, end: str = "\n") -> Path:
    root.mkdir(exist_ok=True)
    (root / "ABSTRACT_groundTruth.csv").write_bytes("".join(line + end for line in lines).encode())
    return root


def read(root: Path):
    return abstract.FORMAT.read(root, ReadOptions())


def test_votes_stand_under_their_own_emotion_whatever_the_order_of_columns(tmp_path):
    record = read(make(tmp_path, HEADER, *ROWS)).records[0]
    assert record.name == "abstract_0001.jpg"
    expected = {"amusement": 1, "anger": 0, "awe": 4, "contentment": 3, "disgust": 0,
                "excitement": 2, "fear": 0, "sadness": 5}  # fmt: skip
    assert record.emotion_votes == expected
    assert (record.dominant_emotion, record.aesthetic_mean) == ("sadness", None)


def test_short_names_of_emotions_are_noted(tmp_path):
    notes = read(make(tmp_path, HEADER, *ROWS)).notes
    assert notes == ["'Content' is read as contentment", "'Sad' is read as sadness"]


def test_the_picture_is_found_whatever_its_suffix(tmp_path):
    (make(tmp_path, HEADER, *ROWS) / "abstract_0002.JPG").touch()
    first, second = read(tmp_path).records
    assert (first.path.is_file(), second.path.is_file()) == (False, True)


def test_the_folder_of_the_archive_may_lie_below_and_the_table_may_be_given(tmp_path):
    folder = make(tmp_path / "testImages_abstract", HEADER, *ROWS)
    assert (
        len(read(tmp_path).records) == len(read(folder / "ABSTRACT_groundTruth.csv").records) == 2
    )


@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n", "\n# a remark\n"])
def test_line_ends_blank_lines_and_comments_make_no_difference(tmp_path, end):
    assert len(read(make(tmp_path, HEADER, *ROWS, end=end)).records) == 2


def test_a_byte_order_mark_and_missing_quotes_make_no_difference(tmp_path):
    lines = [line.replace("'", "") for line in (HEADER, *ROWS)]
    assert len(read(make(tmp_path, "\ufeff" + lines[0], *lines[1:])).records) == 2


@pytest.mark.parametrize(
    ("row", "code", "text"),
    [
        ("'x.jpg',1,2", "bad-row", "3 cells, the header has 9"),
        ("'x.jpg',1,0,-4,3,0,2,0,5", "bad-row", "'-4' is below 0, wanted a count"),
        ("'x.jpg',1,0,many,3,0,2,0,5", "bad-row", "'many' is no number"),
        ("'x.jpg',1,0,nan,3,0,2,0,5", "bad-row", "'nan' is no number"),
        ("'',1,0,4,3,0,2,0,5", "bad-row", "the file name is missing"),
        (ROWS[0], "doubled-id", "abstract_0001.jpg has a row already"),
    ],
)
def test_a_wrong_row_is_a_defect_with_its_line_and_the_others_are_read(tmp_path, row, code, text):
    dataset = read(make(tmp_path, HEADER, "", *ROWS, row))
    assert len(dataset.records) == 2
    assert [(d.code, d.where, d.text) for d in dataset.defects] == [
        (code, "ABSTRACT_groundTruth.csv:5", text)
    ]


def test_a_column_that_is_no_emotion_is_noted(tmp_path):
    dataset = read(make(tmp_path, HEADER + ",'Comment'", *(f"{row},7" for row in ROWS)))
    assert "the column 'Comment' is not read" in dataset.notes


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ((), "wanted a header"),
        (ROWS, "wanted a header"),
        ((HEADER,), "none of its rows can be read"),
        (("'name','Joy','Fear'", "'a.jpg',1,2"), "the column Joy is none of the eight emotions"),
        (("'name','Sad','Sadness'", "'a.jpg',1,2"), "sadness has two columns"),
    ],
)
def test_a_table_that_says_nothing_is_one_error(tmp_path, lines, message):
    with pytest.raises(DataError, match=message):
        read(make(tmp_path, *lines))


def test_a_table_that_is_not_utf8_is_one_error(tmp_path):
    (tmp_path / "ABSTRACT_groundTruth.csv").write_bytes(HEADER.encode("utf-16"))
    with pytest.raises(DataError, match="is not UTF-8 text"):
        read(tmp_path)
