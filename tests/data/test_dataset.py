"""Where pictures come from."""

from pathlib import Path

import pytest

from iae.data.dataset import FileStore
from iae.data.records import ImageRecord
from iae.errors import ImageError


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("gone.jpg", "there is no such file"),
        (".", "cannot read the file: Is a directory"),
        ("x" * 300, "cannot read the file: File name too long"),
        ("a\0b.jpg", "no file can be called so"),
        ("\ud800.jpg", "no file can be called so"),
    ],
    ids=["missing", "folder", "long", "null byte", "half a character"],
)
def test_a_picture_that_cannot_be_read_says_why(tmp_path: Path, name: str, reason: str):
    with pytest.raises(ImageError, match=f"^{reason}$"):
        FileStore().read(ImageRecord(path=tmp_path / name, name=name, source="study"))
