"""Scores as a table on disk: CSV, Parquet or NDJSON, with the same columns."""

import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

import polars as pl

from iae.files import written_whole
from iae.scoring.scores import COLUMNS, PhotoScore

_TYPES: Mapping[str, type[pl.DataType]] = {
    "path": pl.String,
    "error": pl.String,
    "reasons": pl.String,
    "unsure": pl.Boolean,
    "width": pl.Int64,
    "height": pl.Int64,
}

SCHEMA = pl.Schema({name: _TYPES.get(name, pl.Float64) for name in COLUMNS})
"""Name and type of every column, in order. In CSV an empty cell is an empty text in a column of
texts, and no value in any other."""

_WRITERS: Mapping[str, Callable[[pl.DataFrame, BinaryIO], object]] = {
    "csv": lambda table, file: table.write_csv(file),
    "parquet": lambda table, file: table.write_parquet(file),
    "ndjson": lambda table, file: table.write_ndjson(file),
}


def write_scores(out: Path, scores: Sequence[PhotoScore], fmt: str) -> Path:
    """Write ``out/scores.FORMAT`` and return its path."""
    table = pl.DataFrame([score.to_row() for score in scores], schema=SCHEMA)
    target = out / f"scores.{fmt}"
    # Written by us: polars takes no path that is not UTF-8, and calls a full disk a damaged table.
    content = io.BytesIO()
    _WRITERS[fmt](table, content)
    with written_whole(target) as part:
        part.write_bytes(content.getbuffer())
    return target
