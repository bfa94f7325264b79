import errno
import os

import pytest

from iae.data.image_files import ImageFiles, first_folder, image_names
from iae.errors import DataError


def test_a_file_is_found_by_path_by_id_and_whatever_its_suffix(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    for name in ("a/1.JPG", "b/1.png", "b/007.jpeg"):
        (tmp_path / name).touch()
    files = ImageFiles(tmp_path)
    assert files.find("b/1.jpg") == tmp_path / "b" / "1.png"
    assert files.find("a/1") == tmp_path / "a" / "1.JPG"
    assert files.find("007") == tmp_path / "b" / "007.jpeg"
    assert files.find("7") is None


def test_where_a_missing_file_should_be_is_said(tmp_path):
    assert ImageFiles(tmp_path / "gone").expect("42") == tmp_path / "gone" / "42.jpg"


def test_dots_in_an_id_are_no_suffix(tmp_path):
    (tmp_path / "v1.5.jpg").touch()
    assert ImageFiles(tmp_path).find("v1.5") == tmp_path / "v1.5.jpg"


def test_a_circle_of_symlinks_is_not_walked(tmp_path):
    (tmp_path / "1.jpg").touch()
    (tmp_path / "again").symlink_to(tmp_path)
    assert list(image_names(tmp_path)) == ["1.jpg"]


def test_a_folder_is_found_whatever_its_case(tmp_path):
    (tmp_path / "Images").mkdir()
    assert first_folder(tmp_path, ("imgs", "images")) == tmp_path / "Images"
    assert first_folder(tmp_path / "gone", ("imgs",)) is None


def test_a_folder_that_may_not_be_read_is_said_and_not_passed_over(tmp_path, monkeypatch):
    # As root, which may read every folder: the error is made.
    (tmp_path / "shut").mkdir()
    scandir = os.scandir

    def scan(path):
        if str(path).endswith("shut"):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", scan)
    with pytest.raises(DataError, match=r"cannot read the folder .*shut: Permission denied; make"):
        list(image_names(tmp_path))


def test_a_folder_that_is_not_there_has_no_images(tmp_path):
    assert list(image_names(tmp_path / "gone")) == []
