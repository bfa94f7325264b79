import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from whole_sets import whole_set

from iae.convert.imagefolder import TARGET
from iae.convert.job import TARGETS, convert
from iae.convert.target import Target, WriteOptions
from iae.data.dataset import Dataset
from iae.errors import DataError, OutputError


def run(dataset: Dataset, out: Path, target: Target = TARGET) -> None:
    convert(dataset, target, out, WriteOptions(), lambda done, total: None)


def test_every_form_has_its_own_name():
    assert [target.name for target in TARGETS] == [
        "uae", "iea", "imagefolder", "parquet", "webdataset"]  # fmt: skip


def test_an_empty_folder_is_filled_and_nothing_else_is_left(tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    run(whole_set(tmp_path / "source"), out)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "source"]
    assert (out / "dataset.json").is_file()
    assert not (out / ".iae-convert").exists()


def test_a_folder_with_contents_stays_as_it_is(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    with pytest.raises(OutputError, match="exists already; choose a new or empty folder"):
        run(whole_set(tmp_path / "source"), tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("below", [".", "converted"])
def test_nothing_is_written_into_the_data_set(tmp_path, below):
    dataset = whole_set(tmp_path / "source")
    with pytest.raises(OutputError, match="lies inside the data set"):
        run(dataset, tmp_path / "source" / below)


def test_a_folder_of_the_users_in_the_way_is_not_touched(tmp_path):
    (tmp_path / "out.part").mkdir()
    (tmp_path / "out.part" / "mine.txt").write_text("mine")
    with pytest.raises(OutputError, match="was not made by iae data convert"):
        run(whole_set(tmp_path / "source"), tmp_path / "out")
    assert (tmp_path / "out.part" / "mine.txt").read_text() == "mine"


def test_what_a_killed_run_left_is_replaced(tmp_path):
    part = tmp_path / "out.part"
    (part / "train").mkdir(parents=True)
    (part / ".iae-convert").touch()
    (part / "train" / "metadata.parquet").write_text("half a li")
    (part / "train" / "half.jpg").write_text("half")
    run(whole_set(tmp_path / "source"), tmp_path / "out")
    assert not part.exists()
    assert (tmp_path / "out" / "train" / "metadata.parquet").read_bytes()[:4] == b"PAR1"
    assert not (tmp_path / "out" / "train" / "half.jpg").exists()


def test_two_runs_do_not_write_one_folder(tmp_path):
    part = tmp_path / "out.part"
    part.mkdir()
    code = """
import fcntl, sys, time
mark = open(sys.argv[1], "a")
fcntl.flock(mark, fcntl.LOCK_EX)
print("locked", flush=True)
time.sleep(60)
"""
    with subprocess.Popen(
        [sys.executable, "-c", code, part / ".iae-convert"], stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        try:
            with pytest.raises(OutputError, match="another iae data convert is writing"):
                run(whole_set(tmp_path / "source"), tmp_path / "out")
        finally:
            os.kill(other.pid, signal.SIGKILL)
    assert part.exists()


def test_a_removal_cut_short_leaves_the_mark_for_the_next_run(tmp_path, monkeypatch):
    dataset = whole_set(tmp_path / "source")
    for record in dataset.records:
        record.path.unlink()

    def interrupted(path, *args, **kwargs):
        raise KeyboardInterrupt

    (tmp_path / "out.part" / "train").mkdir(parents=True)
    (tmp_path / "out.part" / ".iae-convert").touch()
    with monkeypatch.context() as patched:
        patched.setattr(shutil, "rmtree", interrupted)
        with pytest.raises(KeyboardInterrupt):
            run(dataset, tmp_path / "out")
    assert (tmp_path / "out.part" / ".iae-convert").exists()


def test_after_a_failure_nothing_is_left(tmp_path):
    dataset = whole_set(tmp_path / "source")
    for record in dataset.records:
        record.path.unlink()
    with pytest.raises(DataError, match="none of the 6 pictures"):
        run(dataset, tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["source"]
