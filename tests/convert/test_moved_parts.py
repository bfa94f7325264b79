"""Files of a converted set that are away from its ``dataset.json``."""

import io
import json
import shutil
import tarfile
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from whole_sets import picture, rated, whole_set, written

from iae.convert import imagefolder, parquet, webdataset
from iae.convert.target import Target
from iae.data import mark
from iae.data.read import read_dataset
from iae.errors import DataError

FORMS = [pytest.param(form.TARGET, id=form.TARGET.name)
         for form in (imagefolder, parquet, webdataset)]  # fmt: skip
every_form = pytest.mark.parametrize("target", FORMS)


def moved_part(target: Target, tmp_path: Path) -> Path:
    """The folder of the part ``test``, whose one mean of 4.3 could be of 1 to 5, alone."""
    written(target, whole_set(tmp_path / "source"), tmp_path / "out")
    alone = tmp_path / "alone"
    shutil.move(tmp_path / "out" / "test", alone)
    shutil.rmtree(tmp_path / "out")
    return alone


@every_form
def test_scores_of_a_part_that_was_moved_away_are_not_scaled_again(target, tmp_path):
    source = whole_set(tmp_path / "source")
    found, _ = read_dataset(moved_part(target, tmp_path))
    assert found.format == target.name
    (record,) = found.records
    assert replace(record, path=Path()) == replace(source.records[0], path=Path())
    assert found.store.read(record) == picture(0)
    assert found.ratings is not None
    assert rated(found.ratings) == [r for r in rated(source.ratings) if r[0] == record.name]
    assert any("away from its dataset.json" in note for note in found.notes)


@pytest.mark.parametrize("name", ["shard-000000.parquet", "shard-000000.tar", "metadata.parquet"])
def test_one_file_that_was_moved_away_is_known_too(name, tmp_path):
    target = {".tar": webdataset, ".parquet": parquet}[Path(name).suffix].TARGET
    if name.startswith("metadata"):
        target = imagefolder.TARGET
    found, _ = read_dataset(moved_part(target, tmp_path) / name)
    assert [r.aesthetic_mean for r in found.records] == [1 / 3 + 4]


@every_form
def test_a_moved_part_of_a_later_version_is_refused(target, tmp_path, monkeypatch):
    alone = moved_part(target, tmp_path)
    monkeypatch.setattr(mark, "SCHEMA", "iae.rows/0")
    with pytest.raises(DataError, match="written in the form iae.rows/1, this version of iae"):
        read_dataset(alone)


@every_form
def test_files_of_a_set_mixed_with_those_of_somebody_else_are_refused(target, tmp_path):
    alone = moved_part(target, tmp_path)
    if target.name == "parquet":
        frame = pl.read_parquet(alone / "shard-000000.parquet")
        frame.write_parquet(alone / "theirs.parquet")
    elif target.name == "webdataset":
        shutil.copy(tar_of_somebody_else(tmp_path), alone / "theirs.tar")
    else:
        (alone / "train").mkdir()
        labels = json.dumps({"file_name": "a.jpg", "score": 3})
        (alone / "train" / "metadata.jsonl").write_text(labels)
    with pytest.raises(DataError, match="put them into two folders and read each"):
        read_dataset(alone)


def tar_of_somebody_else(tmp_path: Path) -> Path:
    with tarfile.open(tmp_path / "theirs.tar", "w") as tar:
        for name, content in (("a.jpg", picture(1)), ("a.json", b'{"schema": "x", "score": 3}')):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return tmp_path / "theirs.tar"


def test_the_tables_of_all_splits_have_the_same_types(tmp_path):
    written(imagefolder.TARGET, whole_set(tmp_path / "source"), tmp_path / "out")
    tables = sorted((tmp_path / "out").glob("*/metadata.*"))
    schemas = [pl.read_parquet_schema(table) for table in tables]
    assert len(schemas) == 4
    assert all(schema == schemas[0] for schema in schemas)
    assert schemas[0]["group"] == pl.String  # without a value in train
    assert schemas[0]["raters"] == pl.List(pl.String)
    assert pl.Null not in schemas[0].values()
