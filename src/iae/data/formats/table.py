"""Any table of labels: by a mapping, or with columns whose names say what they hold."""

import tempfile
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl

from iae.config import TableSource
from iae.data.dataset import Dataset
from iae.data.defects import Defect
from iae.data.formats.format import Format, ReadOptions
from iae.data.formats.table_columns import (
    foreign_votes,
    labels_of,
    stated_scale,
    with_known_emotions,
)
from iae.data.formats.table_columns import guess_mapping as guess_mapping  # readers of converted
from iae.data.formats.table_columns import guesses as guesses  # data sets take them from here
from iae.data.rated import rated_labels
from iae.data.rating_table import (
    RatingColumns,
    guess_rating_columns,
    read_columns,
    read_rating_table,
)
from iae.data.ratings import Ratings
from iae.data.records import ImageRecord
from iae.data.table import OffScaleError, check_columns, record_from_row
from iae.data.table_file import TABLE_READERS, Row, TableFile, read_table_file, reason
from iae.errors import DataError
from iae.labels import to_ten_point

_HEAD_ROWS = 50


def find_table(path: Path) -> Path | None:
    """The label table that a path means: itself, ``labels.*`` in a folder, or its only table."""
    tables = find_tables(path)
    usual = [table for table in tables if table.stem == "labels"]
    return usual[0] if usual else tables[0] if len(tables) == 1 else None


def find_tables(path: Path) -> list[Path]:
    """The path itself if it is a table file, or the table files in a folder, sorted."""
    paths = path.iterdir() if path.is_dir() else [path]
    return sorted(p for p in paths if p.suffix.lower() in TABLE_READERS and p.is_file())


def dataset_from_table(
    table: TableFile, path: Path, source: TableSource, *, root: Path, format: str
) -> Dataset:
    """Read rows by a mapping; those that cannot be read become defects.

    Args:
        table: the rows.
        path: where they came from, for messages; image paths are relative to its folder.
        source: what the columns mean.
        root: the path the user gave.
        format: the name of the format.
    """
    check_columns(table, source, path)
    table, notes = with_known_emotions(table, source)
    defects = [Defect("bad-row", f"{path.name}:{line}", text) for line, text in table.bad_rows]
    records: dict[str, ImageRecord] = {}
    rows = []
    for line, row in table.rows:
        where = f"{path.name}:{line}"
        try:
            record = record_from_row(row, path.parent, source, root.resolve().name)
        except OffScaleError as error:
            defects.append(Defect("off-scale", where, str(error)))
            continue
        except ValueError as error:
            defects.append(Defect("bad-value", where, str(error)))
            continue
        if record.name in records:
            defects.append(Defect("doubled-id", where, f"{record.name} has a row already"))
            continue
        records[record.name] = record
        rows.append(row)
    if not records:
        raise DataError(f"{path}: none of its {len(defects)} rows can be read; the first: "
                        f"{defects[0].where}: {defects[0].text}")  # fmt: skip
    return Dataset(
        root=root,
        format=format,
        records=list(records.values()),
        ratings=_ratings(list(records), rows, source),
        notes=notes,
        defects=defects,
    )


def _ratings(names: list[str], rows: list[Row], source: TableSource) -> Ratings | None:
    if not source.ratings:
        return None
    matrix = np.full((len(rows), len(source.ratings)), np.nan)
    for i, row in enumerate(rows):
        for j, column in enumerate(source.ratings):
            if row[column] is not None and str(row[column]).strip():
                matrix[i, j] = to_ten_point(float(row[column]), source.scale)
    return Ratings.from_matrix(matrix, items=names, raters=source.ratings, scale=source.scale)


class _RatingsAlone(NamedTuple):
    """A table that holds single ratings, a row each, and nothing else that is known."""

    path: Path
    columns: RatingColumns


def _ratings_alone(path: Path) -> _RatingsAlone | None:
    """The table of single ratings that a path means. Cheap: its head is enough."""
    table_path = find_table(path) or _find_packed(path)
    if table_path is None:
        return None
    if not _is_packed(table_path) and _mapping_by_head(table_path) is not None:
        return None
    try:
        columns = guess_rating_columns(read_columns(table_path))
    except DataError:
        return None
    return None if columns is None else _RatingsAlone(table_path, columns)


def _mapping_by_head(table_path: Path) -> TableSource | None:
    try:
        return guess_mapping(_head(table_path), None)
    except DataError:
        return None


def _find_packed(path: Path) -> Path | None:
    """A gzipped table: itself, or the only one in a folder. Only ratings are read gzipped."""
    if path.is_file():
        return path if _is_packed(path) else None
    packed = [p for p in path.iterdir() if _is_packed(p)] if path.is_dir() else []
    return packed[0] if len(packed) == 1 else None


def _is_packed(path: Path) -> bool:
    return path.name.lower().endswith(".csv.gz") and path.is_file()


def _recognise(path: Path) -> str | None:
    if found := _ratings_alone(path):
        return f"{found.path.name} has the columns {', '.join(found.columns)}"
    table_path = find_table(path)
    mapping = None if table_path is None else _mapping_by_head(table_path)
    if table_path is None or mapping is None:
        return None
    columns = [mapping.image, *labels_of(mapping)]
    return f"{table_path.name} has the columns {', '.join(columns[:6])}{' …' * (len(columns) > 6)}"


def _head(path: Path) -> TableFile:
    """The first rows of a table; enough to see its columns. Raises ``DataError``."""
    if path.suffix.lower() == ".parquet":
        try:
            head = pl.read_parquet(path, n_rows=_HEAD_ROWS, glob=False)
        except (pl.exceptions.PolarsError, OSError) as error:
            raise DataError(f"cannot read {path}: {reason(error)}") from None
        return TableFile(head.columns, list(enumerate(head.iter_rows(named=True), 1)), [])
    try:
        with path.open("rb") as file:
            head_lines = b"".join(islice(file, _HEAD_ROWS))
    except OSError as error:
        raise DataError(f"cannot read {path}: {reason(error)}") from None
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        copy.write_bytes(head_lines)
        return read_table_file(copy)


def _read(path: Path, options: ReadOptions) -> Dataset:
    if options.source is not None:
        return _read_mapped(path, stated_scale(options.source, options.scale))
    if found := _ratings_alone(path):
        return dataset_from_ratings(found.path, found.columns, options.scale, root=path)
    table_path = find_table(path)
    if table_path is None:
        several = ", ".join(table.name for table in find_tables(path))
        raise DataError(f"{path} holds {f'several tables ({several})' if several else 'no table'}; "
                        "name one, or use --mapping")  # fmt: skip
    table = read_table_file(table_path)
    if (ratings := rating_rows(table)) is not None:
        return dataset_from_ratings(table_path, ratings, options.scale, root=path)
    source = guess_mapping(table, options.scale)
    foreign = foreign_votes(table.columns)
    if source is None and foreign:
        raise DataError(f"{table_path}: {', '.join(foreign)} are none of the eight emotions; votes "
                        "of another vocabulary are not guessed, describe the columns with "
                        "--mapping")  # fmt: skip
    if source is None:
        raise DataError(f"{table_path}: cannot tell what its columns mean "
                        f"({', '.join(table.columns)}); describe them with --mapping")  # fmt: skip
    dataset = dataset_from_table(table, table_path, source, root=path, format=FORMAT.name)
    left = [f"{', '.join(foreign)} are none of the eight emotions: no votes are read"]
    notes = [*guesses(source, options), *dataset.notes, *(left if foreign else [])]
    return replace(dataset, notes=notes)


def _read_mapped(path: Path, source: TableSource) -> Dataset:
    table_path = path if path.is_file() else path / source.table
    return dataset_from_table(
        read_table_file(table_path), table_path, source, root=path, format=FORMAT.name
    )


def rating_rows(table: TableFile) -> RatingColumns | None:
    """Image, rater and score of a table with a row a rating: images repeat in it."""
    columns = guess_rating_columns(table.columns)
    if columns is None:
        return None
    images = [row[columns.item] for _, row in table.rows]
    return columns if len(set(images)) < len(images) else None


def dataset_from_ratings(
    path: Path, columns: RatingColumns, scale: tuple[float, float] | None, *, root: Path
) -> Dataset:
    """The images of a table of single ratings, labelled by them. Raises ``DataError``."""
    table = read_rating_table(path, columns, scale)
    names = table.ratings.items
    records = [
        ImageRecord(path=path.parent / name, name=name, source=root.resolve().name,
                    aesthetic_mean=labels.mean, score_counts=labels.counts,
                    level_shares=labels.shares)
        for name, labels in zip(names, rated_labels(table.ratings), strict=True)
    ]  # fmt: skip
    return Dataset(
        root=root, format=FORMAT.name, records=records, ratings=table.ratings,
        notes=["one row a rating", *table.notes],
    )  # fmt: skip


FORMAT = Format(
    name="table",
    title="any table of labels (CSV, Parquet, NDJSON), by column names or a mapping",
    recognise=_recognise,
    read=_read,
    options=frozenset({"source", "scale"}),
)
