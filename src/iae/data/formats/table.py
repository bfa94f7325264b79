"""Any table of labels: by a mapping, or with columns whose names say what they hold."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np

from iae.config import TableSource
from iae.data.dataset import Dataset
from iae.data.defects import Defect
from iae.data.formats.format import Format, ReadOptions
from iae.data.ratings import Ratings
from iae.data.records import ImageRecord
from iae.data.table import OffScaleError, check_columns, record_from_row
from iae.data.table_file import TABLE_READERS, Row, TableFile, read_table_file
from iae.errors import DataError
from iae.labels import EMOTIONS, to_ten_point

_IMAGE = ("image", "file_name", "filename", "image_name", "imagename", "image_id", "path", "file",
          "img", "photo", "name", "item", "id")  # fmt: skip
_MEAN = ("aesthetic_mean", "aesthetic_score", "aestheticscore_mean", "mos", "mean_score", "mean",
         "score", "aesthetic")  # fmt: skip
_GROUP = ("group", "group_id", "series", "cluster")
_SPLIT = ("split", "subset", "fold")
_EMOTION = ("emotion", "emotion_label")
_NEUTRAL = ("votes_neutral", "neutral_votes", "neutral")
_COUNT = re.compile(r"(count|counts|score|aesthetic|level|rating)s?_?(\d+(?:\.\d+)?)", re.ASCII)
_RATER = re.compile(r"(?:rater|rating|volunteer|subject)_?\d+", re.ASCII)
_USUAL_SCALES = ((0.0, 1.0), (1.0, 5.0), (1.0, 7.0), (1.0, 10.0), (0.0, 10.0), (0.0, 100.0))


def guess_mapping(table: TableFile, scale: tuple[float, float] | None) -> TableSource | None:
    """What the columns of a table probably mean, by their names; None without image and label."""
    named = {column.strip().lower(): column for column in table.columns}

    def first(names: Iterable[str]) -> str | None:
        return next((named[name] for name in names if name in named), None)

    image = first(_IMAGE)
    counts = _count_columns(named)
    mapping = TableSource(
        image=image or "",
        group=first(_GROUP),
        split=first(_SPLIT),
        aesthetic_mean=first(_MEAN),
        emotion=first(_EMOTION),
        emotion_votes={
            emotion: column
            for emotion in EMOTIONS
            if (column := first((f"votes_{emotion}", f"emotion_{emotion}", emotion)))
        },
        neutral_votes=first(_NEUTRAL),
    )
    ratings = tuple(
        column for name, column in named.items()
        if _RATER.fullmatch(name) and column not in counts and name not in _MEAN
    )  # fmt: skip
    labels = (mapping.aesthetic_mean, mapping.emotion, mapping.emotion_votes, counts, ratings)
    if image is None or not any(labels):
        return None
    scale = scale or _guess_scale(table, mapping.aesthetic_mean, counts, ratings)
    return replace(mapping, scale=scale, score_counts=counts, ratings=ratings)


def _count_columns(named: Mapping[str, str]) -> dict[str, float]:
    """Columns ``count_1`` … of the prefix that has most of them, by their score."""
    by_prefix: dict[str, dict[str, float]] = defaultdict(dict)
    for name, column in named.items():
        match = _COUNT.fullmatch(name)
        if match:
            by_prefix[match[1]][column] = float(match[2])
    columns = max(by_prefix.values(), key=len, default={})
    return columns if len(columns) >= 2 else {}


def _guess_scale(
    table: TableFile, mean: str | None, counts: Mapping[str, float], ratings: tuple[str, ...]
) -> tuple[float, float]:
    """The scale of the counted scores, or the narrowest usual one that holds all values."""
    if counts:
        return min(counts.values()), max(counts.values())
    values = list(_numbers(table, [*ratings, *([mean] if mean else [])]))
    if not values:
        return TableSource.scale
    holding = (s for s in _USUAL_SCALES if s[0] <= min(values) and max(values) <= s[1])
    return next(holding, (min(values), max(values) + (min(values) == max(values))))


def _numbers(table: TableFile, columns: Iterable[str]) -> Iterable[float]:
    for column in columns:
        for _, row in table.rows:
            try:
                value = float(row[column])
            except (TypeError, ValueError):
                continue
            if np.isfinite(value):
                yield value


def find_table(path: Path) -> Path | None:
    """The label table that a path means: itself, ``labels.*`` in a folder, or its only table."""
    if path.is_file():
        return path if path.suffix.lower() in TABLE_READERS else None
    if not path.is_dir():
        return None
    tables = sorted(p for p in path.iterdir() if p.suffix.lower() in TABLE_READERS and p.is_file())
    usual = [table for table in tables if table.stem == "labels"]
    return usual[0] if usual else tables[0] if len(tables) == 1 else None


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
    defects = [Defect("bad-row", f"{path.name}:{line}", text) for line, text in table.bad_rows]
    records, rows = [], []
    for line, row in table.rows:
        try:
            records.append(record_from_row(row, path.parent, source, root.resolve().name))
            rows.append(row)
        except OffScaleError as error:
            defects.append(Defect("off-scale", f"{path.name}:{line}", str(error)))
        except ValueError as error:
            defects.append(Defect("bad-value", f"{path.name}:{line}", str(error)))
    if not records:
        raise DataError(f"{path}: none of its {len(defects)} rows can be read; the first: "
                        f"{defects[0].where}: {defects[0].text}")  # fmt: skip
    return Dataset(
        root=root,
        format=format,
        records=records,
        ratings=_ratings(records, rows, source),
        defects=defects,
    )


def _ratings(records: list[ImageRecord], rows: list[Row], source: TableSource) -> Ratings | None:
    if not source.ratings:
        return None
    matrix = np.full((len(rows), len(source.ratings)), np.nan)
    for i, row in enumerate(rows):
        for j, column in enumerate(source.ratings):
            if row[column] not in (None, ""):
                matrix[i, j] = to_ten_point(float(row[column]), source.scale)
    names = [record.name for record in records]
    return Ratings.from_matrix(matrix, items=names, raters=source.ratings, scale=source.scale)


def _recognise(path: Path) -> str | None:
    table_path = find_table(path)
    if table_path is None:
        return None
    try:
        table = (
            read_table_file(table_path) if table_path.suffix == ".parquet" else _head(table_path)
        )
        mapping = guess_mapping(table, None)
    except DataError:
        return None
    if mapping is None:
        return None
    return f"{table_path.name} has the columns {', '.join(_used(mapping)[:6])} …"


def _head(path: Path) -> TableFile:
    """The first rows of a text table; enough to see its columns."""
    import tempfile

    with path.open("rb") as file, tempfile.TemporaryDirectory() as folder:
        head = Path(folder) / path.name
        head.write_bytes(b"".join(islice(file, 20)))
        return read_table_file(head)


def _used(source: TableSource) -> list[str]:
    single = (source.image, source.aesthetic_mean, source.emotion, source.group, source.split)
    return [column for column in single if column] + [
        *source.score_counts, *source.emotion_votes.values(), *source.ratings]  # fmt: skip


def _read(path: Path, options: ReadOptions) -> Dataset:
    if options.source is not None:
        return _read_mapped(path, options.source)
    table_path = find_table(path)
    if table_path is None:
        raise DataError(f"{path} holds no label table, or several; name one, or use --mapping")
    table = read_table_file(table_path)
    source = guess_mapping(table, options.scale)
    if source is None:
        raise DataError(f"{table_path}: cannot tell what its columns mean "
                        f"({', '.join(table.columns)}); describe them with --mapping")  # fmt: skip
    dataset = dataset_from_table(table, table_path, source, root=path, format=FORMAT.name)
    return replace(dataset, notes=[*dataset.notes, *_guesses(source, options)])


def _read_mapped(path: Path, source: TableSource) -> Dataset:
    table_path = path if path.is_file() else path / source.table
    return dataset_from_table(
        read_table_file(table_path), table_path, source, root=path, format=FORMAT.name
    )


def _guesses(source: TableSource, options: ReadOptions) -> list[str]:
    notes = [f"columns by their names: image={source.image}, labels from "
             f"{', '.join(_used(source)[1:8])}"]  # fmt: skip
    if not (options.scale or source.score_counts) and (source.aesthetic_mean or source.ratings):
        worst, best = source.scale
        notes.append(f"scores are taken to lie on {worst:g} to {best:g}, by their values; "
                     "--scale says otherwise")  # fmt: skip
    return notes


FORMAT = Format(
    name="table",
    title="any table of labels (CSV, Parquet, NDJSON), by column names or a mapping",
    recognise=_recognise,
    read=_read,
    options=frozenset({"source", "scale"}),
)
