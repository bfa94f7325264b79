"""Abstract (Machajdik & Hanbury, ACM MM 2010): votes for the eight emotions on abstract paintings.

``ABSTRACT_groundTruth.csv`` has the file name and the votes for Amusement, Anger, Awe, Content,
Disgust, Excitement, Fear and Sad, with single quotes around names; the paintings lie beside it.
"""

from pathlib import Path

from iae.data.dataset import Dataset
from iae.data.defects import Defect
from iae.data.emotion_names import emotion_named, other_vocabulary
from iae.data.formats.format import Format, ReadOptions
from iae.data.image_files import ImageFiles, with_suffix
from iae.data.records import ImageRecord
from iae.data.text_rows import text_rows, to_count
from iae.errors import DataError

_TABLE = "abstract_groundtruth.csv"
_FOLDER = "testImages_abstract"


def _table(path: Path) -> Path | None:
    """The table a path means, whatever the case of its name."""
    if path.is_file():
        return path if path.name.lower() == _TABLE else None
    for folder in (path, path / _FOLDER):
        if folder.is_dir():
            for entry in sorted(folder.iterdir()):
                if entry.name.lower() == _TABLE and entry.is_file():
                    return entry
    return None


def _recognise(path: Path) -> str | None:
    table = _table(path)
    return None if table is None else f"there is {table.name}"


def _read(path: Path, options: ReadOptions) -> Dataset:
    del options
    table = _table(path) or path
    if not table.is_file():
        raise DataError(f"{path} holds no ABSTRACT_groundTruth.csv")
    rows = text_rows(table, quote="'")
    _, header = next(rows, (0, []))
    columns = _emotion_columns(header, table)
    images = ImageFiles(table.parent)
    records: dict[str, ImageRecord] = {}
    defects: list[Defect] = []
    for line, cells in rows:
        where = f"{table.name}:{line}"
        try:
            name, votes = _row(cells, len(header), columns)
        except ValueError as error:
            defects.append(Defect("bad-row", where, str(error)))
            continue
        if name in records:
            defects.append(Defect("doubled-id", where, f"{name} has a row already"))
            continue
        records[name] = ImageRecord(path=images.expect(name), name=with_suffix(name),
                                    source=path.resolve().name, emotion_votes=votes)  # fmt: skip
    if not records:
        raise DataError(f"{table}: none of its rows can be read; wanted a file name and "
                        f"{len(columns)} counts of votes")  # fmt: skip
    return Dataset(root=path, format=FORMAT.name, records=list(records.values()),
                   image_folder=table.parent, notes=_notes(header), defects=defects)  # fmt: skip


def _emotion_columns(header: list[str], table: Path) -> dict[str, int]:
    """Emotion -> column. Raises ``DataError``."""
    foreign = other_vocabulary(header)
    if foreign:
        raise DataError(f"{table}: the column {foreign[0]} is none of the eight emotions; votes "
                        "of another vocabulary are not guessed, use --mapping")  # fmt: skip
    columns: dict[str, int] = {}
    for column, name in enumerate(header[1:], 1):
        emotion = emotion_named(name)
        if emotion in columns:
            raise DataError(f"{table}: {emotion} has two columns")
        if emotion:
            columns[emotion] = column
    if len(columns) < 2:
        raise DataError(f"{table}: wanted a header that names the image and the emotions, found "
                        f"'{','.join(header)}'")  # fmt: skip
    return columns


def _row(cells: list[str], width: int, columns: dict[str, int]) -> tuple[str, dict[str, float]]:
    if len(cells) != width:
        raise ValueError(f"{len(cells)} cells, the header has {width}")
    name = cells[0].strip(" \t'\"")
    if not name:
        raise ValueError("the file name is missing")
    return name, {emotion: to_count(cells[column]) for emotion, column in columns.items()}


def _notes(header: list[str]) -> list[str]:
    known = [(name.strip(" \t'\""), emotion_named(name)) for name in header[1:]]
    return [
        *(f"'{name}' is read as {e}" for name, e in known if e and e != name.lower()),
        *(f"the column '{name}' is not read" for name, emotion in known if emotion is None),
    ]


FORMAT = Format(
    name="abstract",
    title="Abstract: ABSTRACT_groundTruth.csv with votes beside the paintings",
    recognise=_recognise,
    read=_read,
)
