from pathlib import Path

import pytest

from iae.data.formats import eva
from iae.data.formats.format import ReadOptions
from iae.data.read import recognise
from iae.errors import DataError

COLUMNS = ("image_id", "user_id", "score", "difficulty", "visual", "composition", "quality",
           "semantic", "vote_time", "1", "2", "3", "4")  # fmt: skip
HEADER = "=".join(f'"{column}"' for column in COLUMNS)
ROWS = (
    '"71"="E1"="10"="3"="4"="4"="4"="4"="12"="1"="0"="0"="1"',
    '"71"="E2"="5"="2"="1"="4"="2"="4"="9"="0"="0"="0"="1"',
    '"007"="E1"="0"="1"="1"="1"="1"="1"="30"="0"="0"="0"="0"',
)


def make(root: Path, *lines: str, end: str = "\n", name: str = "votes_filtered.csv") -> Path:
    (root / "data").mkdir(parents=True, exist_ok=True)
    (root / "data" / name).write_bytes("".join(line + end for line in lines).encode())
    return root


def read(path: Path):
    return eva.FORMAT.read(path, ReadOptions())


def test_scores_and_attributes_lie_on_ten_points(tmp_path):
    record = read(make(tmp_path, HEADER, *ROWS)).records[0]
    assert record.name == "71.jpg"
    assert record.aesthetic_mean == pytest.approx((10 + 5.5) / 2)  # 10 and 5 of 0 to 10
    assert record.score_counts == {5.5: 1, 10.0: 1}
    assert record.attributes == pytest.approx(  # 4 and 1, 4 and 4, 4 and 2, 4 and 4 of 1 to 4
        {"visual": 5.5, "composition": 10, "quality": 7, "semantic": 10}
    )


def test_single_ratings_are_kept_with_their_raters(tmp_path):
    ratings = read(make(tmp_path, HEADER, *ROWS)).ratings
    assert ratings is not None
    assert (list(ratings.items), list(ratings.raters)) == (["71.jpg", "007.jpg"], ["E1", "E2"])
    assert ratings.value.tolist() == [10, 5.5, 1]
    assert ratings.scale == (0, 10)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n", "\n# a remark\n"])
def test_line_ends_blank_lines_and_comments_make_no_difference(tmp_path, end):
    dataset = read(make(tmp_path, "\ufeff" + HEADER, *ROWS, end=end))
    assert (len(dataset.records), dataset.defects) == (2, [])


@pytest.mark.parametrize("folder", ["images/EVA_together", "images/EVA_category/EVA_category/5"])
def test_photos_are_found_together_and_by_category(tmp_path, folder):
    (tmp_path / folder).mkdir(parents=True)
    (tmp_path / folder / "71.jpg").touch()
    dataset = read(make(tmp_path, HEADER, *ROWS))
    assert [r.path.is_file() for r in dataset.records] == [True, False]
    table = read(tmp_path / "data" / "votes_filtered.csv")
    assert [r.path.is_file() for r in table.records] == [True, False]


def test_filtered_votes_go_before_all_votes(tmp_path):
    make(tmp_path, HEADER, *ROWS[:2])
    make(tmp_path, HEADER, *ROWS, name="votes.csv")
    assert len(read(tmp_path).records) == 1
    (tmp_path / "data" / "votes_filtered.csv").unlink()
    assert len(read(tmp_path).records) == 2


@pytest.mark.parametrize(
    ("row", "code", "text"),
    [
        ('"71"="E3"="5"', "bad-row", "3 cells, the header has 13"),
        ('""="E3"="5"="2"="1"="4"="2"="4"="9"="0"="0"="0"="1"', "bad-row",
         "the image or the rater is missing"),
        (ROWS[0], "doubled-id", "E1 has this very row for 71 already"),
    ],
)  # fmt: skip
def test_a_wrong_row_is_a_defect_and_gives_no_rating(tmp_path, row, code, text):
    dataset = read(make(tmp_path, HEADER, *ROWS, row))
    assert [(d.code, d.where, d.text) for d in dataset.defects] == [
        (code, "votes_filtered.csv:5", text)]  # fmt: skip
    assert dataset.ratings is not None
    assert len(dataset.ratings.value) == 3


@pytest.mark.parametrize(
    ("score", "code", "text"),
    [
        ("11", "off-scale", "score: 11 lies outside the scale 0 to 10"),
        ("good", "bad-value", "score: 'good' is no number"),
        ("nan", "bad-value", "score: 'nan' is no number"),
    ],
)
def test_a_wrong_score_is_missing_and_the_rest_of_its_row_is_kept(tmp_path, score, code, text):
    row = f'"8"="E3"="{score}"="2"="4"="4"="2"="4"="9"="0"="0"="0"="1"'
    dataset = read(make(tmp_path, HEADER, *ROWS, row))
    assert [(d.code, d.text) for d in dataset.defects] == [(code, text)]
    assert dataset.records[2].aesthetic_mean is None
    assert dataset.records[2].attributes["visual"] == 10


def test_an_empty_score_is_missing_and_no_defect(tmp_path):
    row = '"8"="E3"=""="2"="4"="4"="2"="4"="9"="0"="0"="0"="1"'
    dataset = read(make(tmp_path, HEADER, *ROWS, row))
    assert (dataset.defects, dataset.records[2].aesthetic_mean) == ([], None)


def test_a_second_and_different_vote_of_one_rater_is_a_second_rating(tmp_path):
    row = '"71"="E1"="2"="3"="4"="4"="4"="4"="12"="1"="0"="0"="1"'
    dataset = read(make(tmp_path, HEADER, *ROWS, row))
    assert dataset.defects == []
    assert dataset.ratings is not None
    assert len(dataset.ratings.value) == 4


def test_votes_separated_otherwise_are_not_taken_for_it(tmp_path):
    make(tmp_path, HEADER.replace("=", ","), *(row.replace("=", ",") for row in ROWS))
    assert "eva" not in [found.format.name for found in recognise(tmp_path)]
    with pytest.raises(DataError, match="holds no votes_filtered.csv with the columns image_id"):
        read(tmp_path)


def test_a_table_without_rows_is_one_error(tmp_path):
    with pytest.raises(DataError, match="none of its rows can be read"):
        read(make(tmp_path, HEADER))
