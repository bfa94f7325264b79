"""What the readers of ImageFolder, Parquet and WebDataset share for data of somebody else.

Such rows are read as the format ``table`` reads a table: by the names of their columns, with a note
that says what was taken for what.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from iae.config import TableSource
from iae.data.dataset import Dataset, FileStore, ImageStore
from iae.data.formats.format import ReadOptions
from iae.data.formats.table import dataset_from_table, guess_mapping, guesses
from iae.data.ratings import Ratings
from iae.data.records import ImageRecord, Split
from iae.data.table_file import Row, TableFile
from iae.errors import DataError

SPLIT_NAMES: Mapping[str, Split] = {
    "train": "train", "training": "train", "val": "val", "valid": "val", "validation": "val",
    "dev": "val", "test": "test", "testing": "test", "eval": "test",
}  # fmt: skip
"""What folders and cells call the parts of a data set."""


@dataclass(frozen=True)
class ForeignTable:
    """Rows that somebody else wrote; ``file_name`` is relative to the folder of ``path``."""

    table: TableFile
    path: Path
    split: Split | None = None
    """Of rows that name none."""


def shard_split(shard: Path) -> Split | None:
    """By the beginning of its name (``train-00000-of-00002``), else by its folder (``train/``)."""
    return SPLIT_NAMES.get(shard.stem.split("-")[0].lower()) or SPLIT_NAMES.get(
        shard.parent.name.lower()
    )


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
    whole_set = _joined(parts)
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


def _joined(datasets: Sequence[Dataset]) -> Dataset:
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
