import csv
import json

import polars as pl
import pytest
from whole_sets import picture

from iae.data.read import read_dataset
from iae.errors import DataError

ROWS = [{"file_name": "a.jpg", "score": 2.5, "emotion": "Awe"},
        {"file_name": "b.jpg", "score": 4.0, "emotion": "fear"}]  # fmt: skip


def write_metadata(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    for row in rows:
        (path.parent / row["file_name"]).write_bytes(picture(1))
    if path.suffix == ".csv":
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)
    elif path.suffix == ".parquet":
        pl.DataFrame(rows).write_parquet(path)
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_a_table_of_somebody_else_is_read_by_its_column_names(tmp_path, suffix):
    write_metadata(tmp_path / f"metadata.{suffix}", ROWS)
    dataset, reason = read_dataset(tmp_path)
    assert dataset.format == "imagefolder"
    assert f"metadata.{suffix}" in reason
    assert [(r.name, r.emotion, r.split) for r in dataset.records] == [
        ("a.jpg", "awe", None), ("b.jpg", "fear", None)]  # fmt: skip
    assert dataset.records[0].aesthetic_mean == pytest.approx(1 + 1.5 / 4 * 9)  # of 1 to 5
    assert any("1 to 5" in note for note in dataset.notes)
    assert dataset.store.read(dataset.records[0]) == picture(1)


def test_folders_are_splits_and_share_one_scale(tmp_path):
    write_metadata(tmp_path / "train" / "metadata.csv", ROWS)
    write_metadata(tmp_path / "validation" / "metadata.csv", [{"file_name": "a.jpg", "score": 9}])
    dataset, _ = read_dataset(tmp_path)
    assert [(r.name, r.split) for r in dataset.records] == [
        ("train/a.jpg", "train"),
        ("train/b.jpg", "train"),
        ("validation/a.jpg", "val"),
    ]
    assert [r.aesthetic_mean for r in dataset.records] == [2.5, 4, 9]  # 9 says: 1 to 10


def test_pictures_without_labels_are_read_and_said_to_have_none(tmp_path):
    write_metadata(tmp_path / "metadata.csv", [{"file_name": "a.jpg", "caption": "a dog"}])
    dataset, _ = read_dataset(tmp_path)
    assert [r.name for r in dataset.records] == ["a.jpg"]
    assert "no column says anything of aesthetics or emotion" in dataset.notes


def test_a_bad_line_is_a_defect(tmp_path):
    write_metadata(tmp_path / "metadata.jsonl", ROWS)
    with (tmp_path / "metadata.jsonl").open("a") as file:
        file.write('{"file_name": \n{"file_name": "a.jpg", "score": "high"}\n')
    dataset, _ = read_dataset(tmp_path)
    assert [(d.code, d.where) for d in dataset.defects] == [
        ("bad-row", "metadata.jsonl:3"), ("bad-value", "metadata.jsonl:4")]  # fmt: skip


def test_a_table_without_file_names_is_refused(tmp_path):
    (tmp_path / "metadata.csv").write_text("image,score\na.jpg,2\n")
    with pytest.raises(DataError, match="has no column 'file_name'"):
        read_dataset(tmp_path, "imagefolder")


def test_a_folder_without_a_table_is_refused(tmp_path):
    with pytest.raises(DataError, match="is no ImageFolder: wanted metadata.jsonl"):
        read_dataset(tmp_path, "imagefolder")
