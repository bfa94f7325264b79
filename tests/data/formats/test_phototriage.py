from pathlib import Path

import pytest

from iae.data.formats import phototriage
from iae.data.formats.format import ReadOptions
from iae.errors import DataError

LINES = ("1 1 2 0.949 1 4", "1 1 3 0.636 1 2", "15 2 3 0.5 1 1")
VOTES = ("series,photo_a,photo_b,votes_a,votes_b", "1,1,2,0,6", "1,1,3,4,2")


def make(root: Path, *lines: str, name: str = "train_pairlist.txt", end: str = "\n") -> Path:
    (root / name).write_bytes("".join(line + end for line in lines).encode())
    return root


def read(root: Path):
    return phototriage.FORMAT.read(root, ReadOptions())


def test_a_line_names_two_files_their_share_and_their_ranks(tmp_path):
    pair = read(make(tmp_path, *LINES)).pairs[0]
    assert (pair.series, pair.photo_a, pair.photo_b) == ("000001", "000001-01.JPG", "000001-02.JPG")
    assert (pair.share, pair.rank_a, pair.rank_b) == (0.949, 1, 4)
    assert (pair.split, pair.where) == ("train", "train_pairlist.txt:1")


def test_each_list_is_a_split(tmp_path):
    for name in ("train", "val", "test"):
        make(tmp_path, LINES[0], name=f"{name}_pairlist.txt")
    assert [pair.split for pair in read(tmp_path).pairs] == ["train", "val", "test"]


def test_a_single_list_is_read_without_what_lies_beside_it(tmp_path):
    make(tmp_path, LINES[0], name="train_pairlist.txt")
    make(make(tmp_path, LINES[2], name="val_pairlist.txt"), *VOTES, name="votes.csv")
    path = tmp_path / "val_pairlist.txt"
    assert phototriage.FORMAT.recognise(path) == "val_pairlist.txt is one of its lists"
    dataset = read(path)
    assert [pair.split for pair in dataset.pairs] == ["val"]
    assert (dataset.pair_votes, dataset.image_folder) == ([], tmp_path / "train_val_imgs")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n", "\n  # a remark\n", " \t\n"])
def test_line_ends_blank_lines_and_comments_make_no_difference(tmp_path, end):
    dataset = read(make(tmp_path, "\ufeff" + LINES[0], *LINES[1:], end=end))
    assert (len(dataset.pairs), dataset.defects) == (3, [])


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("1 1 2 0.9 1", "5 columns, wanted 6"),
        ("1 1 2 0.9 1 2 3", "7 columns, wanted 6"),
        ("1 1 2 x 1 2", "a cell that is no number"),
        ("1 1.5 2 .5 1 2", "a cell that is no number"),
        ("1 1 2 1.2 1 2", "share 1.2 is not in"),
        ("1 1 2 nan 1 2", "share nan is not in"),
        ("1 2 2 .9 1 2", "photos are two different numbers from 1"),
        ("1 0 2 .9 1 2", "photos are two different numbers from 1"),
    ],
)
def test_a_wrong_line_is_a_defect_with_its_number(tmp_path, line, text):
    dataset = read(make(tmp_path, *LINES, "", line))
    assert len(dataset.pairs) == 3
    assert [(d.code, d.where) for d in dataset.defects] == [("bad-row", "train_pairlist.txt:5")]
    assert text in dataset.defects[0].text


def test_votes_are_read_and_never_joined_to_the_pairs(tmp_path):
    dataset = read(make(make(tmp_path, *LINES), *VOTES, name="votes.csv"))
    votes = dataset.pair_votes[0]
    assert (votes.series, votes.photo_a, votes.photo_b) == ("000001", "1", "2")
    assert (votes.votes_a, votes.votes_b) == (0, 6)
    assert any("never joined" in note for note in dataset.notes)


@pytest.mark.parametrize(
    ("row", "code"),
    [("1,1", "bad-row"), ("1,2,2,3,4", "bad-value"), ("1,1,2,-1,4", "bad-value"),
     ("1,1,2,,4", "bad-value")],
)  # fmt: skip
def test_a_wrong_vote_is_a_defect_with_its_line(tmp_path, row, code):
    dataset = read(make(make(tmp_path, *LINES), *VOTES, row, name="votes.csv"))
    assert len(dataset.pair_votes) == 2
    assert [(d.code, d.where) for d in dataset.defects] == [(code, "votes.csv:4")]


def test_a_broken_table_of_votes_does_not_hide_the_pairs(tmp_path):
    dataset = read(make(make(tmp_path, *LINES), "series,a,b", "1,2,3", name="votes.csv"))
    assert len(dataset.pairs) == 3
    assert "lacks the column 'photo_a'" in dataset.defects[0].text


@pytest.mark.parametrize("content", [b"", b"a b c\n", "1 1 2 .5 1 1".encode("utf-16")])
def test_lists_without_a_pair_are_one_error(tmp_path, content):
    (tmp_path / "train_pairlist.txt").write_bytes(content)
    with pytest.raises(DataError, match=r"train_pairlist\.txt"):
        read(tmp_path)
