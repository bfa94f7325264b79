"""Scores as a table on disk: CSV, Parquet or NDJSON, with the same columns."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import polars as pl

from iae.files import written_whole
from iae.scoring.scores import COLUMNS, PhotoScore

_SCHEMA = {name: pl.String if name in ("path", "error") else pl.Float64 for name in COLUMNS}

_WRITERS: Mapping[str, Callable[[pl.DataFrame, Path], object]] = {
    "csv": lambda table, path: table.write_csv(path),
    "parquet": lambda table, path: table.write_parquet(path),
    "ndjson": lambda table, path: table.write_ndjson(path),
}
FORMATS = tuple(_WRITERS)


def write_scores(out: Path, scores: Sequence[PhotoScore], fmt: str) -> Path:
    """Write ``out/scores.FORMAT`` and return its path."""
    table = pl.DataFrame([score.to_row() for score in scores], schema=_SCHEMA)
    target = out / f"scores.{fmt}"
    with written_whole(target) as part:
        _WRITERS[fmt](table, part)
    return target
