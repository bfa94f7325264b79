"""Files that hold ratings: which kind they are, and opening text that may be gzipped."""

import csv
import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO, cast

import polars as pl

from iae.data.table_file import read_table_file, reason, separator_in
from iae.errors import DataError


def table_kind(path: Path) -> str:
    """``csv``, ``parquet``, ``ndjson``, ``npy`` or ``h5`` by the name of a file, else ``""``."""
    name = path.name.lower().removesuffix(".gz")
    kinds = {".csv": "csv", ".tsv": "csv", ".txt": "csv", ".parquet": "parquet",
             ".ndjson": "ndjson", ".jsonl": "ndjson", ".npy": "npy", ".h5": "h5",
             ".hdf5": "h5"}  # fmt: skip
    return kinds.get(Path(name).suffix, "")


def read_columns(path: Path) -> list[str]:
    """Names of the columns of a CSV, Parquet or NDJSON file.

    Raises:
        DataError: the file cannot be read as what its name says.
    """
    kind = table_kind(path)
    with readable(path):
        if kind == "csv":
            with open_text(path) as file:
                return next((row for row in csv.reader(file, delimiter=delimiter(path)) if row), [])
        if kind == "parquet":
            return list(pl.read_parquet_schema(path))
        if kind == "ndjson":
            return read_table_file(path).columns
    return []


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Turn whatever a damaged file raises into one line. Raises ``DataError``."""
    try:
        yield
    except FileNotFoundError:
        raise DataError(f"there is no {path}") from None
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path} is not UTF-8 text (byte {error.start} of it); save it as UTF-8"
        ) from None
    except (OSError, EOFError, csv.Error, pl.exceptions.PolarsError) as error:
        raise DataError(f"cannot read {path}: {reason(error)}") from None


@contextmanager
def open_text(path: Path) -> Iterator[TextIO]:
    """A text file or a gzipped one, read as UTF-8 with or without a byte order mark."""
    with path.open("rb") as file:
        is_gzipped = file.read(2) == b"\x1f\x8b"
    with (gzip.open if is_gzipped else Path.open)(
        path, "rt", encoding="utf-8-sig", newline=""
    ) as opened:
        yield cast(TextIO, opened)


def delimiter(path: Path) -> str:
    """What separates the cells of a text table, which may be gzipped."""
    with open_text(path) as file:
        return separator_in(file)
