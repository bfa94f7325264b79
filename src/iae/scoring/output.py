"""Scores as a table on disk: CSV, Parquet or NDJSON, with the same columns."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

import polars as pl

from iae.files import written_whole
from iae.scoring.scores import COLUMNS, PhotoScore

_SCHEMA = {name: pl.String if name in ("path", "error") else pl.Float64 for name in COLUMNS}

_WRITERS: Mapping[str, Callable[[pl.DataFrame, BinaryIO], object]] = {
    "csv": lambda table, file: table.write_csv(file),
    "parquet": lambda table, file: table.write_parquet(file),
    "ndjson": lambda table, file: table.write_ndjson(file),
}


def write_scores(out: Path, scores: Sequence[PhotoScore], fmt: str) -> Path:
    """Write ``out/scores.FORMAT`` and return its path."""
    table = pl.DataFrame([score.to_row() for score in scores], schema=_SCHEMA)
    target = out / f"scores.{fmt}"
    # Opened here, because polars takes no path that is not UTF-8.
    with written_whole(target) as part, part.open("wb") as file:
        _WRITERS[fmt](table, file)
    return target
