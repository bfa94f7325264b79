"""Defects of single files: missing, unlisted, empty, unreadable, misnamed, of one colour."""

from collections.abc import Iterator, Sequence
from os.path import normpath
from pathlib import Path

from iae.check.photos import PhotoFacts
from iae.data.dataset import Dataset, FileStore
from iae.data.defects import Defect
from iae.data.formats.iea_images import NoImages
from iae.data.image_files import image_names
from iae.data.records import ImageRecord
from iae.images.kind import SUFFIX_KINDS


def has_no_pictures(dataset: Dataset, records: Sequence[ImageRecord]) -> bool:
    """Whether this is a copy of the labels alone: not one picture is there. Cheap where one is."""
    if isinstance(dataset.store, FileStore):
        return not any(_is_there(record.path) for record in records)
    return isinstance(dataset.store, NoImages)


def no_pictures(dataset: Dataset, records: Sequence[ImageRecord]) -> Defect:
    """The one finding on a copy of the labels alone."""
    example = f", for example {records[0].path}" if isinstance(dataset.store, FileStore) else ""
    number = "the only picture is not" if len(records) == 1 else (
        f"none of {len(records):,} pictures is")  # fmt: skip
    text = f"{number} there{example}; the labels alone were checked"
    return Defect("no-pictures", dataset.name, text)


def file_defects(records: Sequence[ImageRecord], facts: Sequence[PhotoFacts]) -> Iterator[Defect]:
    """What is wrong with each picture by itself."""
    codes = {"missing": "missing-file", "empty": "empty-file", "unreadable": "unreadable"}
    for record, found in zip(records, facts, strict=True):
        if found.state in codes:
            yield Defect(codes[found.state], record.name, found.problem, (record.name,))
        elif found.fingerprint is not None and found.fingerprint.is_flat:
            text = f"{found.fingerprint.width}×{found.fingerprint.height} pixels of one colour"
            yield Defect("flat", record.name, text, (record.name,))
        promised = SUFFIX_KINDS.get(record.path.suffix.lower())
        if found.state == "readable" and promised and found.kind not in (promised, None):
            text = f"its name says {promised}, its content is {found.kind}"
            yield Defect("misnamed", record.name, text)


def unlisted_files(dataset: Dataset, records: Sequence[ImageRecord]) -> Iterator[Defect]:
    """Image files in the data set's image folder, or beside its listed images, that no list names.

    Only where pictures are files.
    """
    if not isinstance(dataset.store, FileStore):
        return
    if dataset.image_folder is not None:
        folders = [dataset.image_folder]
    else:
        folders = sorted({record.path.parent for record in records})
    listed = {normpath(record.path) for record in records}
    for folder in folders:
        for name in image_names(folder):
            path = normpath(folder / name)
            if path not in listed:
                listed.add(path)  # of two folders one may lie in the other
                where = _below(Path(path), dataset.root)
                yield Defect("unlisted-file", where, "no list names it")


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return True  # the folder may not be read: each picture then says so


def _below(path: Path, root: Path) -> str:
    try:
        return path.relative_to(normpath(root)).as_posix()
    except ValueError:
        return str(path)
