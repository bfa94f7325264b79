"""Where a sidecar lies, and which photo of one stem has it."""

import os
from pathlib import Path

import pytest

from iae.errors import XmpError
from iae.xmp.sidecar import read_sidecar, sidecar_of


def test_a_sidecar_has_the_whole_name_of_its_photo():
    assert sidecar_of(Path("a/b.c.jpg"), {"b.c.jpg"}, stem=False) == Path("a/b.c.jpg.xmp")


def test_by_the_stem_it_has_the_name_without_the_suffix():
    assert sidecar_of(Path("a/b.c.jpg"), {"b.c.jpg"}, stem=True) == Path("a/b.c.xmp")


def test_one_that_is_there_in_capitals_is_the_one():
    assert sidecar_of(Path("a.jpg"), {"a.XMP"}, stem=True) == Path("a.XMP")
    assert sidecar_of(Path("a.jpg"), {"a.XMP", "a.xmp"}, stem=True) == Path("a.xmp")


def test_a_raw_file_has_the_sidecar_of_its_stem():
    names = {"a.jpg", "a.CR2"}
    assert sidecar_of(Path("a.CR2"), names, stem=True) == Path("a.xmp")
    with pytest.raises(XmpError, match=r"a\.xmp is that of a\.CR2; use --xmp sidecar"):
        sidecar_of(Path("a.jpg"), names, stem=True)
    assert sidecar_of(Path("a.jpg"), names, stem=False) == Path("a.jpg.xmp")


@pytest.mark.parametrize("photo", ["a.jpg", "a.png", "a.NEF", "a.dng"])
def test_photos_that_would_share_a_sidecar_get_none_by_the_stem(photo: str):
    others = {"a.NEF", "a.dng"} if photo in ("a.NEF", "a.dng") else {"a.jpg", "a.png"}
    with pytest.raises(XmpError, match=r"a\.xmp (would be shared with|is that of) a\."):
        sidecar_of(Path(photo), others, stem=True)


def test_other_files_of_the_stem_are_no_photos():
    names = {"a.jpg", "a.txt", "a.mov", "a.jpg.xmp", "ab.jpg"}
    assert sidecar_of(Path("a.jpg"), names, stem=True) == Path("a.xmp")


def test_no_sidecar_is_nothing(tmp_path: Path):
    assert read_sidecar(tmp_path / "a.xmp") is None


def test_what_is_no_file_is_named(tmp_path: Path):
    (tmp_path / "d.xmp").mkdir()
    with pytest.raises(XmpError, match=r"d\.xmp is a directory; move it away"):
        read_sidecar(tmp_path / "d.xmp")
    os.mkfifo(tmp_path / "p.xmp")
    with pytest.raises(XmpError, match=r"p\.xmp is no plain file"):
        read_sidecar(tmp_path / "p.xmp")


def test_links_that_lead_nowhere_are_named(tmp_path: Path):
    (tmp_path / "l.xmp").symlink_to("gone")
    with pytest.raises(XmpError, match=r"l\.xmp is a link that leads nowhere"):
        read_sidecar(tmp_path / "l.xmp")
    (tmp_path / "c.xmp").symlink_to("c.xmp")
    with pytest.raises(XmpError, match=r"c\.xmp"):
        read_sidecar(tmp_path / "c.xmp")


def test_a_name_too_long_is_said(tmp_path: Path):
    with pytest.raises(XmpError, match="File name too long"):
        read_sidecar(tmp_path / ("a" * 252 + ".xmp"))


def test_a_huge_file_is_not_read(tmp_path: Path):
    with (tmp_path / "h.xmp").open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(XmpError, match="larger than 64 MiB"):
        read_sidecar(tmp_path / "h.xmp")
