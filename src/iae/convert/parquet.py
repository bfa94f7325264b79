"""Parquet shards with the pictures in them, as the Hugging Face hub stores image data sets."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import polars as pl

from iae.convert import hub
from iae.convert.croissant import Distribution
from iae.convert.examples import Example
from iae.convert.parts import Part
from iae.convert.target import Progress, Target, WriteOptions
from iae.convert.typed_table import column_types
from iae.data.dataset import Dataset
from iae.data.mark import PARQUET_MARK

_SHARD_BYTES = 128 << 20
"""A shard is closed at this size whatever its number of images: memory takes four times of it."""
_GROUP_BYTES = 16 << 20
"""About the size of a row group, which a reader of one picture has to touch."""
_IMAGE = pl.Struct({"bytes": pl.Binary, "path": pl.String})


def _write(dataset: Dataset, folder: Path, options: WriteOptions, progress: Progress) -> None:
    def write_part(part: Part, examples: Iterable[Example], columns: Sequence[str]) -> list[int]:
        (folder / part.folder).mkdir()
        places = []
        for n, shard in enumerate(_shards(examples, options.shard_size)):
            _write_shard(folder / part.folder / f"shard-{n:06d}.parquet", shard, columns)
            places += [example.place for example in shard]
            shard.clear()  # not to be held while the next one is filled
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
        metadata=dict(PARQUET_MARK),
        row_group_size=max(1, min(len(shard), len(shard) * _GROUP_BYTES // max(size, 1))),
    )


DISTRIBUTION = Distribution(
    kind="parquet", shards="*/*.parquet", encoding="application/x-parquet", data="*.parquet"
)

TARGET = Target(
    name="parquet",
    title="Parquet shards with the pictures in them, with a dataset card and Croissant",
    losses=hub.losses,
    unreadable=hub.UNREADABLE,
    write=_write,
)
