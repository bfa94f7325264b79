"""One folder an emotion, as FI-8 (You et al., AAAI 2016) comes, possibly below train/val/test."""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from iae.data.dataset import Dataset
from iae.data.emotion_names import emotion_named, other_vocabulary
from iae.data.formats.format import Format, ReadOptions
from iae.data.image_files import image_names, is_image_name, subfolders
from iae.data.records import ImageRecord, Split
from iae.errors import DataError

_SPLITS: Mapping[str, Split] = {"train": "train", "training": "train", "val": "val",
                                "valid": "val", "validation": "val", "test": "test"}  # fmt: skip


class _Class(NamedTuple):
    """A folder whose images have one label."""

    name: str
    """Its path as the data set writes it."""
    folder: Path
    split: Split | None


def _classes(path: Path) -> list[_Class]:
    """The folders that should be named by emotions: those in it, or in its train, val and test."""
    found = []
    for folder in subfolders(path):
        split = _SPLITS.get(folder.name.lower())
        if split is None:
            found.append(_Class(folder.name, folder, None))
        else:
            found += [_Class(f"{folder.name}/{f.name}", f, split) for f in subfolders(folder)]
    return found


def _has_metadata(path: Path) -> bool:
    """Whether it is an ImageFolder with a table, which says more than the names of folders."""
    parts = [path, *(folder for folder in subfolders(path) if folder.name.lower() in _SPLITS)]
    return any((part / f"metadata.{kind}").is_file()
               for part in parts for kind in ("csv", "jsonl", "parquet"))  # fmt: skip


def _recognise(path: Path) -> str | None:
    if not path.is_dir() or _has_metadata(path):
        return None
    names = {each.folder.name for each in _classes(path)}
    named = sorted(name for name in names if emotion_named(name))
    if len(named) < 2 or 2 * len(named) <= len(names):
        return None
    return f"{len(named)} of its {len(names)} sub-folders are emotions: {', '.join(named)}"


def _read(path: Path, options: ReadOptions) -> Dataset:
    del options
    if not path.is_dir():
        raise DataError(f"{path} is no folder; wanted one with a sub-folder for each emotion")
    classes = _classes(path)
    foreign = other_vocabulary(sorted({each.folder.name for each in classes}))
    if foreign:
        raise DataError(f"{path}: the folders {', '.join(foreign)} are none of the eight emotions;"
                        " labels of another vocabulary are not guessed, map them in a table"
                        )  # fmt: skip
    source = path.resolve().name
    records = [record for each in classes for record in _records(each, source)]
    if not records:
        raise DataError(f"{path}: no image in a sub-folder that is named by an emotion")
    return Dataset(root=path, format=FORMAT.name, records=records, image_folder=path,
                   notes=[*_notes(path, classes, records)])  # fmt: skip


def _records(each: _Class, source: str) -> Iterator[ImageRecord]:
    emotion = emotion_named(each.folder.name)
    if emotion is None:
        return
    for name in image_names(each.folder):
        yield ImageRecord(path=each.folder / name, name=f"{each.name}/{name}", source=source,
                          split=each.split, emotion=emotion)  # fmt: skip


def _notes(path: Path, classes: list[_Class], records: list[ImageRecord]) -> Iterator[str]:
    yield "the emotion is the name of the folder"
    for name in sorted({each.folder.name for each in classes}):
        emotion = emotion_named(name)
        if emotion is None:
            yield f"the folder '{name}' is none of the eight emotions and is left out"
        elif emotion != name.lower():
            yield f"'{name}' is read as {emotion}"
    found = Counter(record.emotion for record in records)
    for emotion in sorted({e for each in classes if (e := emotion_named(each.folder.name))}):
        if not found[emotion]:
            yield f"there is no image of {emotion}"
    loose = sum(is_image_name(entry.name) for entry in path.iterdir())
    if loose:
        yield f"{loose:,} images outside of the folders have no label and are left out"


FORMAT = Format(
    name="folders",
    title="FI-8 and others: one folder of images for each emotion",
    recognise=_recognise,
    read=_read,
)
