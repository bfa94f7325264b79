import csv
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from iae.config import TableSource
from iae.data.records import ImageRecord
from iae.data.table import read_table
from iae.errors import DataError
from iae.labels import EMOTIONS

SUFFIXES = ("csv", "parquet", "ndjson", "jsonl")

FULL = TableSource(
    group="scene",
    split="part",
    scale=(1, 5),
    aesthetic_mean="mean",
    ratings=("r1", "r2", "r3"),
    emotion="mood",
    emotion_votes={"awe": "n_awe", "fear": "n_fear"},
    neutral_votes="n_none",
)

ROW: dict[str, Any] = {
    "image": "a.jpg", "scene": "s1", "part": "val", "mean": 3.0, "r1": 2, "r2": 4, "r3": None,
    "mood": "awe", "n_awe": 3, "n_fear": 0, "n_none": 1,
}  # fmt: skip
BARE: dict[str, Any] = {**dict.fromkeys(ROW), "image": "b.jpg"}


def write_table(root: Path, rows: list[dict[str, Any]], suffix: str = "csv") -> str:
    """Write rows as a table of this kind, with an image for each, and return its name."""
    path = root / f"labels.{suffix}"
    if suffix == "parquet":
        pl.DataFrame(rows, infer_schema_length=None).write_parquet(path)
    elif suffix == "csv":
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, rows[0].keys())
            writer.writeheader()
            writer.writerows(rows)
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    for row in rows:
        if row.get("image"):
            (root / row["image"]).touch()
    return path.name


def read(root: Path, rows: list[dict[str, Any]], **mapping: Any) -> list[ImageRecord]:
    return read_table(root, TableSource(table=write_table(root, rows), **mapping), "study")


def read_text(root: Path, text: str | bytes, **mapping: Any) -> list[ImageRecord]:
    """Read a CSV file written byte by byte; the images a.jpg and b.jpg exist."""
    (root / "labels.csv").write_bytes(text.encode() if isinstance(text, str) else text)
    for name in ("a.jpg", "b.jpg"):
        (root / name).touch()
    return read_table(root, TableSource(**mapping), "study")


# What the columns mean


def test_a_full_row_becomes_a_full_record(tmp_path):
    table = write_table(tmp_path, [ROW])
    source = TableSource(**{**vars(FULL), "table": table})
    assert read_table(tmp_path, source, "study") == [
        ImageRecord(
            path=tmp_path / "a.jpg",
            name="a.jpg",
            source="study",
            group="s1",
            split="val",
            aesthetic_mean=5.5,
            score_counts={3.25: 1, 7.75: 1},
            level_shares=(0.125, 0.375, 0.375, 0.125),  # 3.25 and 7.75, each between two levels
            emotion="awe",
            emotion_votes={"awe": 3, "fear": 0},
            neutral_votes=1,
        )
    ]


def test_other_questions_are_on_the_scale_of_the_table_and_an_empty_cell_is_no_answer(tmp_path):
    (tmp_path / "labels.csv").write_text("image,q,l\na.jpg,3,\nb.jpg,5,1\n")
    (tmp_path / "a.jpg").touch()
    source = TableSource(scale=(1, 5), attributes={"quality": "q", "light": "l"})
    first, second = read_table(tmp_path, source, "s")
    assert dict(first.attributes) == {"quality": 5.5}
    assert dict(second.attributes) == {"quality": 10.0, "light": 1.0}


def test_a_row_of_empty_cells_has_no_labels(tmp_path):
    table = write_table(tmp_path, [ROW, BARE])
    record = read_table(tmp_path, TableSource(**{**vars(FULL), "table": table}), "study")[1]
    assert (record.group, record.split, record.aesthetic_mean) == (None, None, None)
    assert (record.level_shares, record.emotion, record.dominant_emotion) == (None, None, None)


@pytest.mark.parametrize("suffix", SUFFIXES[1:])
def test_every_kind_of_table_gives_the_same_records(tmp_path, suffix):
    rows = [ROW, BARE, {**ROW, "image": "c.jpg", "mean": None, "r3": 3}]
    as_csv, other = (
        read_table(tmp_path, TableSource(**{**vars(FULL), "table": table}), "study")
        for table in (write_table(tmp_path, rows), write_table(tmp_path, rows, suffix))
    )
    assert other == as_csv


def test_a_key_left_out_of_an_ndjson_row_is_an_empty_cell(tmp_path):
    table = write_table(
        tmp_path, [{"image": "a.jpg"}, {"image": "b.jpg", "mood": "fear"}], "ndjson"
    )
    records = read_table(tmp_path, TableSource(table=table, emotion="mood"), "study")
    assert [record.emotion for record in records] == [None, "fear"]


def test_the_suffix_may_be_in_capitals(tmp_path):
    (tmp_path / write_table(tmp_path, [ROW])).rename(tmp_path / "LABELS.CSV")
    assert len(read_table(tmp_path, TableSource(table="LABELS.CSV"), "study")) == 1


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_folder_whose_name_looks_like_a_pattern_is_only_a_folder(tmp_path, suffix):
    root = tmp_path / "[2024] photos * ?"
    root.mkdir()
    table = write_table(root, [ROW], suffix)
    assert len(read_table(root, TableSource(table=table), "study")) == 1


def test_records_come_in_the_order_of_the_table(tmp_path):
    names = [f"{i}.jpg" for i in (3, 1, 2)]
    records = read(tmp_path, [{"image": name} for name in names])
    assert [record.name for record in records] == names


@pytest.mark.parametrize(("stars", "score"), [(1, 1.0), (2.5, 4.375), (3, 5.5), (5, 10.0)])
def test_means_are_mapped_from_the_scale_of_the_table(tmp_path, stars, score):
    rows = [{"image": "a.jpg", "stars": stars}]
    assert read(tmp_path, rows, aesthetic_mean="stars", scale=(1, 5))[0].aesthetic_mean == score


def test_a_stated_mean_alone_says_nothing_about_the_levels(tmp_path):
    assert read(tmp_path, [ROW], aesthetic_mean="mean")[0].level_shares is None


def test_a_missing_rating_is_not_counted(tmp_path):
    rows = [{"image": "a.jpg", "r1": 10, "r2": None, "r3": 4}]
    assert read(tmp_path, rows, ratings=("r1", "r2", "r3"))[0].aesthetic_mean == 7


def test_score_counts_become_level_shares(tmp_path):
    rows = [{"image": "a.jpg", "bad": 1, "fair": 2, "good": None, "best": 5}]
    counts = {"bad": 1.0, "fair": 4.0, "good": 7.0, "best": 10.0}
    record = read(tmp_path, rows, score_counts=counts)[0]
    assert record.level_shares == pytest.approx((1 / 8, 2 / 8, 0, 5 / 8))
    assert record.aesthetic_mean == pytest.approx((1 + 2 * 4 + 5 * 10) / 8)


def test_a_photo_nobody_rated_has_no_score(tmp_path):
    record = read(tmp_path, [{"image": "a.jpg", "good": 0}], score_counts={"good": 7.0})[0]
    assert (record.aesthetic_mean, record.level_shares) == (None, None)


def test_a_rounded_mean_beside_its_ratings_is_accepted_and_the_ratings_count(tmp_path):
    rows = [{"image": "a.jpg", "mean": 5.1, "r1": 4, "r2": 6}]
    record = read(tmp_path, rows, aesthetic_mean="mean", ratings=("r1", "r2"))[0]
    assert record.aesthetic_mean == 5.0


def test_an_emotion_that_was_not_offered_is_absent_from_the_votes(tmp_path):
    votes = read(tmp_path, [ROW], emotion_votes={"awe": "n_awe"})[0].emotion_votes
    assert votes == {"awe": 3}


def test_an_empty_vote_cell_is_no_vote_for_an_offered_emotion(tmp_path):
    votes = read(tmp_path, [BARE], emotion_votes={"awe": "n_awe"})[0].emotion_votes
    assert votes == {"awe": 0}


def test_most_votes_make_the_dominant_emotion(tmp_path):
    rows = [{"image": "a.jpg", "f": 2, "a": 5}]
    assert (
        read(tmp_path, rows, emotion_votes={"fear": "f", "awe": "a"})[0].dominant_emotion == "awe"
    )


def test_a_tie_of_votes_goes_to_the_emotion_that_is_listed_first(tmp_path):
    rows = [{"image": "a.jpg", "f": 2, "a": 2}]
    assert (
        read(tmp_path, rows, emotion_votes={"fear": "f", "awe": "a"})[0].dominant_emotion == "awe"
    )


def test_a_label_is_dominant_whatever_the_votes(tmp_path):
    rows = [{"image": "a.jpg", "mood": "fear", "a": 9}]
    record = read(tmp_path, rows, emotion="mood", emotion_votes={"awe": "a"})[0]
    assert record.dominant_emotion == "fear"


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_each_of_the_eight_emotions_is_a_label(tmp_path, emotion):
    assert read(tmp_path, [{"image": "a.jpg", "m": emotion}], emotion="m")[0].emotion == emotion


def test_spaces_around_a_value_do_not_count(tmp_path):
    record = read_text(tmp_path, "image,m,s\na.jpg, awe , 7 \n", emotion="m", aesthetic_mean="s")[0]
    assert (record.emotion, record.aesthetic_mean) == ("awe", 7)


def test_a_path_may_leave_the_root(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "a.jpg").touch()
    (tmp_path / "data" / "labels.csv").write_text("image\n../a.jpg\n")
    [record] = read_table(tmp_path / "data", TableSource(), "study")
    assert record.path.is_file()


# How a CSV file may be written


@pytest.mark.parametrize(
    "text",
    [
        b"image,m\na.jpg,awe\nb.jpg,fear",
        b"image,m\r\na.jpg,awe\r\nb.jpg,fear\r\n",
        b"image,m\ra.jpg,awe\rb.jpg,fear\r",
        b"\xef\xbb\xbfimage,m\na.jpg,awe\nb.jpg,fear\n",
        b"\n\nimage,m\n\na.jpg,awe\n\n\nb.jpg,fear\n\n",
        b'"image","m"\n"a.jpg","awe"\n"b.jpg","fear"\n',
    ],
    ids=["no end", "Windows", "old Mac", "BOM", "blank lines", "quotes"],
)
def test_line_ends_bom_blank_lines_and_quotes_make_no_difference(tmp_path, text):
    records = read_text(tmp_path, text, emotion="m")
    assert [(r.name, r.emotion) for r in records] == [("a.jpg", "awe"), ("b.jpg", "fear")]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("before", ["", "\n", "# a remark\n"])
def test_cells_are_separated_by_what_the_header_has_most_of(tmp_path, separator, before):
    rows = (("image", "m", "note"), ("a.jpg", "awe", ""), ("b.jpg", "fear", "x"))
    text = before + "".join(separator.join(row) + "\n" for row in rows)
    records = read_text(tmp_path, text.encode(), emotion="m")
    assert [(r.name, r.emotion) for r in records] == [("a.jpg", "awe"), ("b.jpg", "fear")]


def test_a_name_may_hold_commas_quotes_and_line_breaks(tmp_path):
    name = 'x, "y"\nz.jpg'
    assert read(tmp_path, [{"image": name}])[0].name == name


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("image,m\na.jpg,joy\n", 2),
        ("image,m\na.jpg,awe\nb.jpg,joy\n", 3),
        ("image,m\r\na.jpg,awe\r\nb.jpg,joy\r\n", 3),
        ("\n\nimage,m\n\na.jpg,awe\n\nb.jpg,joy\n", 7),
        ('image,m,note\na.jpg,awe,"one\ntwo\r\nthree"\nb.jpg,joy,\n', 5),
        ('image,m,note\na.jpg,joy,"one\ntwo"\nb.jpg,awe,\n', 2),
        ('image,m,"a\nnote"\na.jpg,awe,x\nb.jpg,joy,x\n', 4),
    ],
    ids=["first", "second", "Windows", "blank lines", "broken cells", "its own", "broken header"],
)
def test_the_line_of_a_wrong_value_is_the_one_an_editor_shows(tmp_path, text, line):
    with pytest.raises(DataError, match=rf"labels\.csv:{line}: emotion 'joy' is not one of amuse"):
        read_text(tmp_path, text, emotion="m")


@pytest.mark.parametrize("row", ["b.jpg", "b.jpg,awe,1"])
def test_a_row_of_another_length_than_the_header_is_refused_with_its_line(tmp_path, row):
    found = row.count(",") + 1
    with pytest.raises(DataError, match=rf"labels\.csv:3: {found} cells, the header has 2"):
        read_text(tmp_path, f"image,m\na.jpg,awe\n{row}\n")


@pytest.mark.parametrize(
    "text", ['image,m\na.jpg,awe\n"b.jpg,awe\n', 'image,m\na.jpg,\n"b"c,awe\n']
)
def test_an_unfinished_quote_is_refused_with_its_line(tmp_path, text):
    with pytest.raises(DataError, match=r"labels\.csv:3: "):
        read_text(tmp_path, text)


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_a_table_that_is_not_utf8_is_refused(tmp_path, encoding):
    with pytest.raises(DataError, match=r"labels\.csv is not UTF-8 text \(byte \d+"):
        read_text(tmp_path, "image\né.jpg\n".encode(encoding))


# How an NDJSON or Parquet file may be wrong


def test_the_line_of_a_wrong_ndjson_value_counts_blank_lines(tmp_path):
    (tmp_path / "l.ndjson").write_text('{"image":"a.jpg"}\n\n{"image":"b.jpg","m":"joy"}\n')
    with pytest.raises(DataError, match=r"l\.ndjson:3: emotion 'joy'"):
        read_table(tmp_path, TableSource(table="l.ndjson", emotion="m"), "study")


@pytest.mark.parametrize("code", ["ud800", "u0000"])
def test_a_name_that_json_can_write_and_no_file_can_have_is_refused(tmp_path, code):
    (tmp_path / "l.ndjson").write_text(f'{{"image":"\\{code}.jpg"}}\n')
    with pytest.raises(DataError, match=r"l\.ndjson:1: .* which no file can be called"):
        read_table(tmp_path, TableSource(table="l.ndjson"), "study")


def test_an_ndjson_line_that_is_not_json_is_named(tmp_path):
    (tmp_path / "l.ndjson").write_text('{"image":"a.jpg"}\n{"image":\n')
    with pytest.raises(DataError, match=r"l\.ndjson:2: not JSON: "):
        read_table(tmp_path, TableSource(table="l.ndjson"), "study")


def test_an_ndjson_line_that_is_no_object_is_named(tmp_path):
    (tmp_path / "l.ndjson").write_text('["a.jpg"]\n')
    with pytest.raises(DataError, match=r"l\.ndjson:1: wanted one JSON object a line"):
        read_table(tmp_path, TableSource(table="l.ndjson"), "study")


def test_a_wrong_parquet_value_is_named_by_its_row(tmp_path):
    table = write_table(tmp_path, [ROW, {**ROW, "mood": "joy"}], "parquet")
    with pytest.raises(DataError, match=r"labels\.parquet:2: emotion 'joy'"):
        read_table(tmp_path, TableSource(table=table, emotion="mood"), "study")


def test_a_truncated_parquet_file_is_refused(tmp_path):
    path = tmp_path / write_table(tmp_path, [ROW], "parquet")
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(DataError, match=r"cannot read .*labels\.parquet: "):
        read_table(tmp_path, TableSource(table="labels.parquet"), "study")


# Wrong values


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"image": None}, "column 'image' is empty; every row needs its image"),
        ({"image": "  "}, "column 'image' is empty"),
        ({"part": "validation"}, "split 'validation' is not one of train, val, test"),
        ({"mood": "Awe"}, "emotion 'Awe' is not one of amusement, .*sadness"),
        ({"mean": "good"}, "column 'mean' holds 'good', wanted a number"),
        ({"mean": "nan"}, "column 'mean' holds 'nan', wanted a number"),
        ({"mean": "inf"}, "column 'mean' holds 'inf', wanted a number"),
        ({"mean": "3,5"}, "column 'mean' holds '3,5', wanted a number with a decimal point"),
        ({"mean": 5.5}, "score 5.5 lies outside the scale 1 to 5"),
        ({"r1": 0}, "score 0 lies outside the scale 1 to 5"),
        ({"r1": "-inf"}, "column 'r1' holds '-inf', wanted a number"),
        ({"n_awe": -1}, "column 'n_awe' holds -1, a count cannot be negative"),
        ({"n_awe": "nan"}, "column 'n_awe' holds 'nan', wanted a number"),
        ({"n_none": "-0.5"}, "column 'n_none' holds -0.5, a count cannot be negative"),
        ({"mean": 4.0}, "the stated mean is 7.75 and that of the counted ratings 5.50"),
    ],
    ids=lambda value: repr(value) if isinstance(value, dict) else "",
)
def test_a_wrong_value_is_refused_with_file_and_line(tmp_path, change, message):
    table = write_table(tmp_path, [ROW, {**ROW, **change}])
    with pytest.raises(DataError, match=rf"labels\.csv:3: {message}"):
        read_table(tmp_path, TableSource(**{**vars(FULL), "table": table}), "study")


@pytest.mark.parametrize("suffix", ["parquet", "ndjson"])
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_number_that_is_not_finite_is_refused_in_typed_tables_too(tmp_path, suffix, value):
    table = write_table(tmp_path, [{"image": "a.jpg", "mean": value}], suffix)
    with pytest.raises(DataError, match=rf"labels\.{suffix}:1: column 'mean' holds '(nan|inf)'"):
        read_table(tmp_path, TableSource(table=table, aesthetic_mean="mean"), "study")


def test_a_negative_count_of_scores_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"labels\.csv:2: column 'good' holds -2"):
        read(tmp_path, [{"image": "a.jpg", "good": -2}], score_counts={"good": 7.0})


@pytest.mark.parametrize(
    "mapping",
    [
        {"image": "photo"},
        {"group": "photo"},
        {"split": "photo"},
        {"aesthetic_mean": "photo"},
        {"emotion": "photo"},
        {"neutral_votes": "photo"},
        {"ratings": ("photo",)},
        {"score_counts": {"photo": 4.0}},
        {"emotion_votes": {"awe": "photo"}},
    ],
    ids=lambda mapping: next(iter(mapping)),
)
def test_a_column_the_table_lacks_is_named_beside_those_it_has(tmp_path, mapping):
    with pytest.raises(DataError, match="column 'photo', the table has: image, scene, part"):
        read(tmp_path, [ROW], **mapping)


def test_a_column_that_is_there_twice_is_refused(tmp_path):
    with pytest.raises(DataError, match="wanted one column 'm', the table has: image, m, m"):
        read_text(tmp_path, "image,m,m\na.jpg,awe,fear\n", emotion="m")


# Missing files


def test_a_missing_table_is_named(tmp_path):
    with pytest.raises(DataError, match=r"there is no label table .*labels\.csv; check the data"):
        read_table(tmp_path, TableSource(), "study")


@pytest.mark.parametrize("table", ["labels.xlsx", "labels"])
def test_an_unknown_kind_of_table_is_refused_with_the_known_ones(tmp_path, table):
    with pytest.raises(DataError, match=r"one of \.csv, \.tsv, \.parquet, \.ndjson, \.jsonl"):
        read_table(tmp_path, TableSource(table=table), "study")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_an_empty_table_is_refused(tmp_path, suffix):
    path = tmp_path / f"labels.{suffix}"
    if suffix == "parquet":
        pl.DataFrame({"image": []}).write_parquet(path)
    else:
        path.write_text("")
    with pytest.raises(DataError, match="has no rows"):
        read_table(tmp_path, TableSource(table=path.name), "study")


def test_a_header_without_rows_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"labels\.csv has no rows"):
        read_text(tmp_path, "image,m\n")


def test_images_that_are_all_missing_are_one_clear_error(tmp_path):
    rows = "".join(f"images/{i}.jpg\n" for i in range(200))
    with pytest.raises(DataError, match=r"none of its images exist, for example .*images/0\.jpg"):
        read_text(tmp_path, "image\n" + rows)


def test_one_missing_image_is_left_for_the_decoder_to_report(tmp_path):
    assert len(read_text(tmp_path, "image\na.jpg\ngone.jpg\n")) == 2


def test_captions_taken_for_image_names_are_a_clear_error(tmp_path):
    with pytest.raises(DataError, match="none of its images exist"):
        read_text(tmp_path, "image\n" + "a long caption " * 50 + "\n")
