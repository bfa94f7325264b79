import io
import json
import tarfile

import pytest
from whole_sets import picture

from iae.data.read import read_dataset
from iae.errors import DataError, ImageError


def write_shard(path, files):
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))


def labels(**values):
    return json.dumps(values).encode()


def test_shards_of_somebody_else_are_read_with_their_splits(tmp_path):
    write_shard(tmp_path / "train-000000.tar", {
        "d/1.jpg": picture(1), "d/1.json": labels(emotion="awe"),
        "d/2.json": labels(emotion="fear"), "d/2.seg.png": b"", "d/2.PNG": picture(2, "PNG"),
    })  # fmt: skip
    write_shard(tmp_path / "test-000000.tar", {"d/1.jpg": picture(3), "d/1.json": labels(a=1)})
    dataset, reason = read_dataset(tmp_path)
    assert dataset.format == "webdataset"
    assert "samples such as d/1.jpg" in reason
    found = {(r.emotion, r.split): dataset.store.read(r) for r in dataset.records}
    assert found == {("awe", "train"): picture(1), ("fear", "train"): picture(2, "PNG"),
                     (None, "test"): picture(3)}  # fmt: skip


def test_broken_labels_are_a_defect(tmp_path):
    write_shard(tmp_path / "x.tar", {
        "1.jpg": picture(1), "1.json": labels(score=2), "2.jpg": picture(2), "2.json": b"{",
    })  # fmt: skip
    dataset, _ = read_dataset(tmp_path)
    assert [r.name for r in dataset.records] == ["x.tar/1.jpg"]
    assert [d.code for d in dataset.defects] == ["bad-row"]


def test_a_truncated_shard_is_one_line(tmp_path):
    write_shard(tmp_path / "x.tar", {"1.jpg": picture(1), "1.json": labels(score=2)})
    (tmp_path / "x.tar").write_bytes((tmp_path / "x.tar").read_bytes()[:900])
    with pytest.raises(DataError, match="x.tar is damaged, or no uncompressed tar file"):
        read_dataset(tmp_path, "webdataset")


def test_a_shard_that_shrinks_later_is_an_image_error(tmp_path):
    write_shard(tmp_path / "x.tar", {"1.jpg": picture(1), "1.json": labels(score=2)})
    dataset, _ = read_dataset(tmp_path)
    (tmp_path / "x.tar").write_bytes((tmp_path / "x.tar").read_bytes()[:600])
    with pytest.raises(ImageError, match="ends in the middle of the picture"):
        dataset.store.read(dataset.records[0])
