"""Single ratings as a matrix, a row an item and a column a rater: CSV, Parquet, .npy, HDF5."""

import csv
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from iae.data.rating_file import delimiter, open_text, readable, table_kind
from iae.data.rating_scale import guess_scale, ten_points
from iae.data.rating_table import MISSING, RatingTable
from iae.data.ratings import Ratings
from iae.errors import DataError

_TOTAL_SHARE = 0.99
"""A last column that is the sum, or the mean, of the others in so many rows is no rater."""


def read_rating_matrix(
    path: Path, scale: tuple[float, float] | None = None, item: str | None = None
) -> RatingTable:
    """Read a matrix of ratings; empty cells and NaN are missing ratings. Scores come on [1, 10].

    Args:
        path: CSV (comma, semicolon or tab; gzipped or not), Parquet, ``.npy``, or HDF5 with the key
            ``score`` or a single two-dimensional array. In a text table the first row names the
            raters unless it is all numbers.
        scale: worst and best score the raters could give; None infers it from the scores.
        item: column that names the items. None: the first, where it holds no numbers or its head
            is empty; otherwise items are numbered from 0.

    Raises:
        DataError: the file is no such matrix; of a text table, file and line are named.
    """
    kind = table_kind(path)
    if kind in ("csv", "parquet"):
        items, raters, matrix = _read_text_or_parquet(path, kind, item)
    elif kind in ("npy", "h5"):
        matrix = _read_npy(path) if kind == "npy" else _read_h5(path)
        items, raters = None, [str(j + 1) for j in range(matrix.shape[1])]
    else:
        raise DataError(f"{path}: a matrix of ratings is a .csv, .parquet, .npy or .h5 file")
    matrix, raters, notes = _without_total(matrix, raters)
    _check_scale(matrix, scale, path, raters)
    if np.isnan(matrix).all():
        raise DataError(f"{path} holds no rating")
    if scale is None:
        scale, reason = guess_scale(np.unique(matrix[~np.isnan(matrix)]))
        notes.append(f"scores are taken to lie on {scale[0]:g} to {scale[1]:g} ({reason}); "
                     "--scale says otherwise")  # fmt: skip
    notes.insert(0, f"a matrix of {matrix.shape[0]:,} items in rows and {len(raters):,} raters in "
                 f"columns ({', '.join(raters[:3])} …)")  # fmt: skip
    ratings = Ratings.from_matrix(
        ten_points(matrix, scale), items=items, raters=raters, scale=scale
    )
    return RatingTable(ratings, notes)


def _read_text_or_parquet(
    path: Path, kind: str, item: str | None
) -> tuple[list[str] | None, list[str], NDArray[np.float64]]:
    frame = _read_frame(path, kind)
    if item is not None and item not in frame.columns:
        raise DataError(f"{path}: wanted a column '{item}', the table has: "
                        f"{', '.join(frame.columns)}")  # fmt: skip
    names = item or _item_column(frame)
    raters = [column for column in frame.columns if column != names]
    if len(raters) < 1 or frame.is_empty():
        raise DataError(
            f"{path} is no matrix of ratings: wanted a row an item and a column a rater"
        )
    texts = frame.select(raters).select(pl.all().str.strip_chars().replace(list(MISSING), None))
    numbers = texts.select(pl.all().cast(pl.Float64, strict=False))
    wrong = (
        numbers.select(pl.all().is_null() | pl.all().is_infinite()).to_numpy()
        & texts.select(pl.all().is_not_null()).to_numpy()
    )
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        raise DataError(f"{_place(path, int(row))}: column '{raters[column]}' holds "
                        f"'{texts[int(row), int(column)]}', wanted a rating")  # fmt: skip
    items = frame[names].fill_null("").to_list() if names else None
    return items, raters, numbers.to_numpy().astype(np.float64)


def _read_frame(path: Path, kind: str) -> pl.DataFrame:
    """The table as text, without empty rows; columns without names are numbered from 1."""
    with readable(path):
        if kind == "parquet":
            return pl.read_parquet(path, glob=False).cast(pl.String)
        separator = delimiter(path)
        with open_text(path) as file:
            head = next((row for row in csv.reader(file, delimiter=separator) if any(row)), [])
        has_names = not all(map(_is_number, head))
        frame = pl.read_csv(path, separator=separator, infer_schema=False, glob=False,
                            has_header=has_names)  # fmt: skip
    if not has_names:
        frame.columns = [str(j + 1) for j in range(frame.width)]
    return frame.filter(~pl.all_horizontal(pl.all().is_null()))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _item_column(frame: pl.DataFrame) -> str | None:
    """The first column, if its head is that of an index or it holds something else than numbers."""
    first = frame.columns[0]
    bare = first.strip().lower()
    if bare in ("", "item", "items", "image", "image_id", "photo", "id", "name", "index"):
        return first
    numbers = frame[first].replace(list(MISSING), None).drop_nulls()
    return first if numbers.cast(pl.Float64, strict=False).null_count() else None


def _place(path: Path, row: int) -> str:
    """``path:line`` of a row of a text table; of other files, the row, counting from 1."""
    if table_kind(path) != "csv":
        return f"{path}:{row + 1}"
    with open_text(path) as file:
        reader = csv.reader(file, delimiter=delimiter(path))
        line, seen = 1, None
        for cells in reader:
            is_row = any(cells)
            if is_row and seen is None:
                seen = 0 if all(map(_is_number, cells)) else -1  # a header is no row
            if is_row and seen == row:
                break
            seen = None if seen is None else seen + is_row
            line = reader.line_num + 1
    return f"{path}:{line}"


def _read_npy(path: Path) -> NDArray[np.float64]:
    with readable(path):
        try:
            array = np.load(path, allow_pickle=False)
        except ValueError as error:
            raise DataError(f"cannot read {path}: {error}") from None
    return _two_dimensional(array, path)


def _read_h5(path: Path) -> NDArray[np.float64]:
    import h5py

    with readable(path), h5py.File(path) as file:
        arrays = [
            key for key in file if isinstance(file[key], h5py.Dataset) and file[key].ndim == 2
        ]
        keys = ["score"] if "score" in arrays else arrays
        if len(keys) != 1:
            raise DataError(f"{path}: wanted the key 'score' with items × raters, it has: "
                            f"{', '.join(file) or 'nothing'}")  # fmt: skip
        return _two_dimensional(file[keys[0]][()], path)


def _two_dimensional(array: NDArray[np.generic], path: Path) -> NDArray[np.float64]:
    if array.ndim != 2 or array.dtype.kind not in "iufb" or 0 in array.shape:
        raise DataError(f"{path}: wanted items × raters as numbers, found the shape {array.shape} "
                        f"of {array.dtype}")  # fmt: skip
    return array.astype(np.float64)


def _without_total(
    matrix: NDArray[np.float64], raters: list[str]
) -> tuple[NDArray[np.float64], list[str], list[str]]:
    """Leave out a last column that is the sum or the mean of the others."""
    if matrix.shape[1] < 3:
        return matrix, raters, []
    others, last = matrix[:, :-1], matrix[:, -1]
    counts = (~np.isnan(others)).sum(axis=1)
    total = np.nansum(others, axis=1)
    rated = (counts > 1) & ~np.isnan(last)
    for word, wanted in (("sum", total), ("mean", total / np.maximum(counts, 1))):
        same = np.abs(last - wanted)[rated] < 1e-6 * np.maximum(np.abs(wanted[rated]), 1)
        # A constant matrix is its own mean; it says nothing about the last column.
        varies = np.unique(others[rated]).size > 1
        if varies and same.mean() >= _TOTAL_SHARE:
            note = f"the last column ('{raters[-1]}') is the {word} of the others and no rater"
            return others, raters[:-1], [note]
    return matrix, raters, []


def _check_scale(
    matrix: NDArray[np.float64], scale: tuple[float, float] | None, path: Path, raters: list[str]
) -> None:
    wrong = np.isinf(matrix)
    if scale is not None:
        wrong |= (matrix < scale[0]) | (matrix > scale[1])
    if wrong.any():
        row, column = (int(place) for place in np.argwhere(wrong)[0])
        wanted = "a finite number" if scale is None else f"{scale[0]:g} to {scale[1]:g}"
        raise DataError(f"{_place(path, row)}: rater '{raters[column]}' gave "
                        f"{matrix[row, column]:g}, wanted {wanted}")  # fmt: skip
