import json
from pathlib import Path

import numpy as np
import pytest

from iae.data.formats import ava
from iae.data.formats.format import ReadOptions
from iae.data.read import recognise
from iae.errors import DataError
from iae.labels import level_shares

COUNTS = [0, 1, 5, 17, 38, 36, 15, 6, 5, 1]
LINE = "1 953619 0 1 5 17 38 36 15 6 5 1 1 22 1396"
OTHER = "2 0953958 10 7 15 26 26 21 10 8 1 2 15 21 1396"


def make(root: Path, *lines: str, end: str = "\n", name: str = "AVA.txt") -> Path:
    (root / name).write_bytes("".join(line + end for line in lines).encode())
    return root


def read(path: Path):
    return ava.FORMAT.read(path, ReadOptions())


def csv_of(*ids: str) -> list[str]:
    return [",".join([name, *map(str, COUNTS)]) for name in ids]


def test_counts_become_mean_counts_and_level_shares(tmp_path):
    record = read(make(tmp_path, LINE)).records[0]
    assert record.name == "953619.jpg"
    assert record.aesthetic_mean == pytest.approx(np.average(range(1, 11), weights=COUNTS))
    assert record.score_counts == {float(s): n for s, n in enumerate(COUNTS, 1) if n}
    expected = level_shares(zip(map(float, range(1, 11)), map(float, COUNTS), strict=True))
    assert record.level_shares == pytest.approx(expected)


def test_leading_zeros_of_an_id_are_kept(tmp_path):
    assert [r.name for r in read(make(tmp_path, LINE, OTHER)).records] == [
        "953619.jpg", "0953958.jpg"]  # fmt: skip


@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n", " \n# a remark\n"])
def test_line_ends_blank_lines_and_comments_make_no_difference(tmp_path, end):
    dataset = read(make(tmp_path, "\ufeff" + LINE, OTHER, end=end))
    assert (len(dataset.records), dataset.defects) == (2, [])


@pytest.mark.parametrize("folder", ["images", "image", "Images"])
def test_photos_are_found_in_a_folder_beside_and_missing_ones_are_counted(tmp_path, folder):
    (tmp_path / folder).mkdir()
    (tmp_path / folder / "953619.JPG").touch()
    dataset = read(make(tmp_path, LINE, OTHER))
    assert [r.path.is_file() for r in dataset.records] == [True, False]
    assert any(note.startswith("1 of 2 images have no file") for note in dataset.notes)


def test_the_image_folder_may_be_a_symlink(tmp_path):
    (tmp_path / "disk").mkdir()
    (tmp_path / "disk" / "953619.jpg").touch()
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "images").symlink_to(tmp_path / "disk")
    assert read(make(tmp_path / "set", LINE)).records[0].path.is_file()


@pytest.mark.parametrize(
    ("line", "code", "text"),
    [
        ("3 7 1 2 3", "bad-row", "5 columns, wanted 15"),
        (LINE + " 9", "bad-row", "16 columns, wanted 15"),
        ("3 7 0 1 x 17 38 36 15 6 5 1 1 22 9", "bad-value", "are not ten counts"),
        ("3 7 0 1 -5 17 38 36 15 6 5 1 1 22 9", "bad-value", "'-5.0' is below 0"),
        ("3 7 0 1 nan 17 38 36 15 6 5 1 1 22 9", "bad-value", "'nan' is no number"),
        ("3 7 0 0 0 0 0 0 0 0 0 0 1 22 9", "bad-value", "image 7: nobody gave a score"),
        (LINE, "doubled-id", "image 953619 has a row already"),
    ],
)
def test_a_wrong_line_is_a_defect_with_its_number_and_the_others_are_read(
    tmp_path, line, code, text
):
    dataset = read(make(tmp_path, LINE, "", OTHER, line))
    assert len(dataset.records) == 2
    assert [(d.code, d.where) for d in dataset.defects] == [(code, "AVA.txt:4")]
    assert text in dataset.defects[0].text


def test_a_file_of_nothing_but_wrong_lines_is_one_error(tmp_path):
    with pytest.raises(DataError, match=r"no row can be read \(AVA.txt:1: 2 columns"):
        read(make(tmp_path, "a b"))


def test_an_empty_file_is_one_error(tmp_path):
    with pytest.raises(DataError, match="has no rows"):
        read(make(tmp_path))


# JSON


def objects(*ids: object) -> list[dict[str, object]]:
    return [{"image_id": name, "label": COUNTS} for name in ids]


def test_a_json_list_and_json_lines_say_the_same_as_the_text(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps(objects("953619", 42)))
    (tmp_path / "b.jsonl").write_text("\n\n".join(map(json.dumps, objects("953619", "42"))))
    first, second = read(tmp_path / "a.json"), read(tmp_path / "b.jsonl")
    assert [(r.name, r.score_counts) for r in first.records] == [
        (r.name, r.score_counts) for r in second.records]  # fmt: skip
    assert first.records[0].score_counts == read(make(tmp_path, LINE)).records[0].score_counts


def test_files_named_by_their_part_are_splits(tmp_path):
    (tmp_path / "ava_labels_train.json").write_text(json.dumps(objects("1", "2")))
    (tmp_path / "ava_labels_test.json").write_text(json.dumps(objects("3")))
    assert recognise(tmp_path)[0].format.name == "ava"
    assert {r.name: r.split for r in read(tmp_path).records} == {
        "1.jpg": "train", "2.jpg": "train", "3.jpg": "test"}  # fmt: skip


def test_an_image_in_two_parts_is_a_defect(tmp_path):
    (tmp_path / "ava_labels_train.json").write_text(json.dumps(objects("1")))
    (tmp_path / "ava_labels_test.json").write_text(json.dumps(objects("1")))
    assert [d.code for d in read(tmp_path).defects] == ["doubled-id"]


@pytest.mark.parametrize(
    ("found", "text"),
    [
        ({"image_id": "3"}, 'wanted an object with "image_id" and "label"'),
        ({"image_id": "3", "label": [1, 2]}, "not a list of ten counts"),
        ({"image_id": "3", "label": ["1"] * 10}, "something else than numbers"),
        ({"image_id": True, "label": COUNTS}, "wanted text or a number"),
        ([1], 'wanted an object with "image_id" and "label"'),
    ],
)
def test_a_wrong_object_is_a_defect_with_its_place(tmp_path, found, text):
    (tmp_path / "a.json").write_text(json.dumps([*objects("1"), found]))
    dataset = read(tmp_path / "a.json")
    assert [(d.code, d.where) for d in dataset.defects] == [("bad-row", "a.json:2")]
    assert text in dataset.defects[0].text


def test_a_truncated_list_is_one_error_with_its_line(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps(objects("1", "2"), indent=0)[:-40])
    with pytest.raises(DataError, match=r"a\.json:\d+: not JSON"):
        read(tmp_path / "a.json")


def test_a_broken_json_line_is_a_defect(tmp_path):
    (tmp_path / "a.jsonl").write_text(json.dumps(objects("1")[0]) + '\n{"image_id":\n')
    assert [d.where for d in read(tmp_path / "a.jsonl").defects] == ["a.jsonl:2"]


# CSV


@pytest.mark.parametrize(
    "header",
    [
        None,
        "image_id," + ",".join(f"count_{s}" for s in range(1, 11)),
        "ImageID," + ",".join(map(str, range(1, 11))),
        "id," + ",".join(f"vote{s}" for s in range(1, 11)),
    ],
)
def test_a_csv_of_counts_may_have_a_header_or_none(tmp_path, header):
    lines = [*([header] if header else []), *csv_of("953619", "0042")]
    make(tmp_path, *lines, name="votes.csv")
    assert recognise(tmp_path)[0].format.name == "ava"
    dataset = read(tmp_path)
    assert [r.name for r in dataset.records] == ["953619.jpg", "0042.jpg"]
    assert dataset.records[0].score_counts == {float(s): n for s, n in enumerate(COUNTS, 1) if n}


def test_the_fifteen_columns_may_be_separated_by_commas(tmp_path):
    make(tmp_path, LINE.replace(" ", ","), OTHER.replace(" ", ","), name="ava.csv")
    assert [r.name for r in read(tmp_path).records] == ["953619.jpg", "0953958.jpg"]


def test_columns_of_counts_in_another_order_are_read_by_their_names(tmp_path):
    header = "id," + ",".join(f"count_{s}" for s in range(10, 0, -1))
    make(tmp_path, header, "77,9,0,0,0,0,0,0,0,0,1", name="votes.csv")
    assert read(tmp_path).records[0].score_counts == {1.0: 1.0, 10.0: 9.0}


def test_a_matrix_of_ten_ratings_and_their_total_is_not_taken_for_counts(tmp_path):
    make(tmp_path, "10,7,4,1,7,7,4,4,7,10,61", "4,4,4,1,1,7,4,4,7,1,37", name="scores.csv")
    assert "ava" not in [found.format.name for found in recognise(tmp_path)]


def test_counts_of_images_with_other_names_are_left_to_the_table(tmp_path):
    make(tmp_path, "image," + ",".join(f"count_{s}" for s in range(1, 11)), *csv_of("a.jpg"),
         name="labels.csv")  # fmt: skip
    assert [found.format.name for found in recognise(tmp_path)] == ["table"]
