"""A table file as rows of cells: CSV (with commas, semicolons or tabs), Parquet or NDJSON, with the
line each row begins at."""

import csv
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from iae.errors import DataError

Row = Mapping[str, Any]
"""Column -> cell; of a CSV file always text, so that a wrong value is shown as it was written."""


class TableFile(NamedTuple):
    """A table that was read."""

    columns: list[str]
    rows: list[tuple[int, Row]]
    """With the line each begins at, counting from 1; of a Parquet file, its place."""
    bad_rows: list[tuple[int, str]]
    """Lines that are no row of this table, and why; they are not in ``rows``."""


def read_table_file(path: Path) -> TableFile:
    """Read a whole table; the suffix says which kind.

    Raises:
        DataError: there is no such file, or it is damaged, empty or of another kind.
    """
    reader = TABLE_READERS.get(path.suffix.lower())
    if reader is None:
        raise DataError(f"{path}: a label table is one of {', '.join(TABLE_READERS)}")
    if not path.is_file():
        raise DataError(f"there is no label table {path}; check the data root and 'table'")
    try:
        table = reader(path)
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path} is not UTF-8 text (byte {error.start} of it); save it as UTF-8"
        ) from None
    except (pl.exceptions.PolarsError, OSError) as error:
        raise DataError(f"cannot read {path}: {reason(error)}") from None
    if not table.rows and not table.bad_rows:
        raise DataError(f"{path} has no rows")
    return table


def reason(error: Exception) -> str:
    """The first line of what an error says; its kind where it says nothing."""
    text = error.strerror if isinstance(error, OSError) else None
    return (text or str(error) or repr(error)).splitlines()[0]


def separator_in(lines: Iterable[str]) -> str:
    """What separates the cells: the most frequent of , ; and tab in the first line with text.

    Spreadsheets of half the world write semicolons.

    >>> separator_in(["", "image;score;emotion"])
    ';'
    """
    header = next((line for line in lines if line.strip() and not line.startswith("#")), "")
    return max(",;\t", key=header.count)


# CSV and NDJSON are read by the standard library: it says at which line a row begins, whatever
# line breaks and blank lines the file has, and a row of the wrong length is refused, not padded.


def _read_csv(path: Path) -> TableFile:
    rows: list[tuple[int, Row]] = []
    bad: list[tuple[int, str]] = []
    columns: list[str] = []
    with path.open(encoding="utf-8-sig", newline="") as file:
        separator = separator_in(file)
        file.seek(0)
        reader = csv.reader(file, delimiter=separator, strict=True)
        line = 1
        try:
            for cells in reader:
                if len(cells) == 1 and cells[0].startswith("#") and len(columns) != 1:
                    pass  # a remark, which no row of several columns can be
                elif not columns:
                    columns = cells
                elif len(cells) == len(columns):
                    rows.append((line, dict(zip(columns, cells, strict=True))))
                elif cells:  # a blank line has none
                    bad.append((line, f"{len(cells)} cells, the header has {len(columns)}"))
                line = reader.line_num + 1
        except csv.Error as error:
            raise DataError(f"{path}:{line}: {error}") from None
    return TableFile(columns, rows, bad)


def _read_ndjson(path: Path) -> TableFile:
    found: list[tuple[int, Row]] = []
    bad: list[tuple[int, str]] = []
    with path.open(encoding="utf-8-sig") as file:
        for line, text in enumerate(file, 1):
            if not text.strip():
                continue
            try:
                row = json.loads(text)
            except json.JSONDecodeError as error:
                bad.append((line, f"not JSON: {error.msg}"))
                continue
            if isinstance(row, dict):
                found.append((line, row))
            else:
                bad.append((line, "wanted one JSON object a line"))
    columns = list(dict.fromkeys(column for _, row in found for column in row))
    empty = dict.fromkeys(columns)
    return TableFile(columns, [(line, {**empty, **row}) for line, row in found], bad)


def _read_parquet(path: Path) -> TableFile:
    table = pl.read_parquet(path, glob=False)  # a folder may be called "[2024] photos"
    return TableFile(table.columns, list(enumerate(table.iter_rows(named=True), 1)), [])


TABLE_READERS: Mapping[str, Callable[[Path], TableFile]] = {
    ".csv": _read_csv,
    ".tsv": _read_csv,
    ".parquet": _read_parquet,
    ".ndjson": _read_ndjson,
    ".jsonl": _read_ndjson,
}
"""Suffix -> reader."""
