import gzip
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from iae.data.rating_file import read_columns
from iae.data.rating_matrix import read_rating_matrix
from iae.data.rating_scale import guess_scale
from iae.data.rating_table import (
    RatingColumns,
    RatingTable,
    guess_rating_columns,
    read_rating_table,
)
from iae.errors import DataError

LONG = "image,user,stars\nb.jpg,u1,5\na.jpg,u1,1\nb.jpg,u2,3\n"
COLUMNS = RatingColumns("image", "user", "stars")


def write(folder: Path, text: str | bytes, name: str = "ratings.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def read(folder: Path, text: str | bytes, **options: object) -> RatingTable:
    return read_rating_table(write(folder, text), COLUMNS, **options)  # type: ignore[arg-type]


def triples(table: RatingTable) -> list[tuple[str, str, float]]:
    r = table.ratings
    return [
        (r.items[i], r.raters[j], float(v))
        for i, j, v in zip(r.item, r.rater, r.value, strict=True)
    ]


EXPECTED = [("b.jpg", "u1", 10.0), ("a.jpg", "u1", 1.0), ("b.jpg", "u2", 5.5)]

# Long tables


def test_a_row_a_rating_is_read_in_the_order_of_the_table(tmp_path):
    table = read(tmp_path, LONG)
    assert triples(table) == EXPECTED
    assert table.ratings.items == ["b.jpg", "a.jpg"]
    assert table.ratings.scale == (1, 5)
    assert table.ratings.item.dtype == np.int32


@pytest.mark.parametrize(
    "text",
    [
        LONG.replace("\n", "\r\n"),
        "\ufeff" + LONG,
        LONG.replace("\n", "\n\n"),
        "\n" + LONG.rstrip("\n"),
        LONG.replace(",", ";"),
        LONG.replace(",", "\t"),
        LONG.replace(",5", ", 5 "),
        LONG.replace("\n", "\r"),
        LONG.replace("b.jpg", '"b.jpg"'),
        LONG + "c.jpg,u1,\n" + "c.jpg,u1,NA\n",
    ],
    ids=["Windows", "BOM", "blank lines", "no end", "semicolons", "tabs", "spaces", "old Mac",
         "quotes", "missing ratings"],
)  # fmt: skip
def test_however_a_csv_is_written_the_ratings_are_the_same(tmp_path, text):
    assert triples(read(tmp_path, text)) == EXPECTED


def test_a_gzipped_table_is_read_as_it_is(tmp_path):
    path = write(tmp_path, gzip.compress(LONG.encode()), "ratings.csv.gz")
    assert triples(read_rating_table(path, COLUMNS)) == EXPECTED


@pytest.mark.parametrize("suffix", ["parquet", "ndjson"])
def test_typed_tables_give_the_same_ratings(tmp_path, suffix):
    frame = pl.read_csv(LONG.encode())
    path = tmp_path / f"ratings.{suffix}"
    frame.write_parquet(path) if suffix == "parquet" else frame.write_ndjson(path)
    assert triples(read_rating_table(path, COLUMNS)) == EXPECTED


def test_ids_keep_their_leading_zeros(tmp_path):
    text = LONG.replace("u1", "007").replace("u2", "7")
    assert read(tmp_path, text).ratings.raters == ["007", "7"]


def test_an_item_may_be_called_like_a_missing_value(tmp_path):
    assert read(tmp_path, LONG.replace("b.jpg", "none")).ratings.items == ["none", "a.jpg"]


def test_rows_without_a_rating_are_counted(tmp_path):
    notes = " ".join(read(tmp_path, LONG + "c.jpg,u1,\n").notes)
    assert "1 of 4 rows hold no rating" in notes


def test_the_scale_that_was_inferred_is_said(tmp_path):
    assert "taken to lie on 1 to 5 (the narrowest usual" in " ".join(read(tmp_path, LONG).notes)


def test_a_stated_scale_is_used_and_nothing_is_guessed(tmp_path):
    table = read(tmp_path, LONG, scale=(1.0, 9.0))
    assert table.ratings.value.tolist() == [5.5, 1.0, 3.25]
    assert "scale" not in " ".join(table.notes)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("c.jpg,u1,good", "column 'stars' holds 'good', wanted a number"),
        ("c.jpg,u1,inf", "column 'stars' holds 'inf', wanted a number"),
        ("c.jpg,u1,7", "score 7 lies outside the scale 1 to 5"),
        (",u1,3", "column 'image' is empty; every rating needs it"),
        ("c.jpg,,3", "column 'user' is empty; every rating needs it"),
        ("c.jpg,u1", "2 cells, the header has 3"),
        ("c.jpg,u1,3,4", "4 cells, the header has 3"),
    ],
)
def test_a_wrong_line_is_named(tmp_path, line, message):
    text = LONG.replace("\n", f"\n\n{line}\n", 2).replace(f"\n\n{line}\n", "\n\n", 1)
    with pytest.raises(DataError, match=rf"ratings\.csv:5: {message}"):
        read(tmp_path, text, scale=(1.0, 5.0))


def test_a_wrong_value_in_a_parquet_table_is_named_by_its_row(tmp_path):
    path = tmp_path / "ratings.parquet"
    pl.DataFrame({"image": ["a", "b"], "user": [1, 1], "stars": ["3", "x"]}).write_parquet(path)
    with pytest.raises(DataError, match=r"ratings\.parquet:2: column 'stars' holds 'x'"):
        read_rating_table(path, COLUMNS)


def test_a_column_that_is_not_there_is_named_beside_those_that_are(tmp_path):
    with pytest.raises(DataError, match="wanted one column 'stars', the table has: image, user"):
        read(tmp_path, "image,user\na,b\n")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"image,user,stars\na,u1,\n", "holds no rating"),
        (b"image,user,stars\n", "holds no rating"),
        (b"image,user,stars\n\xff\xfe,u1,3\n", "not UTF-8|cannot read"),
    ],
)
def test_a_table_without_any_rating_is_one_clear_line(tmp_path, content, message):
    with pytest.raises(DataError, match=message):
        read(tmp_path, content)


def test_a_truncated_gzip_file_is_one_clear_line(tmp_path):
    rng = np.random.default_rng(0)
    text = LONG + "".join(f"i{a}.jpg,u{b},3\n" for a, b in rng.integers(0, 10**9, (5000, 2)))
    path = write(tmp_path, gzip.compress(text.encode())[:-20_000], "ratings.csv.gz")
    with pytest.raises(DataError, match="cannot read"):
        read_rating_table(path, COLUMNS)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("subjID,item,beauty,imageCat", ("item", "subjID", "beauty")),
        ("sessionId,imageName,userId,aestheticScore", ("imageName", "userId", "aestheticScore")),
        ("Worker ID;Stimulus;Rating", ("Stimulus", "Worker ID", "Rating")),
    ],
)
def test_columns_are_known_by_their_usual_names(tmp_path, header, expected):
    path = write(tmp_path, header + "\n")
    assert guess_rating_columns(read_columns(path)) == expected


def test_columns_that_are_named_go_before_usual_names():
    columns = ["item", "user", "score", "speed"]
    assert guess_rating_columns(columns, value="speed") == ("item", "user", "speed")
    assert guess_rating_columns(["image", "mean"]) is None


@pytest.mark.parametrize(
    ("scores", "scale"),
    [([1, 4, 7, 10], (1, 10)), ([1, 4, 7], (1, 10)), ([1, 4], (1, 5)), ([2, 6], (1, 7)),
     ([0, 0.5], (0, 1)), ([0, 7], (0, 10)), ([12, 93], (0, 100)), ([-3, 3], (-3, 3)),
     ([-2], (-2, -1))],
)  # fmt: skip
def test_the_scale_is_the_narrowest_usual_one(scores, scale):
    assert guess_scale(np.array(scores, float))[0] == scale


# Matrices


def test_a_column_a_rater_is_a_matrix(tmp_path):
    table = read_rating_matrix(write(tmp_path, "item,ann,bob\nx,1,\ny,10,4\nz,NA,7\n"))
    assert triples(table) == [("x", "ann", 1), ("y", "ann", 10), ("y", "bob", 4), ("z", "bob", 7)]


def test_a_matrix_without_names_is_numbered(tmp_path):
    table = read_rating_matrix(write(tmp_path, "1,4,4\n7,10,1\n"))
    assert table.ratings.items == ["0", "1"]
    assert table.ratings.to_matrix().tolist() == [[1, 4, 4], [7, 10, 1]]


def test_the_column_of_the_items_may_be_named(tmp_path):
    path = write(tmp_path, "ann,nr,bob\n1,501,4\n7,502,10\n")
    assert read_rating_matrix(path, item="nr").ratings.items == ["501", "502"]
    with pytest.raises(DataError, match="wanted a column 'no', the table has: ann, nr, bob"):
        read_rating_matrix(path, item="no")


@pytest.mark.parametrize("kind", ["npy", "h5", "parquet"])
def test_arrays_are_matrices_and_a_last_column_of_sums_is_no_rater(tmp_path, kind):
    matrix = np.random.default_rng(0).choice([1.0, 4, 7, 10], (20, 10))
    with_total = np.column_stack([matrix, matrix.sum(axis=1)])
    path = tmp_path / f"scores.{kind}"
    if kind == "npy":
        np.save(path, with_total)
    elif kind == "parquet":
        pl.DataFrame(with_total, schema=[f"c{j}" for j in range(11)]).write_parquet(path)
    else:
        import h5py

        with h5py.File(path, "w") as file:
            file["score"] = with_total
    table = read_rating_matrix(path)
    assert table.ratings.to_matrix().tolist() == matrix.tolist()
    assert "is the sum of the others" in " ".join(table.notes)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("item,a,b\nx,1,4\n\ny,1,seven\n", "ratings.csv:4: column 'b' holds 'seven'"),
        ("item,a,b\nx,1,4\ny,1,11\n", "ratings.csv:3: rater 'b' gave 11, wanted 1 to 10"),
        ("1,4\n1,40\n", "ratings.csv:2: rater '2' gave 40"),
        ("item\nx\n", "no matrix of ratings"),
        ("item,a,b\nx,,\n", "holds no rating"),
        ("item,a,b\nx,1\ny,1,2,3\n", "cannot read"),
    ],
)
def test_what_is_wrong_in_a_matrix_is_said(tmp_path, text, message):
    with pytest.raises(DataError, match=message):
        read_rating_matrix(write(tmp_path, text), (1, 10))


def test_damaged_arrays_are_one_clear_line(tmp_path):
    for name in ("a.npy", "a.h5"):
        with pytest.raises(DataError, match="cannot read"):
            read_rating_matrix(write(tmp_path, "not an array", name))
    np.save(tmp_path / "b.npy", np.zeros(3))
    with pytest.raises(DataError, match=r"found the shape \(3,\)"):
        read_rating_matrix(tmp_path / "b.npy")
    with pytest.raises(DataError, match=r"a matrix of ratings is a \.csv"):
        read_rating_matrix(write(tmp_path, "x", "a.xlsx"))
