"""The choice as a table on disk: CSV or NDJSON, with the same columns."""

import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

import polars as pl

from iae.files import written_whole
from iae.pick.choice import COLUMNS, Pick

_TYPES: Mapping[str, type[pl.DataType]] = {
    "series": pl.Int64,
    "rank": pl.Int64,
    "best": pl.Boolean,
    "kept": pl.Boolean,
    "too_close": pl.Boolean,
    "preference": pl.Float64,
    "score": pl.Float64,
    "overruled": pl.Boolean,
}

SCHEMA = pl.Schema({name: _TYPES.get(name, pl.String) for name in COLUMNS})
"""Name and type of every column, in order."""

_WRITERS: Mapping[str, Callable[[pl.DataFrame, BinaryIO], object]] = {
    "csv": lambda table, file: table.write_csv(file),
    "ndjson": lambda table, file: table.write_ndjson(file),
}


def write_picks(out: Path, picks: Sequence[Pick], fmt: str) -> Path:
    """Write ``out/picks.FORMAT`` and return its path; ``fmt`` is ``csv`` or ``ndjson``."""
    table = pl.DataFrame([pick.to_row() for pick in picks], schema=SCHEMA)
    target = out / f"picks.{fmt}"
    content = io.BytesIO()
    _WRITERS[fmt](table, content)
    with written_whole(target) as part:
        part.write_bytes(content.getbuffer())
    return target
