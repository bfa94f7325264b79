"""EVA (Kang, Valenzise & Dufaux, ATQAM/MAST 2020): ratings 0–10 and four attributes 1–4 by rater.

``votes_filtered.csv`` separates its columns by ``=``: image_id, user_id, score, difficulty, visual,
composition, quality, semantic, vote_time, 1, 2, 3, 4 (the factors that were ticked). ``votes.csv``
has the same before filtering. Photos are ``images/EVA_together/ID.jpg``, or below
``images/EVA_category`` by content; the archive holds more of them than were voted on.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from iae.data.dataset import Dataset
from iae.data.formats.format import Format, ReadOptions
from iae.data.image_files import ImageFiles, first_folder, with_suffix
from iae.data.long_ratings import LongColumns, LongRatings, read_long_ratings
from iae.data.rated import rated_labels
from iae.data.records import ImageRecord
from iae.data.text_rows import first_row, text_rows
from iae.errors import DataError

_TABLES = ("votes_filtered.csv", "votes.csv")
_FOLDERS = ("", "data", "eva-dataset-master/data", "eva-dataset/data")
_SCORE = "score"
_SCALES: Mapping[str, tuple[float, float]] = {
    _SCORE: (0.0, 10.0),
    "visual": (1.0, 4.0),
    "composition": (1.0, 4.0),
    "quality": (1.0, 4.0),
    "semantic": (1.0, 4.0),
}
_NEEDED = ("image_id", "user_id", _SCORE)


def _table(path: Path) -> Path | None:
    """The votes a path means; the filtered ones where both are there."""
    if path.is_file():
        return path if set(_NEEDED) <= set(_header(path)) else None
    for name in _TABLES:
        for folder in _FOLDERS:
            table = path / folder / name
            if table.is_file() and set(_NEEDED) <= set(_header(table)):
                return table
    return None


def _header(table: Path) -> list[str]:
    return [name.lower() for name in first_row(table, "=")]


def _recognise(path: Path) -> str | None:
    table = _table(path)
    return None if table is None else f"{table.name} has votes separated by '='"


def _read(path: Path, options: ReadOptions) -> Dataset:
    del options
    table = _table(path)
    if table is None:
        raise DataError(f"{path} holds no {_TABLES[0]} with the columns {', '.join(_NEEDED)} "
                        "separated by '='")  # fmt: skip
    header = _header(table)
    questions = {name: (header.index(name), scale)
                 for name, scale in _SCALES.items() if name in header}  # fmt: skip
    columns = LongColumns(width=len(header), image=(header.index("image_id"),),
                          rater=header.index("user_id"), questions=questions)  # fmt: skip
    rows = text_rows(table, "=")
    next(rows)
    long = read_long_ratings(rows, columns, table.name)
    if not len(long.image):
        raise DataError(f"{table}: none of its rows can be read; wanted {'='.join(header)}")
    images = _images(path, table)
    names = [with_suffix(image) for image in long.images]
    return Dataset(
        root=path,
        format=FORMAT.name,
        records=list(_records(long, images, names, path.resolve().name)),
        ratings=long.ratings(_SCORE, names),
        notes=list(_notes(long, images, table)),
        defects=long.defects,
    )


def _images(path: Path, table: Path) -> ImageFiles:
    """Photos in ``images`` beside the table or a folder above it, up to the path."""
    folders = [table.parent, table.parent.parent] if table.parent != path else [path]
    if path.is_file():
        folders = [path.parent, path.parent.parent]
    found = (first_folder(folder, ("images", "eva_together")) for folder in folders)
    folder = next((folder for folder in found if folder), None)
    return ImageFiles(folder or path / "images" / "EVA_together", walk=folder is not None)


def _records(
    long: LongRatings, images: ImageFiles, names: list[str], source: str
) -> Iterator[ImageRecord]:
    labels = rated_labels(long.ratings(_SCORE, names))
    attributes = {name: long.means(name).tolist() for name in long.scores if name != _SCORE}
    for i, image in enumerate(long.images):
        yield ImageRecord(
            path=images.expect(image), name=names[i], source=source,
            aesthetic_mean=labels[i].mean, score_counts=labels[i].counts,
            level_shares=labels[i].shares,
            attributes={name: mean[i] for name, mean in attributes.items()
                        if not np.isnan(mean[i])},
        )  # fmt: skip


def _notes(long: LongRatings, images: ImageFiles, table: Path) -> Iterator[str]:
    yield f"{table.name}: scores 0 to 10, attributes 1 to 4, both mapped onto 1 to 10"
    yield "'visual' is light and colour; difficulty, time and ticked factors are not read"
    missing = sum(images.find(image) is None for image in long.images)
    if missing:
        yield f"{missing:,} of {len(long.images):,} images have no file below {images.folder}"


FORMAT = Format(
    name="eva",
    title="EVA: votes_filtered.csv, separated by '='",
    recognise=_recognise,
    read=_read,
)
