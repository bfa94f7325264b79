"""What the readers of converted data sets share: rows become a data set.

Rows that iae wrote come back exactly. Rows of others are read as the format ``table`` reads a
table: by the names of their columns, with a note that says what was taken for what.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from iae.config import TableSource
from iae.data.dataset import Dataset, FileStore, ImageStore
from iae.data.defects import Defect
from iae.data.formats.format import ReadOptions
from iae.data.formats.table import dataset_from_table, guess_mapping, guesses
from iae.data.manifest import Manifest, read_manifest, read_pairs
from iae.data.ratings import Ratings
from iae.data.records import ImageRecord, Split
from iae.data.rows import POSITION, RATERS, RATINGS, from_row, from_text, number
from iae.data.table_file import Row, TableFile
from iae.errors import DataError

SPLIT_NAMES: Mapping[str, Split] = {
    "train": "train", "training": "train", "val": "val", "valid": "val", "validation": "val",
    "dev": "val", "test": "test", "testing": "test", "eval": "test",
}  # fmt: skip
"""What folders and cells call the parts of a data set."""


@dataclass(frozen=True)
class PlacedRow:
    """A row and where it stood."""

    row: Row
    path: Path
    """Of its picture: a file, or a place inside a shard."""
    where: str
    """File:line, for messages."""


def dataset_from_rows(
    rows: Iterable[PlacedRow],
    manifest: Path,
    *,
    root: Path,
    format: str,
    store: ImageStore | None = None,
) -> Dataset:
    """The data set that iae wrote as these rows.

    Raises:
        DataError: ``dataset.json`` or a list of pairs is damaged, or no row can be read.
    """
    about = read_manifest(manifest)
    defects: list[Defect] = []
    kept: list[tuple[float, ImageRecord, Row]] = []
    for i, placed in enumerate(rows):
        try:
            position = number(placed.row, POSITION)
            record = from_row(placed.row, placed.path)
            _check_ratings(placed.row)
        except ValueError as error:
            defects.append(Defect("bad-value", placed.where, str(error)))
            continue
        kept.append((i if position is None else position, record, placed.row))
    pairs, pair_votes = read_pairs(manifest.parent)
    if not (kept or pairs or pair_votes):
        first = f"; the first: {defects[0].where}: {defects[0].text}" if defects else ""
        raise DataError(f"{root}: none of its {len(defects)} rows can be read{first}")
    kept.sort(key=lambda entry: entry[0])
    return Dataset(
        root=root,
        format=format,
        records=[record for _, record, _ in kept],
        ratings=_ratings([(record.name, row) for _, record, row in kept], about),
        pairs=pairs,
        pair_votes=pair_votes,
        store=store or FileStore(),
        notes=[*about.notes, f"converted by iae from {about.name}, read there as {about.format}"],
        defects=defects,
    )


def _check_ratings(row: Row) -> None:
    raters, ratings = row.get(RATERS), row.get(RATINGS)
    if raters is None and ratings is None:
        return
    if not (isinstance(raters, list) and isinstance(ratings, list) and len(raters) == len(ratings)):
        raise ValueError(f"columns '{RATERS}' and '{RATINGS}' are not two lists of one length")
    for value in ratings:
        if not isinstance(value, int | float) or not 1 <= value <= 10:
            raise ValueError(f"column '{RATINGS}' holds {value!r}, wanted numbers from 1 to 10")


def _ratings(rows: Sequence[tuple[str, Row]], manifest: Manifest) -> Ratings | None:
    """Single ratings, items in the order of the rows."""
    if manifest.raters is None:
        return None
    rated = [(name, row) for name, row in rows if row.get(RATERS) is not None]
    raters = {name: i for i, name in enumerate(manifest.raters)}
    item, rater, value = [], [], []
    for i, (_, row) in enumerate(rated):
        for name, score in zip(row[RATERS], row[RATINGS], strict=True):
            item.append(i)
            rater.append(raters.setdefault(from_text(str(name)), len(raters)))
            value.append(score)
    return Ratings(
        items=[name for name, _ in rated],
        raters=list(raters),
        item=np.array(item, np.int32),
        rater=np.array(rater, np.int32),
        value=np.array(value, np.float64),
        scale=manifest.rating_scale,
    )


@dataclass(frozen=True)
class ForeignTable:
    """Rows that somebody else wrote; ``file_name`` is relative to the folder of ``path``."""

    table: TableFile
    path: Path
    split: Split | None = None
    """Of rows that name none."""


def dataset_from_foreign(
    tables: Sequence[ForeignTable],
    options: ReadOptions,
    *,
    root: Path,
    format: str,
    store: ImageStore | None = None,
) -> Dataset:
    """A data set out of the tables that somebody else wrote, each with a column ``file_name``.

    Columns are guessed by name, over all tables together, so that all have one scale. Without a
    column that could be a label, the pictures alone are read.

    Raises:
        DataError: there is no table, or one of which no row can be read.
    """
    columns = list(dict.fromkeys(c for t in tables for c in t.table.columns))
    empty = dict.fromkeys(columns)
    rows: list[list[tuple[int, Row]]] = [
        [(line, {**empty, **_with_usual_names(row)}) for line, row in t.table.rows] for t in tables
    ]
    whole = TableFile(columns, [row for part in rows for row in part], [])
    mapping = guess_mapping(whole, options.scale)
    if mapping is None:
        mapping = TableSource()
        notes = ["no column says anything of aesthetics or emotion"]
    else:
        notes = guesses(replace(mapping, image="file_name"), options)
    parts = []
    for t, part in zip(tables, rows, strict=True):
        table = TableFile(columns, part, t.table.bad_rows)
        source = replace(mapping, image="file_name")
        read = dataset_from_table(table, t.path, source, root=root, format=format)
        parts.append(replace(read, records=_placed(read.records, t, root)))
    if not parts:
        raise DataError(f"{root} holds no rows")
    whole_set = joined(parts)
    if any(t.split for t in tables):
        notes.append("splits from the names of folders and files, where a row names none")
    return replace(whole_set, store=store or FileStore(), notes=[*whole_set.notes, *notes])


def _placed(records: Iterable[ImageRecord], t: ForeignTable, root: Path) -> list[ImageRecord]:
    """Names relative to the root, so that ``train/a.jpg`` and ``test/a.jpg`` stay two."""
    folder = t.path.parent.relative_to(root) if t.path.parent.is_relative_to(root) else Path()
    return [
        replace(record, name=(folder / record.name).as_posix(), split=record.split or t.split)
        for record in records
    ]


def _with_usual_names(row: Row) -> dict[str, Any]:
    """``validation`` is our ``val``; emotions are written small."""
    usual = dict(row)
    for column, value in row.items():
        if isinstance(value, str) and column.strip().lower() in ("split", "subset", "fold"):
            usual[column] = SPLIT_NAMES.get(value.strip().lower(), value)
        elif isinstance(value, str) and column.strip().lower() in ("emotion", "emotion_label"):
            usual[column] = value.strip().lower()
    return usual


def joined(datasets: Sequence[Dataset]) -> Dataset:
    """Parts of one data set (its folders, its shards) as one; at least one part."""
    first = datasets[0]
    rated = [d.ratings for d in datasets if d.ratings is not None]
    return replace(
        first,
        records=[record for d in datasets for record in d.records],
        ratings=_joined_ratings(rated) if rated else None,
        notes=list(dict.fromkeys(note for d in datasets for note in d.notes)),
        defects=[defect for d in datasets for defect in d.defects],
    )


def _joined_ratings(parts: Sequence[Ratings]) -> Ratings:
    raters: dict[str, int] = {}
    columns = [
        np.array([raters.setdefault(name, len(raters)) for name in part.raters], np.int32)
        for part in parts
    ]
    starts = np.cumsum([0, *(len(part.items) for part in parts)])
    return Ratings(
        items=[item for part in parts for item in part.items],
        raters=list(raters),
        item=np.concatenate(
            [part.item + start for part, start in zip(parts, starts, strict=False)]
        ).astype(np.int32),
        rater=np.concatenate(
            [column[part.rater] for part, column in zip(parts, columns, strict=True)]
        ),
        value=np.concatenate([part.value for part in parts]),
        scale=(min(p.scale[0] for p in parts), max(p.scale[1] for p in parts)),
    )
