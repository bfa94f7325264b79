"""Rows as Parquet whose columns have the same types in every file, also where they are empty.

Loaders take the type of a column from the file, and refuse two splits that differ in one.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from iae.convert.columns import Kind, describe_column
from iae.data.mark import PARQUET_MARK

_TYPES: Mapping[Kind, Any] = {
    "text": pl.String, "number": pl.Float64, "flag": pl.Boolean, "integer": pl.Int64,
    "texts": pl.List(pl.String), "numbers": pl.List(pl.Float64),
}  # fmt: skip
_CHUNK = 4096
"""Rows that are held as Python objects, ten times the size of the same rows in a table."""


def column_types(columns: Sequence[str]) -> dict[str, Any]:
    """Column -> its polars type."""
    return {column: _TYPES[describe_column(column).kind] for column in columns}


class TypedTable:
    """Collects rows and writes them as one Parquet file."""

    def __init__(self, columns: Sequence[str]) -> None:
        """An empty table with these columns, whose types follow from their names."""
        self._types = column_types(columns)
        self._chunks = [pl.DataFrame(schema=self._types)]
        self._rows: list[Mapping[str, Any]] = []

    def add(self, row: Mapping[str, Any]) -> None:
        """Append a row; it has every column."""
        self._rows.append(row)
        if len(self._rows) == _CHUNK:
            self._close_chunk()

    def write(self, path: Path) -> None:
        """Write all rows, with the mark of iae. Raises ``OSError``."""
        self._close_chunk()
        pl.concat(self._chunks).write_parquet(path, metadata=dict(PARQUET_MARK))

    def _close_chunk(self) -> None:
        cells = {column: [row[column] for row in self._rows] for column in self._types}
        self._chunks.append(pl.DataFrame(cells, schema=self._types))
        self._rows = []
