import errno
import gzip
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from iae.config import TableSource
from iae.data.formats import table
from iae.data.formats.format import ReadOptions
from iae.data.read import read_dataset, recognise
from iae.errors import ConfigError, DataError
from iae.labels import EMOTIONS


def write(root: Path, *lines: str, name: str = "labels.csv") -> Path:
    (root / name).write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return root


def read(path: Path, **options):
    return table.FORMAT.read(path, ReadOptions(**options))


def read_lines(root: Path, *lines: str, **options):
    return read(write(root, *lines), **options)


# Emotions


def test_votes_on_the_eight_emotions_are_read_by_their_names(tmp_path):
    header = "image," + ",".join(EMOTIONS)
    record = read_lines(tmp_path, header, "a.jpg,6,0,3,0,0,1,1,0").records[0]
    assert record.emotion_votes == dict(zip(EMOTIONS, (6, 0, 3, 0, 0, 1, 1, 0), strict=True))


@pytest.mark.parametrize(
    "header",
    ["img,Amusement,Content,Sad", "image,votes_amusement,votes_contentment,votes_sadness",
     "image,emotion_amusement,emotion_content,emotion_sad", "image, amusement , contentment,SAD"],
)  # fmt: skip
def test_other_spellings_of_the_emotions_name_their_votes(tmp_path, header):
    votes = read_lines(tmp_path, header, "a.jpg,1,2,3").records[0].emotion_votes
    assert votes == {"amusement": 1, "contentment": 2, "sadness": 3}


def test_a_column_with_another_name_than_its_emotion_is_noted(tmp_path):
    notes = read_lines(tmp_path, "image,Awe,Sad", "a.jpg,1,2").notes
    assert [note for note in notes if "holds votes" in note] == [
        "the column 'Sad' holds votes for sadness"
    ]


def test_votes_for_none_are_neutral_and_no_emotion(tmp_path):
    record = read_lines(tmp_path, "image,awe,fear,neutral", "a.jpg,1,2,9").records[0]
    assert (record.emotion_votes, record.neutral_votes) == ({"awe": 1, "fear": 2}, 9)


def test_a_column_of_content_is_not_taken_for_contentment_where_that_has_its_own(tmp_path):
    lines = ("image,content,awe,contentment", "a.jpg,4,1,2")
    assert read_lines(tmp_path, *lines).records[0].emotion_votes == {"awe": 1, "contentment": 2}


def test_one_emotion_alone_is_no_vote(tmp_path):
    record = read_lines(tmp_path, "image,mos,content", "a.jpg,5,3").records[0]
    assert record.emotion_votes is None


def test_ekmans_emotions_are_not_guessed_and_it_is_said(tmp_path):
    lines = ("image,anger,disgust,fear,joy,sadness,surprise", "a.jpg,1,2,3,4,5,6")
    with pytest.raises(DataError, match="joy, surprise are none of the eight emotions; votes of"):
        read_lines(tmp_path, *lines)


def test_beside_other_labels_ekmans_votes_are_left_out_with_a_note(tmp_path):
    dataset = read_lines(tmp_path, "image,mos,anger,fear,joy", "a.jpg,3,1,2,3")
    assert dataset.records[0].emotion_votes is None
    assert "joy are none of the eight emotions: no votes are read" in dataset.notes


@pytest.mark.parametrize(
    ("written", "emotion"),
    [("sad", "sadness"), ("Amusement", "amusement"), ("content", "contentment"), (" awe ", "awe")],
)
def test_other_spellings_of_a_label_are_read(tmp_path, written, emotion):
    dataset = read_lines(tmp_path, "image,emotion", f"a.jpg,{written}", "b.jpg,fear")
    assert [r.emotion for r in dataset.records] == [emotion, "fear"]
    if written.strip() != emotion:
        assert f"'{written}' is read as {emotion}" in dataset.notes


def test_labels_of_another_vocabulary_are_refused(tmp_path):
    with pytest.raises(DataError, match="column 'emotion' holds joy, none of which is one of amus"):
        read_lines(tmp_path, "image,emotion", "a.jpg,joy", "b.jpg,fear")


def test_a_strange_label_among_the_eight_is_a_defect(tmp_path):
    dataset = read_lines(tmp_path, "image,emotion", "a.jpg,joy", "b.jpg,awe")
    assert [(d.code, d.where) for d in dataset.defects] == [("bad-value", "labels.csv:2")]
    assert [r.name for r in dataset.records] == ["b.jpg"]


def test_a_column_called_label_is_one_of_emotions_if_its_cells_are(tmp_path):
    dataset = read_lines(tmp_path, "image,label", "a.jpg,sad", "b.jpg,awe")
    assert [r.emotion for r in dataset.records] == ["sadness", "awe"]
    with pytest.raises(DataError, match="cannot tell what its columns mean"):
        read_lines(tmp_path, "image,label", "a.jpg,cat", "b.jpg,dog")


# Scores


@pytest.mark.parametrize(
    ("values", "scale"),
    [((0.2, 0.9), (0, 1)), ((1.5, 4.5), (1, 5)), ((2, 6.5), (1, 7)), ((2, 9), (1, 10)),
     ((0, 9), (0, 10)), ((12, 80), (0, 100))],
)  # fmt: skip
def test_the_scale_of_means_is_the_narrowest_usual_one_and_is_noted(tmp_path, values, scale):
    dataset = read_lines(tmp_path, "image,mos", *(f"{i}.jpg,{v}" for i, v in enumerate(values)))
    worst, best = scale
    expected = [1 + 9 * (v - worst) / (best - worst) for v in values]
    assert [r.aesthetic_mean for r in dataset.records] == pytest.approx(expected)
    assert any(f"taken to lie on {worst} to {best}" in note for note in dataset.notes)


def test_a_stated_scale_is_taken_and_a_score_off_it_is_a_defect(tmp_path):
    dataset = read_lines(tmp_path, "image,mos", "a.jpg,3", "b.jpg,6", scale=(1.0, 5.0))
    assert [r.aesthetic_mean for r in dataset.records] == [5.5]
    assert [(d.code, d.where) for d in dataset.defects] == [("off-scale", "labels.csv:3")]


def test_a_stated_scale_overrules_that_of_a_mapping(tmp_path):
    source = TableSource(aesthetic_mean="s")
    write(tmp_path, "image,s", "a.jpg,3")
    assert read(tmp_path, source=source, scale=(1.0, 5.0)).records[0].aesthetic_mean == 5.5
    with pytest.raises(ConfigError, match="scale must be"):
        read(tmp_path, source=source, scale=(5.0, 1.0))


def test_counts_of_scores_are_read_by_their_names(tmp_path):
    record = read_lines(tmp_path, "image,n,count_1,count_3,count_5", "a.jpg,9,1,0,3").records[0]
    assert record.score_counts == {1.0: 1, 10.0: 3}
    assert record.aesthetic_mean == pytest.approx(7.75)


def test_ratings_of_people_are_kept_and_an_empty_cell_is_missing(tmp_path):
    dataset = read_lines(tmp_path, "image,rater_1,rater_2", "a.jpg,10, ", "b.jpg,4,1")
    assert dataset.ratings is not None
    np.testing.assert_array_equal(dataset.ratings.to_matrix(), [[10, np.nan], [4, 1]])
    assert [r.aesthetic_mean for r in dataset.records] == [10, 2.5]


def test_numbered_ratings_without_a_zero_are_people_and_with_one_are_counts(tmp_path):
    header = "image,rating_1,rating_2,rating_3"
    people = read_lines(tmp_path, header, "a.jpg,4,5,1", "b.jpg,2,2,3")
    assert people.ratings is not None
    assert any("are taken for ratings by 3 people" in note for note in people.notes)
    counts = read_lines(tmp_path, header, "a.jpg,4,5,1", "b.jpg,0,2,3")
    assert counts.ratings is None
    assert counts.records[1].score_counts == {5.5: 2, 10.0: 3}


def test_a_row_a_rating_gives_images_with_their_ratings(tmp_path):
    dataset = read_lines(tmp_path, "user,image,score", "u,a.jpg,1", "v,a.jpg,5", "u,b.jpg,3")
    assert [(r.name, r.aesthetic_mean) for r in dataset.records] == [("a.jpg", 5.5), ("b.jpg", 5.5)]
    assert dataset.ratings is not None
    assert list(dataset.ratings.raters) == ["u", "v"]
    assert list(dataset.defects) == []


def test_a_photographer_beside_each_image_is_no_rater(tmp_path):
    dataset = read_lines(tmp_path, "user,image,score", "u,a.jpg,1", "u,b.jpg,5")
    assert (dataset.ratings, len(dataset.records)) == (None, 2)


# Rows that are wrong


def test_an_image_listed_twice_is_a_defect_and_its_first_row_counts(tmp_path):
    dataset = read_lines(tmp_path, "image,emotion", "a.jpg,awe", "b.jpg,awe", "a.jpg,fear")
    assert [(r.name, r.emotion) for r in dataset.records] == [("a.jpg", "awe"), ("b.jpg", "awe")]
    assert [(d.code, d.where) for d in dataset.defects] == [("doubled-id", "labels.csv:4")]


def test_a_doubled_image_does_not_shift_the_ratings_of_the_next(tmp_path):
    rows = ("a.jpg,1,4", "a.jpg,10,10", "b.jpg,7,7")
    dataset = read_lines(tmp_path, "image,rater_1,rater_2", *rows)
    assert dataset.ratings is not None
    assert list(dataset.ratings.items) == ["a.jpg", "b.jpg"]
    assert dataset.ratings.mean_per_item().tolist() == [2.5, 7]


def test_a_row_of_another_length_is_a_defect(tmp_path):
    dataset = read_lines(tmp_path, "image,emotion", "a.jpg,awe", "b.jpg", "", "c.jpg,fear,1")
    assert [d.code for d in dataset.defects] == ["bad-row", "bad-row"]
    assert [d.where for d in dataset.defects] == ["labels.csv:3", "labels.csv:5"]


def test_remarks_between_rows_and_above_the_header_are_passed_over(tmp_path):
    dataset = read_lines(tmp_path, "# from 2024", "image,emotion", "a.jpg,awe", "# end", "b.jpg,x")
    assert [r.name for r in dataset.records] == ["a.jpg"]
    assert [(d.code, d.where) for d in dataset.defects] == [("bad-value", "labels.csv:5")]


def test_ids_keep_their_leading_zeros(tmp_path):
    assert read_lines(tmp_path, "image,emotion", "0042,awe").records[0].name == "0042"


def test_a_table_of_nothing_but_wrong_rows_is_one_error(tmp_path):
    with pytest.raises(DataError, match=r"none of its 2 rows .*labels\.csv:2: emotion 'x'"):
        read_lines(tmp_path, "image,emotion", "a.jpg,x", "b.jpg,y")


def test_two_tables_and_no_labels_are_not_chosen_between(tmp_path):
    write(tmp_path, "image,emotion", "a.jpg,awe", name="one.csv")
    write(tmp_path, "image,emotion", "a.jpg,awe", name="two.csv")
    assert recognise(tmp_path) == []
    with pytest.raises(DataError, match=r"holds several tables \(one\.csv, two\.csv\); name one"):
        read_dataset(tmp_path, "table")
    assert len(read(tmp_path / "one.csv").records) == 1


@pytest.mark.parametrize("name", ["labels.parquet", "LABELS.PARQUET"])
def test_a_parquet_table_is_recognised_by_its_columns(tmp_path, name):
    rows = {"image": [f"{i}.jpg" for i in range(99)], "mos": np.linspace(1, 5, 99)}
    pl.DataFrame(rows).write_parquet(tmp_path / name)
    [found] = recognise(tmp_path / name)
    assert found.reason == f"{name} has the columns image, mos"
    assert len(read(tmp_path / name).records) == 99


def test_a_long_list_of_columns_is_cut_short_and_says_so(tmp_path):
    write(tmp_path, "image," + ",".join(EMOTIONS), "a.jpg" + ",1" * 8)
    assert recognise(tmp_path)[0].reason.endswith("contentment, disgust …")


# Tables of single ratings


@pytest.mark.parametrize(
    "header", ["photo,user,stars", "image;rater;rating", "item\tsubjID\tliking"]
)
def test_a_table_with_a_row_a_rating_is_recognised_by_its_columns(tmp_path, header):
    cut = "".join(c for c in header if c in ",;\t")[0]
    rows = [cut.join(row) for row in ("au2", "av4", "bu5")]
    write(tmp_path, header, *rows, name="study.csv")
    for path in (tmp_path, tmp_path / "study.csv"):
        dataset, reason = read_dataset(path)
        assert reason == f"study.csv has the columns {', '.join(header.split(cut))}"
        assert dataset.ratings is not None
        assert [(r.name, r.aesthetic_mean) for r in dataset.records] == [("a", 5.5), ("b", 10.0)]


def test_the_only_gzipped_table_of_a_folder_is_its_ratings(tmp_path):
    text = b"item,subjID,beauty\na,u,2\na,v,4\nb,u,5\n"
    (tmp_path / "ratings.csv.gz").write_bytes(gzip.compress(text))
    dataset, reason = read_dataset(tmp_path)
    assert reason == "ratings.csv.gz has the columns item, subjID, beauty"
    assert len(dataset.records) == 2


def test_a_quoted_cell_that_the_head_of_the_table_cuts_does_not_hide_it(tmp_path):
    remark = '"' + "\n" * 99 + '"'
    write(tmp_path, "image,emotion,remark", f"a.jpg,awe,{remark}", "b.jpg,fear,")
    dataset, _ = read_dataset(tmp_path)
    assert len(dataset.records) == 2


def test_a_table_that_may_not_be_read_is_one_line(tmp_path, monkeypatch):
    # As root, which may read every file: the error is made.
    write(tmp_path, "image,emotion", "a.jpg,awe")
    opened = Path.open

    def refuse(self, *args, **kwargs):
        if self.name == "labels.csv":
            raise PermissionError(errno.EACCES, "Permission denied", str(self))
        return opened(self, *args, **kwargs)

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(DataError, match=r"^cannot read .*labels\.csv: Permission denied$"):
        read_dataset(tmp_path)
