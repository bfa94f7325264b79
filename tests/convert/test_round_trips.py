import hashlib
import json
import tarfile
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from whole_sets import picture, rated, whole_set, written

from iae.convert import imagefolder, parquet, webdataset
from iae.data.dataset import Dataset
from iae.data.read import read_dataset
from iae.data.records import ImageRecord
from iae.errors import DataError, ImageError

FORMS = [pytest.param(form.TARGET, id=form.TARGET.name)
         for form in (imagefolder, parquet, webdataset)]  # fmt: skip
every_form = pytest.mark.parametrize("target", FORMS)


@every_form
def test_everything_comes_back(target, tmp_path):
    source = whole_set(tmp_path / "source")
    found = written(target, source, tmp_path / "out", shard_size=2)
    assert found.format == target.name
    assert [replace(r, path=Path()) for r in found.records] == [
        replace(r, path=Path()) for r in source.records
    ]
    assert [found.store.read(r) for r in found.records] == [
        source.store.read(r) for r in source.records
    ]
    assert found.ratings is not None
    assert rated(found.ratings) == rated(source.ratings)
    assert list(found.ratings.items) == list(source.ratings.items)
    assert list(found.ratings.raters) == list(source.ratings.raters)
    assert found.ratings.scale == source.ratings.scale
    assert found.pairs == source.pairs
    assert found.pair_votes == source.pair_votes
    assert found.notes[0] == "a note"
    assert not found.defects


@every_form
def test_the_labels_alone_come_back_too(target, tmp_path):
    source = whole_set(tmp_path / "source")
    found = written(target, source, tmp_path / "out", images=False)
    if target.name == "imagefolder":
        assert [r.name for r in found.records] == [r.name for r in source.records]
    assert [replace(r, path=Path()) for r in found.records] == [
        replace(r, path=Path()) for r in source.records
    ]
    with pytest.raises(ImageError):
        found.store.read(found.records[0])


@every_form
def test_one_part_of_a_converted_set_can_be_read(target, tmp_path):
    written(target, whole_set(tmp_path / "source"), tmp_path / "out")
    found, _ = read_dataset(tmp_path / "out" / "train")
    assert [record.name for record in found.records] == ["2020/a.jpg", "A.JPG"]


@every_form
def test_a_picture_that_cannot_be_read_is_left_out_and_listed(target, tmp_path):
    source = whole_set(tmp_path / "source")
    source.records[0].path.unlink()
    source.records[1].path.write_bytes(b"")
    source.records[2].path.write_bytes(b"Dear diary")
    found = written(target, source, tmp_path / "out")
    assert [r.name for r in found.records] == [r.name for r in source.records[3:]]
    listed = (tmp_path / "out" / "left_out.csv").read_text("utf-8")
    assert "2019/a.jpg,there is no such file" in listed
    assert "2020/a.jpg,the file is empty" in listed
    assert "not a photo in a format that is read" in listed


@every_form
def test_without_any_readable_picture_it_says_what_to_do(target, tmp_path):
    record = ImageRecord(path=tmp_path / "gone.jpg", name="gone.jpg", source="study")
    (tmp_path / "out").mkdir()
    with pytest.raises(DataError, match="none of the 1 pictures .* --no-images"):
        written(target, Dataset(root=tmp_path, format="x", records=[record]), tmp_path / "out2")


@every_form
def test_two_runs_write_the_same_bytes(target, tmp_path):
    source = whole_set(tmp_path / "source")
    digests = []
    for out in (tmp_path / "one", tmp_path / "two"):
        written(target, source, out)
        digests.append({str(p.relative_to(out)): hashlib.sha256(p.read_bytes()).hexdigest()
                        for p in out.rglob("*") if p.is_file()})  # fmt: skip
    assert digests[0] == digests[1]


@every_form
def test_photos_of_pairs_become_rows(target, tmp_path):
    source = whole_set(tmp_path / "source")
    folder = tmp_path / "photos"
    folder.mkdir()
    pair = replace(source.pairs[0], photo_a="1.jpg", photo_b="2.jpg")
    for i in (1, 2):
        (folder / f"{i}.jpg").write_bytes(picture(i))
    pairs = Dataset(root=tmp_path, format="pairs", pairs=[pair], image_folder=folder)
    found = written(target, pairs, tmp_path / "out")
    assert [(r.name, r.group, r.split) for r in found.records] == [
        ("1.jpg", "s", "train"), ("2.jpg", "s", "train")]  # fmt: skip
    assert found.pairs == [pair]


@every_form
def test_a_file_of_a_later_version_is_refused(target, tmp_path):
    written(target, whole_set(tmp_path / "source"), tmp_path / "out")
    manifest = tmp_path / "out" / "dataset.json"
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "schema": "iae.rows/2"}))
    with pytest.raises(DataError, match="iae.rows/2, this version of iae reads iae.rows/1"):
        read_dataset(tmp_path / "out")


def test_shards_have_the_size_that_was_asked_for(tmp_path):
    source = whole_set(tmp_path / "source")
    source = replace(source, records=[replace(r, split=None) for r in source.records], pairs=[])
    written(parquet.TARGET, source, tmp_path / "p", shard_size=4)
    written(webdataset.TARGET, source, tmp_path / "w", shard_size=4)
    shards = sorted((tmp_path / "p" / "data").iterdir())
    assert [pl.read_parquet(shard).height for shard in shards] == [4, 2]
    names = sorted(shard.name for shard in (tmp_path / "w" / "data").iterdir())
    assert names == ["shard-000000.tar", "shard-000001.tar"]


def test_shards_know_no_time_and_no_owner(tmp_path):
    written(webdataset.TARGET, whole_set(tmp_path / "source"), tmp_path / "out")
    with tarfile.open(tmp_path / "out" / "train" / "shard-000000.tar") as tar:
        members = tar.getmembers()
    assert [m.name for m in members] == [
        "000000001.jpg", "000000001.json", "000000005.jpg", "000000005.json"]  # fmt: skip
    assert {(m.mtime, m.uid, m.gid, m.uname) for m in members} == {(0, 0, 0, "")}
