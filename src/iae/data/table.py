"""Any label table (CSV, Parquet, NDJSON) beside its images, read by a declared mapping."""

import csv
import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from iae.config import TableSource
from iae.data.records import SPLITS, ImageRecord, Split
from iae.errors import DataError
from iae.labels import EMOTIONS, level_shares, to_ten_point

_MEAN_TOLERANCE = 0.2
"""Published means are rounded; on the ten-point scale a stated mean may differ this much from the
mean of the ratings beside it before the row is called contradictory."""

Row = Mapping[str, Any]
"""Column -> cell; of a CSV file always text, so that a wrong value is shown as it was written."""


class _Table(NamedTuple):
    columns: list[str]
    rows: list[tuple[int, Row]]
    """With the line each begins at, counting from 1; of a Parquet file, its place."""


def read_table(root: Path, source: TableSource, name: str) -> list[ImageRecord]:
    """Read one record a row, in the table's order.

    Args:
        root: the data root; the table and the image paths are relative to it.
        source: what the columns mean.
        name: the data set's name, kept in each record.

    Raises:
        DataError: the table, a column or an image folder is missing, or a value is wrong; the text
            names the file and the line (of a Parquet file, the row).
    """
    path = root / source.table
    table = _read(path)
    _check_columns(table, source, path)
    records = []
    for line, row in table.rows:
        try:
            records.append(_record(row, root, source, name))
        except ValueError as error:
            raise DataError(f"{path}:{line}: {error}") from None
    _check_images(records, root, path)
    return records


def _read(path: Path) -> _Table:
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise DataError(f"{path}: a label table is one of {', '.join(_READERS)}")
    if not _is_file(path):
        raise DataError(f"there is no label table {path}; check the data root and 'table'")
    try:
        table = reader(path)
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is not UTF-8 text (byte {error.start} of it)") from None
    except (pl.exceptions.PolarsError, OSError) as error:
        raise DataError(f"cannot read {path}: {str(error).splitlines()[0]}") from None
    if not table.rows:
        raise DataError(f"{path} has no rows")
    return table


# CSV and NDJSON are read by the standard library: it says at which line a row begins, whatever
# line breaks and blank lines the file has, and a row of the wrong length is refused, not padded.


def _read_csv(path: Path) -> _Table:
    rows: list[tuple[int, Row]] = []
    columns: list[str] = []
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, strict=True)
        line = 1
        try:
            for cells in reader:
                if not columns:
                    columns = cells
                elif len(cells) == len(columns):
                    rows.append((line, dict(zip(columns, cells, strict=True))))
                elif cells:  # a blank line has none
                    raise DataError(f"{path}:{line}: {len(cells)} cells, the header has "
                                    f"{len(columns)}")  # fmt: skip
                line = reader.line_num + 1
        except csv.Error as error:
            raise DataError(f"{path}:{line}: {error}") from None
    return _Table(columns, rows)


def _read_ndjson(path: Path) -> _Table:
    found: list[tuple[int, Row]] = []
    with path.open(encoding="utf-8-sig") as file:
        for line, text in enumerate(file, 1):
            if not text.strip():
                continue
            try:
                row = json.loads(text)
            except json.JSONDecodeError as error:
                raise DataError(f"{path}:{line}: not JSON: {error.msg}") from None
            if not isinstance(row, dict):
                raise DataError(f"{path}:{line}: wanted one JSON object a line")
            found.append((line, row))
    columns = list(dict.fromkeys(column for _, row in found for column in row))
    empty = dict.fromkeys(columns)
    return _Table(columns, [(line, {**empty, **row}) for line, row in found])


def _read_parquet(path: Path) -> _Table:
    table = pl.read_parquet(path, glob=False)  # a folder may be called "[2024] photos"
    return _Table(table.columns, list(enumerate(table.iter_rows(named=True), 1)))


_READERS: Mapping[str, Callable[[Path], _Table]] = {
    ".csv": _read_csv,
    ".parquet": _read_parquet,
    ".ndjson": _read_ndjson,
    ".jsonl": _read_ndjson,
}


def _mapped_columns(source: TableSource) -> list[str]:
    single = (source.image, source.group, source.split, source.aesthetic_mean, source.emotion,
              source.neutral_votes)  # fmt: skip
    return [column for column in single if column] + [
        *source.ratings, *source.score_counts, *source.emotion_votes.values()]  # fmt: skip


def _check_columns(table: _Table, source: TableSource, path: Path) -> None:
    for column in _mapped_columns(source):
        if table.columns.count(column) != 1:  # twice in a header is as bad as not at all
            raise DataError(f"{path}: the mapping names the column '{column}', the table has: "
                            f"{', '.join(table.columns)}")  # fmt: skip


def _check_images(records: list[ImageRecord], root: Path, path: Path) -> None:
    """A moved image folder should be one clear line, not 20,000 unreadable photos."""
    if not any(_is_file(record.path) for record in records[:: max(1, len(records) // 50)]):
        raise DataError(f"{path}: none of its images exist, for example {records[0].path}; "
                        f"unpack them below {root}")  # fmt: skip


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a folder without permission, or a caption where a file name should be
        return False


def _record(row: Row, root: Path, source: TableSource, name: str) -> ImageRecord:
    image = row[source.image]
    if image is None or not str(image).strip():
        raise ValueError(f"column '{source.image}' is empty; every row needs its image")
    scores = _scores(row, source)
    stated = _number(row, source.aesthetic_mean) if source.aesthetic_mean else None
    mean = None if stated is None else to_ten_point(_on_scale(stated, source), source.scale)
    if scores:
        counted = sum(s * n for s, n in scores) / sum(n for _, n in scores)
        if mean is not None and abs(mean - counted) > _MEAN_TOLERANCE:
            raise ValueError(
                f"the stated mean is {mean:.2f} and that of the counted ratings {counted:.2f} "
                "on the ten-point scale"
            )
        mean = counted
    return ImageRecord(
        path=root / str(image),
        name=str(image),
        source=name,
        group=_text(row, source.group),
        split=_split(row, source),
        aesthetic_mean=mean,
        level_shares=level_shares(scores) if scores else None,
        emotion=_emotion(row, source),
        emotion_votes=_votes(row, source),
        neutral_votes=_count(row, source.neutral_votes) if source.neutral_votes else 0.0,
    )


def _scores(row: Row, source: TableSource) -> list[tuple[float, float]]:
    """(score in [1, 10], raters) pairs with at least one rater."""
    scores = [
        (to_ten_point(score, source.scale), _count(row, column))
        for column, score in source.score_counts.items()
    ]
    for column in source.ratings:
        rating = _number(row, column)
        if rating is not None:
            scores.append((to_ten_point(_on_scale(rating, source), source.scale), 1.0))
    return [(score, raters) for score, raters in scores if raters > 0]


def _on_scale(value: float, source: TableSource) -> float:
    worst, best = source.scale
    if not worst <= value <= best:
        raise ValueError(f"score {value:g} lies outside the scale {worst:g} to {best:g}")
    return value


def _text(row: Row, column: str | None) -> str | None:
    if column is None or row[column] is None:
        return None
    return str(row[column]).strip() or None


def _number(row: Row, column: str) -> float | None:
    """A finite number, or None for an empty cell."""
    text = _text(row, column)
    if text is None:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError(f"column '{column}' holds '{text}', wanted a number")
    return value


def _count(row: Row, column: str) -> float:
    value = _number(row, column) or 0.0
    if value < 0:
        raise ValueError(f"column '{column}' holds {value:g}, a count cannot be negative")
    return value


def _emotion(row: Row, source: TableSource) -> str | None:
    emotion = _text(row, source.emotion)
    if emotion is not None and emotion not in EMOTIONS:
        raise ValueError(f"emotion '{emotion}' is not one of {', '.join(EMOTIONS)}")
    return emotion


def _votes(row: Row, source: TableSource) -> dict[str, float] | None:
    if not source.emotion_votes:
        return None
    return {emotion: _count(row, column) for emotion, column in source.emotion_votes.items()}


def _split(row: Row, source: TableSource) -> Split | None:
    text = _text(row, source.split)
    for split in SPLITS:
        if text == split:
            return split
    if text is not None:
        raise ValueError(f"split '{text}' is not one of {', '.join(SPLITS)}")
    return None
