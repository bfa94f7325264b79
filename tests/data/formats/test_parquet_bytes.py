import polars as pl
import pytest
from whole_sets import picture

from iae.data.read import read_dataset
from iae.errors import DataError, ImageError


def write_shard(path, numbers, **columns):
    path.parent.mkdir(parents=True, exist_ok=True)
    cells = [None if n is None else {"bytes": picture(n), "path": None} for n in numbers]
    kind = pl.Struct({"bytes": pl.Binary, "path": pl.String})
    pl.DataFrame({"image": pl.Series(cells, dtype=kind), **columns}).write_parquet(path)


def test_shards_of_somebody_else_are_read_with_their_splits(tmp_path):
    write_shard(tmp_path / "data" / "train-00000-of-00001.parquet", [1, 2], emotion=["awe", "fear"])
    write_shard(tmp_path / "data" / "test-00000-of-00001.parquet", [3], emotion=["anger"])
    dataset, reason = read_dataset(tmp_path)
    assert dataset.format == "parquet"
    assert "pictures in its column 'image'" in reason
    found = {(r.emotion, r.split): dataset.store.read(r) for r in dataset.records}
    assert found == {("awe", "train"): picture(1), ("fear", "train"): picture(2),
                     ("anger", "test"): picture(3)}  # fmt: skip


def test_one_shard_alone_can_be_named(tmp_path):
    write_shard(tmp_path / "x.parquet", [1], score=[3.5])
    dataset, _ = read_dataset(tmp_path / "x.parquet")
    assert dataset.store.read(dataset.records[0]) == picture(1)


def test_pictures_without_any_column_beside_them_are_read(tmp_path):
    write_shard(tmp_path / "x.parquet", [1, 2])
    dataset, _ = read_dataset(tmp_path)
    assert [dataset.store.read(r) for r in dataset.records] == [picture(1), picture(2)]


def test_a_row_without_picture_is_an_image_error(tmp_path):
    write_shard(tmp_path / "x.parquet", [None, 2], score=[3.5, 4])
    dataset, _ = read_dataset(tmp_path)
    with pytest.raises(ImageError, match="row 1 of x.parquet holds no picture"):
        dataset.store.read(dataset.records[0])


def test_a_truncated_shard_is_one_line(tmp_path):
    write_shard(tmp_path / "x.parquet", [1, 2], score=[3.5, 4])
    whole = (tmp_path / "x.parquet").read_bytes()
    (tmp_path / "x.parquet").write_bytes(whole[:-20])
    with pytest.raises(DataError, match="cannot read .*x.parquet"):
        read_dataset(tmp_path, "parquet")


def test_a_table_of_labels_alone_is_another_format(tmp_path):
    pl.DataFrame({"image": ["a.jpg"], "score": [2.0]}).write_parquet(tmp_path / "labels.parquet")
    assert read_dataset(tmp_path)[0].format == "table"
