"""A table of single ratings, a row each: item, rater, value (CSV, Parquet, NDJSON; gzipped CSV).

Ten million rows are read column by column into numbers; only a file in which something is wrong,
or that is written unusually, is gone through line by line, to name the line.
"""

import csv
import gzip
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, NamedTuple, cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from iae.data.rating_file import delimiter, open_text, readable, table_kind
from iae.data.rating_file import read_columns as read_columns  # with the reader, for formats
from iae.data.rating_scale import guess_scale, ten_points
from iae.data.ratings import Ratings
from iae.data.table_file import read_table_file
from iae.errors import DataError

MISSING = ("", "NA", "N/A", "na", "nan", "NaN", "NAN", "null", "NULL", "None", "none", ".", "-")
"""What stands in a cell where a rating is missing."""

_ITEM = ("item", "image", "photo", "picture", "stimulus", "stimuli", "imageid", "imagename",
         "photoid", "itemid", "stimulusid", "filename", "file", "img", "pic", "path")  # fmt: skip
_RATER = ("rater", "raterid", "subject", "subjectid", "subjid", "subj", "user", "userid", "worker",
          "workerid", "participant", "participantid", "observer", "observerid", "annotator",
          "annotatorid", "volunteer", "voter")  # fmt: skip
_VALUE = ("rating", "value", "score", "beauty", "aesthetic", "aesthetics", "aestheticscore",
          "aestheticsscore", "vote", "opinion", "opinionscore", "response", "liking", "grade",
          "stars", "quality")  # fmt: skip


class RatingColumns(NamedTuple):
    """Which columns hold the image, who rated it, and the score."""

    item: str
    rater: str
    value: str


class RatingTable(NamedTuple):
    """A rating table that was read."""

    ratings: Ratings
    notes: list[str]
    """What was inferred or left out, in sentences for the user."""


def guess_rating_columns(
    columns: Sequence[str],
    item: str | None = None,
    rater: str | None = None,
    value: str | None = None,
) -> RatingColumns | None:
    """The three columns of a long table, as said or by their names; None if one is not found.

    >>> guess_rating_columns(["subjID", "item", "beauty", "valence"])
    RatingColumns(item='item', rater='subjID', value='beauty')
    """
    bare = {re.sub(r"[^a-z0-9]", "", column.lower()): column for column in reversed(columns)}

    def first(names: Iterable[str]) -> str | None:
        return next((bare[name] for name in names if name in bare), None)

    found = (item or first(_ITEM), rater or first(_RATER), value or first(_VALUE))
    if None in found or len(set(found)) < 3:
        return None
    return RatingColumns(*cast(tuple[str, str, str], found))


# Reading


def read_rating_table(
    path: Path, columns: RatingColumns, scale: tuple[float, float] | None = None
) -> RatingTable:
    """Read a long table; scores come on [1, 10].

    Args:
        path: CSV (comma, semicolon or tab; may be gzipped), Parquet or NDJSON.
        columns: which columns are meant.
        scale: worst and best score the raters could give; None infers it from the scores.

    Raises:
        DataError: no such file or column, no rating at all, or a wrong value; then the text names
            file and line (of a Parquet file, the row).
    """
    header = read_columns(path)
    for column in columns:
        if header.count(column) != 1:
            raise DataError(f"{path}: wanted one column '{column}', the table has: "
                            f"{', '.join(header)}")  # fmt: skip
    frame = _read_fast(path, columns, len(header))
    if frame is None or _is_wrong(frame, scale):
        frame = _read_line_by_line(path, columns, scale)
    return _from_frame(frame, path, scale)


def _read_fast(path: Path, columns: RatingColumns, width: int) -> pl.DataFrame | None:
    """(R, 3) text, text and Float64, null where a cell is missing; None if it takes a closer look.

    A row that is too short would come as missing cells, so the separators are counted.
    """
    kind = table_kind(path)
    if kind == "parquet":
        with readable(path):
            frame = pl.read_parquet(path, columns=list(columns), glob=False)
        try:
            return frame.select(pl.col(columns.item).cast(pl.String),
                                pl.col(columns.rater).cast(pl.String),
                                pl.col(columns.value).cast(pl.Float64))  # fmt: skip
        except pl.exceptions.PolarsError:
            return None
    if kind != "csv":
        return None
    separator = delimiter(path)
    try:
        frame = pl.read_csv(
            path, columns=list(columns), separator=separator, infer_schema=False, glob=False,
            schema_overrides={columns.value: pl.Float64}, null_values=list(MISSING),
        ).select(columns)  # fmt: skip
    except (pl.exceptions.PolarsError, OSError):
        return None
    has_gaps = any(frame[column].null_count() for column in columns)
    if has_gaps and _count(path, separator) != (width - 1) * (len(frame) + 1):
        return None
    return frame


def _count(path: Path, separator: str) -> int:
    with path.open("rb") as raw:
        is_gzipped = raw.read(2) == b"\x1f\x8b"
    with cast(IO[bytes], gzip.open(path) if is_gzipped else path.open("rb")) as file:
        wanted = separator.encode()
        return sum(block.count(wanted) for block in iter(lambda: file.read(1 << 20), b""))


def _is_wrong(frame: pl.DataFrame, scale: tuple[float, float] | None) -> bool:
    item, rater, value = frame.columns
    numbers = frame[value].drop_nulls().drop_nans()
    worst, best = scale or (-math.inf, math.inf)
    low, high = cast(float, numbers.min() or 0.0), cast(float, numbers.max() or 0.0)
    off = len(numbers) > 0 and not (worst <= low and high <= best and math.isfinite(high - low))
    rated = frame.filter(pl.col(value).is_not_null()) if frame[value].null_count() else frame
    return off or rated[item].null_count() + rated[rater].null_count() > 0


def _read_line_by_line(
    path: Path, columns: RatingColumns, scale: tuple[float, float] | None
) -> pl.DataFrame:
    """As :func:`_read_fast`, slowly. Raises ``DataError`` at the first line that is wrong."""
    items: list[str] = []
    raters: list[str] = []
    values: list[float | None] = []
    with readable(path):
        for line, cells in _cells(path, columns):
            try:
                row = _checked(cells, columns, scale)
            except ValueError as error:
                raise DataError(f"{path}:{line}: {error}") from None
            items.append(row[0])
            raters.append(row[1])
            values.append(row[2])
    columns_found = (pl.Series(columns.item, items, pl.String),
                     pl.Series(columns.rater, raters, pl.String),
                     pl.Series(columns.value, values, pl.Float64))  # fmt: skip
    return pl.DataFrame(columns_found)


def _cells(path: Path, columns: RatingColumns) -> Iterator[tuple[int, tuple[str, str, str]]]:
    """(line, the three cells as text) of every row."""
    if table_kind(path) == "csv":
        separator = delimiter(path)
        with open_text(path) as file:
            reader = csv.reader(file, delimiter=separator)
            header = next(row for row in reader if row)
            places = [header.index(column) for column in columns]
            line = reader.line_num + 1
            for row in reader:
                if row and len(row) != len(header):
                    raise DataError(
                        f"{path}:{line}: {len(row)} cells, the header has {len(header)}"
                    )
                if row:
                    yield line, cast(tuple[str, str, str], tuple(row[i] for i in places))
                line = reader.line_num + 1
        return
    table = read_table_file(path)
    for line, problem in table.bad_rows:
        raise DataError(f"{path}:{line}: {problem}")
    for line, named in table.rows:
        texts = ("" if named[column] is None else str(named[column]) for column in columns)
        yield line, cast(tuple[str, str, str], tuple(texts))


def _checked(
    cells: tuple[str, str, str], columns: RatingColumns, scale: tuple[float, float] | None
) -> tuple[str, str, float | None]:
    item, rater, text = (cell.strip() for cell in cells)
    if text in MISSING:
        return item, rater, None
    for column, name in ((columns.item, item), (columns.rater, rater)):
        if not name:
            raise ValueError(f"column '{column}' is empty; every rating needs it")
    try:
        value = float(text)
    except ValueError:
        value = math.inf
    if not math.isfinite(value):
        raise ValueError(f"column '{columns.value}' holds '{text}', wanted a number")
    if scale is not None and not scale[0] <= value <= scale[1]:
        raise ValueError(f"score {value:g} lies outside the scale {scale[0]:g} to {scale[1]:g}")
    return item, rater, value


# Into numbers


def _from_frame(frame: pl.DataFrame, path: Path, scale: tuple[float, float] | None) -> RatingTable:
    item, rater, value = frame.columns
    rows = len(frame)
    frame = frame.filter(pl.col(value).is_not_null() & pl.col(value).is_not_nan())
    notes = [f"columns: item={item}, rater={rater}, value={value}"]
    if len(frame) < rows:
        notes.append(f"{rows - len(frame):,} of {rows:,} rows hold no rating and are left out")
    if frame.is_empty():
        raise DataError(f"{path} holds no rating: its column '{value}' is empty; "
                        "name another with --value")  # fmt: skip
    scores = frame[value].to_numpy()
    if scale is None:
        scale, reason = guess_scale(np.unique(scores))
        notes.append(f"scores are taken to lie on {scale[0]:g} to {scale[1]:g} ({reason}); "
                     "--scale says otherwise")  # fmt: skip
    items, item_index = _numbered(frame[item])
    raters, rater_index = _numbered(frame[rater])
    ratings = Ratings(items=items, raters=raters, item=item_index, rater=rater_index,
                      value=ten_points(scores, scale), scale=scale)  # fmt: skip
    return RatingTable(ratings, notes)


def _numbered(names: pl.Series) -> tuple[list[str], NDArray[np.int32]]:
    """The different names in the order in which they first occur, and (R,) indices into them."""
    codes = names.cast(pl.Categorical).to_physical().to_numpy()
    # polars numbers categories as it likes, and shares them between tables: number them again.
    first = np.full(int(codes.max()) + 1, len(codes))
    first[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)  # written last: the first place
    places = np.sort(first[first < len(codes)])
    number = np.empty(len(first), np.int32)
    number[codes[places]] = np.arange(len(places), dtype=np.int32)
    return names.gather(places).to_list(), number[codes]
