"""Parquet shards with the pictures in them, as the Hugging Face hub stores image data sets."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from iae.convert import hub
from iae.convert.croissant import Distribution
from iae.convert.parts import Example, Part
from iae.convert.target import Progress, Target, WriteOptions
from iae.data.dataset import Dataset
from iae.data.rows import POSITION, RATERS, RATINGS

_SHARD_BYTES = 256 << 20
"""A shard is closed at this size whatever its number of images: it is held in memory once."""
_GROUP_BYTES = 16 << 20
"""About the size of a row group, which a reader of one picture has to touch."""
_TEXT = ("file_name", "name", "source", "split", "group", "emotion")
_IMAGE = pl.Struct({"bytes": pl.Binary, "path": pl.String})


def column_types(columns: Sequence[str]) -> dict[str, Any]:
    """Column -> its polars type; the same for every shard, also where a column has no value."""
    types: dict[str, Any] = {"aesthetic_high": pl.Boolean, POSITION: pl.Int64,
                             RATERS: pl.List(pl.String), RATINGS: pl.List(pl.Float64),
                             **dict.fromkeys(_TEXT, pl.String)}  # fmt: skip
    return {column: types.get(column, pl.Float64) for column in columns}


def _write(dataset: Dataset, folder: Path, options: WriteOptions, progress: Progress) -> None:
    def write_part(part: Part, examples: Iterable[Example], columns: Sequence[str]) -> list[int]:
        (folder / part.folder).mkdir()
        places = []
        for n, shard in enumerate(_shards(examples, options.shard_size)):
            _write_shard(folder / part.folder / f"shard-{n:06d}.parquet", shard, columns)
            places += [example.place for example in shard]
        return places

    hub.write_parts(dataset, folder, options, progress, write_part, DISTRIBUTION)


def _shards(examples: Iterable[Example], most: int) -> Iterator[list[Example]]:
    shard: list[Example] = []
    size = 0
    for example in examples:
        shard.append(example)
        size += len(example.data or b"")
        if len(shard) == most or size >= _SHARD_BYTES:
            yield shard
            shard, size = [], 0
    if shard:
        yield shard


def _write_shard(path: Path, shard: list[Example], columns: Sequence[str]) -> None:
    pictures = [
        None if e.data is None else {"bytes": e.data, "path": e.row["file_name"]} for e in shard
    ]
    frame = pl.DataFrame(
        {"image": pictures} | {column: [e.row[column] for e in shard] for column in columns},
        schema={"image": _IMAGE, **column_types(columns)},
    )
    size = sum(len(e.data or b"") for e in shard)
    frame.write_parquet(
        path,
        row_group_size=max(1, min(len(shard), len(shard) * _GROUP_BYTES // max(size, 1))),
    )


DISTRIBUTION = Distribution(
    kind="parquet", shards="*/*.parquet", encoding="application/x-parquet", data="*.parquet"
)

TARGET = Target(
    name="parquet",
    title="Parquet shards with the pictures in them, with a dataset card and Croissant",
    losses=hub.losses,
    write=_write,
)
