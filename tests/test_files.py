"""Files appear whole or not at all."""

import subprocess
import sys
from pathlib import Path

import pytest

from iae.errors import OutputError
from iae.files import keep_outside, make_folder, written_whole


def test_a_file_takes_its_name_when_it_is_complete(tmp_path: Path):
    target = tmp_path / "new" / "a.txt"
    with written_whole(target) as part:
        part.write_text("whole")
        assert not target.exists()
    assert target.read_text() == "whole"
    assert list(target.parent.iterdir()) == [target]


def test_when_writing_fails_the_older_file_stays_and_no_other_is_left(tmp_path: Path):
    target = tmp_path / "a.txt"
    target.write_text("old")

    def write_half() -> None:
        with written_whole(target) as part:
            part.write_text("half")
            raise ValueError("something else is wrong")

    with pytest.raises(ValueError, match="something else"):
        write_half()
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_write_that_the_system_refuses_names_the_file_and_the_reason(tmp_path: Path):
    (tmp_path / "folder").mkdir()
    with (
        pytest.raises(OutputError, match=r"cannot write .*folder: Is a directory"),
        written_whole(tmp_path / "folder") as part,
    ):
        part.write_text("x")


def test_a_file_below_a_file_is_refused_in_one_sentence(tmp_path: Path):
    (tmp_path / "file").write_text("mine")
    with (
        pytest.raises(OutputError, match="cannot make the folder .*file: a file has that name"),
        written_whole(tmp_path / "file" / "a.txt"),
    ):
        pass
    assert (tmp_path / "file").read_text() == "mine"


def test_a_folder_that_exists_is_fine(tmp_path: Path):
    make_folder(tmp_path)


def test_a_folder_below_a_file_is_refused(tmp_path: Path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(OutputError, match=r"a part of that path is a file; choose another with -o"):
        make_folder(tmp_path / "file" / "below")


def test_a_folder_where_nothing_may_be_written_is_refused(tmp_path: Path, as_anybody: list[str]):
    tmp_path.chmod(0o500)
    code = """
import sys
from pathlib import Path
from iae.errors import OutputError
from iae.files import written_whole
try:
    with written_whole(Path(sys.argv[1])) as part:
        part.write_text("x")
except OutputError as error:
    print(error)
"""
    command = [*as_anybody, sys.executable, "-c", code, str(tmp_path / "a.txt")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    tmp_path.chmod(0o700)
    assert done.stdout == f"cannot write into the folder {tmp_path}: Permission denied\n"


def test_a_folder_is_no_place_for_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    for target in (tmp_path, Path(), Path(".."), Path("/")):
        with (
            pytest.raises(OutputError, match="Is a directory; name a file"),
            written_whole(target),
        ):
            raise AssertionError("nothing can be written here")


def test_what_lies_in_the_source_or_is_it_is_refused(tmp_path: Path):
    source = tmp_path / "set"
    source.mkdir()
    (source / "labels.csv").touch()
    (tmp_path / "link").symlink_to(source)
    for target in (
        source,
        source / "new" / "a.txt",
        tmp_path / "link" / "b",
        source / ".." / "set",
    ):
        with pytest.raises(OutputError, match="lies inside the data set .*outside with -o"):
            keep_outside(target, source, "-o")
    with pytest.raises(OutputError, match="outside with --list"):
        keep_outside(source / "labels.csv", source / "labels.csv", "--list")
    keep_outside(tmp_path / "set-report", source, "-o")
    keep_outside(source / "report", source / "labels.csv", "-o")
