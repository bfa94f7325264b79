"""Which photos a study shows: those of a folder, or of a data set."""

import os
from pathlib import Path

from iae.data.image_files import image_names
from iae.data.read import read_dataset
from iae.study.errors import StudyError


def folder_photos(folder: Path) -> tuple[Path, list[str]]:
    """The folder, absolute, and the names of the photos below it.

    Raises:
        StudyError: there is no such folder, or no photo in it.
        DataError: a folder below it may not be read.
    """
    if not folder.is_dir():
        raise StudyError(f"there is no folder {folder}")
    names = list(image_names(folder))
    if not names:
        raise StudyError(f"{folder} holds no photo")
    return Path(os.path.realpath(folder)), names


def dataset_photos(path: Path) -> tuple[Path, list[str]]:
    """The folder that all pictures of a data set lie in, and their names below it.

    Raises:
        StudyError: it has no pictures that are files (they are inside of tables or archives).
        DataError: it cannot be read.
    """
    dataset, _ = read_dataset(path)
    files = [Path(os.path.realpath(record.path)) for record in dataset.records]
    there = sorted({file for file in files if file.is_file()})
    if not there:
        raise StudyError(f"{path} has no pictures that are files; convert it first: iae data "
                         f"convert {path} --to imagefolder -o FOLDER")  # fmt: skip
    root = Path(os.path.commonpath([file.parent for file in there]))
    return root, [file.relative_to(root).as_posix() for file in there]
