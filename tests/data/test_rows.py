import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iae.data.records import SPLITS, ImageRecord
from iae.data.rows import column_order, from_row, from_text, to_row, to_text
from iae.labels import EMOTIONS

SCORE = st.floats(1, 10)
COUNT = st.floats(0, 1e6)
TEXT = st.text(st.characters(), min_size=1)  # lone surrogates too: file names can hold them

RECORDS = st.builds(
    ImageRecord,
    path=st.just(Path("a.jpg")),
    name=TEXT,
    source=st.text(st.characters()),
    group=st.none() | TEXT,
    split=st.none() | st.sampled_from(SPLITS),
    aesthetic_mean=st.none() | SCORE,
    aesthetic_high=st.none() | st.booleans(),
    score_counts=st.none() | st.dictionaries(SCORE, COUNT, min_size=1),
    level_shares=st.none() | st.tuples(*[st.floats(0, 1)] * 4),
    emotion=st.none() | st.sampled_from(EMOTIONS),
    emotion_votes=st.none() | st.dictionaries(st.sampled_from(EMOTIONS), COUNT, min_size=1),
    neutral_votes=COUNT,
    attributes=st.dictionaries(TEXT, SCORE),
)


@given(RECORDS)
def test_a_record_comes_back_from_its_row_also_through_json(record):
    row = json.loads(json.dumps(to_row(record)))
    assert from_row(row, record.path) == record


@given(RECORDS, st.sampled_from(["images/0.jpg", "x"]))
def test_the_file_may_be_called_otherwise_than_the_image(record, file_name):
    row = to_row(record, file_name)
    assert row["file_name"] == file_name
    assert from_row(row, record.path) == record


@given(st.text(st.characters()))
def test_any_text_is_written_as_utf8_and_read_back(text):
    to_text(text).encode()
    assert from_text(to_text(text)) == text


@given(st.lists(RECORDS, max_size=3))
def test_every_column_has_its_place(records):
    rows = [to_row(record) for record in records]
    assert sorted(column_order(rows)) == sorted({column for row in rows for column in row})


def test_null_cells_and_absent_columns_are_the_same():
    bare = {"file_name": "a.jpg", "source": "study"}
    full = {**bare, "emotion": None, "votes_awe": None, "count_4": None, "level_bad": None}
    assert from_row(bare, Path("a")) == from_row(full, Path("a"))


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"aesthetic_mean": 11}, "column 'aesthetic_mean' holds 11, wanted a number from 1 to 10"),
        ({"votes_awe": -1}, "column 'votes_awe' holds -1, wanted a number from 0"),
        ({"count_4": "many"}, "column 'count_4' holds 'many', wanted a number from 0"),
        ({"count_11": 2}, "column 'count_11': wanted a score from 1 to 10"),
        ({"attribute_light": "x"}, "column 'attribute_light' holds 'x', wanted a number"),
        ({"split": "dev"}, "column 'split' holds 'dev', wanted one of train, val, test"),
        ({"emotion": "joy"}, "column 'emotion' holds 'joy', wanted one of amusement"),
        ({"aesthetic_high": 1}, "column 'aesthetic_high' holds 1, wanted true or false"),
        ({"file_name": None}, "column 'file_name' is empty"),
    ],
)
def test_a_wrong_cell_is_named(cells, message):
    row = {"file_name": "a.jpg", "source": "study", **cells}
    with pytest.raises(ValueError, match=message):
        from_row(row, Path("a.jpg"))


def test_whole_numbers_read_as_counts_are_equal():
    record = replace(from_row({"file_name": "a"}, Path("a")), score_counts={4.0: 2.0})
    assert from_row({"file_name": "a", "count_4": 2}, Path("a")) == record
