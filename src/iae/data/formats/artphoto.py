"""ArtPhoto (Machajdik & Hanbury, ACM MM 2010): one folder, the emotion begins each file name.

Its 806 files are called ``amusement_0001.jpg``, ``sad_0140.jpg`` and the like. Other folders named
in this way (copies of FI, for instance) are read as well.
"""

from collections import Counter
from pathlib import Path

from iae.data.dataset import Dataset
from iae.data.defects import Defect
from iae.data.emotion_names import emotion_named, other_vocabulary
from iae.data.formats.format import Format, ReadOptions
from iae.data.image_files import image_names, is_image_name
from iae.data.records import ImageRecord
from iae.errors import DataError

_FOLDER = "testImages_artphoto"
"""What the published archive unpacks to."""


def _prefix(name: str) -> str:
    """The part of a file name before its first underscore; none without an underscore."""
    before, underscore, _ = name.rpartition("/")[2].partition("_")
    return before if underscore else ""


def _folder(path: Path) -> Path:
    return path / _FOLDER if (path / _FOLDER).is_dir() else path


def _recognise(path: Path) -> str | None:
    folder = _folder(path)
    if not folder.is_dir():
        return None
    names = [entry.name for entry in folder.iterdir() if is_image_name(entry.name)]
    named = [name for name in names if emotion_named(_prefix(name))]
    if len({_prefix(name) for name in named}) < 2 or 2 * len(named) <= len(names):
        return None
    return (
        f"{len(named):,} of its {len(names):,} image files begin with an emotion, as {min(named)}"
    )


def _read(path: Path, options: ReadOptions) -> Dataset:
    del options
    folder = _folder(path)
    names = list(image_names(folder))
    foreign = other_vocabulary(sorted({_prefix(name) for name in names}))
    if foreign:
        raise DataError(f"{folder}: files begin with {', '.join(foreign)}, which are none of the "
                        "eight emotions; labels of another vocabulary are not guessed, map them "
                        "in a table")  # fmt: skip
    emotions = {name: emotion_named(_prefix(name)) for name in names}
    records = [
        ImageRecord(path=folder / name, name=name, source=path.resolve().name, emotion=emotion)
        for name, emotion in emotions.items() if emotion
    ]  # fmt: skip
    if not records:
        raise DataError(f"{folder}: no image file begins with an emotion, as 'awe_0001.jpg'")
    defects = [
        Defect("bad-row", name, f"'{_prefix(name) or name}' is none of the eight emotions")
        for name, emotion in emotions.items() if not emotion
    ]  # fmt: skip
    spelt = Counter(_prefix(record.name) for record in records)
    notes = [f"'{name}' is read as {emotion}" for name in sorted(spelt)
             if (emotion := emotion_named(name)) != name.lower()]  # fmt: skip
    return Dataset(root=path, format=FORMAT.name, records=records, image_folder=folder,
                   notes=["the emotion is the first part of the file name", *notes],
                   defects=defects)  # fmt: skip


FORMAT = Format(
    name="artphoto",
    title="ArtPhoto, or any folder of files called EMOTION_NUMBER.jpg",
    recognise=_recognise,
    read=_read,
)
