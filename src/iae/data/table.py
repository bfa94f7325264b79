"""Any label table (CSV, Parquet, NDJSON) beside its images, read by a declared mapping."""

import math
import os
from collections import defaultdict
from pathlib import Path

from iae.config import TableSource
from iae.data.records import SPLITS, ImageRecord, Split
from iae.data.table_file import Row, TableFile, read_table_file
from iae.errors import DataError
from iae.labels import EMOTIONS, level_shares, to_ten_point

_MEAN_TOLERANCE = 0.2
"""Published means are rounded; on the ten-point scale a stated mean may differ this much from the
mean of the ratings beside it before the row is called contradictory."""


class OffScaleError(ValueError):
    """A score outside the scale that the mapping states."""


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
    table = read_table_file(path)
    for line, problem in table.bad_rows:
        raise DataError(f"{path}:{line}: {problem}")
    check_columns(table, source, path)
    records = []
    for line, row in table.rows:
        try:
            records.append(record_from_row(row, root, source, name))
        except ValueError as error:
            raise DataError(f"{path}:{line}: {error}") from None
    _check_images(records, root, path)
    return records


def _mapped_columns(source: TableSource) -> list[str]:
    single = (source.image, source.group, source.split, source.aesthetic_mean, source.emotion,
              source.neutral_votes)  # fmt: skip
    return [column for column in single if column] + [
        *source.ratings, *source.score_counts, *source.emotion_votes.values(),
        *source.attributes.values()]  # fmt: skip


def check_columns(table: TableFile, source: TableSource, path: Path) -> None:
    """Refuse a mapping that names columns the table has not, or has twice. Raises ``DataError``."""
    for column in _mapped_columns(source):
        if table.columns.count(column) != 1:  # twice in a header is as bad as not at all
            raise DataError(f"{path}: wanted one column '{column}', the table has: "
                            f"{', '.join(table.columns)}")  # fmt: skip


def _check_images(records: list[ImageRecord], root: Path, path: Path) -> None:
    """A moved image folder should be one clear line, not 20,000 unreadable photos."""
    if not any(_is_file(record.path) for record in records[:: max(1, len(records) // 50)]):
        raise DataError(f"{path}: none of its images exist, for example {records[0].path}; "
                        f"unpack them below {root}")  # fmt: skip


def _can_be_a_file(name: str) -> bool:
    """Not with a null byte, nor with half a character, which JSON can write."""
    try:
        return b"\0" not in os.fsencode(name)
    except UnicodeEncodeError:
        return False


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a folder without permission, or a caption where a file name should be
        return False


def record_from_row(row: Row, root: Path, source: TableSource, name: str) -> ImageRecord:
    """One row as the mapping reads it.

    Raises:
        ValueError: a value is wrong; the text names the column.
    """
    image = row[source.image]
    if image is None or not str(image).strip():
        raise ValueError(f"column '{source.image}' is empty; every row needs its image")
    if not _can_be_a_file(str(image)):
        raise ValueError(f"column '{source.image}' holds '{image}', which no file can be called")
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
        score_counts=_counts(scores),
        emotion=_emotion(row, source),
        emotion_votes=_votes(row, source),
        neutral_votes=_count(row, source.neutral_votes) if source.neutral_votes else 0.0,
        attributes=_attributes(row, source),
    )


def _attributes(row: Row, source: TableSource) -> dict[str, float]:
    """Mean ratings of other questions in [1, 10]; a question with an empty cell is left out."""
    stated = {name: _number(row, column) for name, column in source.attributes.items()}
    return {name: to_ten_point(_on_scale(value, source), source.scale)
            for name, value in stated.items() if value is not None}  # fmt: skip


def _counts(scores: list[tuple[float, float]]) -> dict[float, float] | None:
    counts: dict[float, float] = defaultdict(float)
    for score, raters in scores:
        counts[score] += raters
    return dict(counts) or None


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
        raise OffScaleError(f"score {value:g} lies outside the scale {worst:g} to {best:g}")
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
        hint = " with a decimal point" if "," in text else ""
        raise ValueError(f"column '{column}' holds '{text}', wanted a number{hint}")
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
