"""Parquet shards with the pictures in them, as the Hugging Face hub stores image data sets.

The picture is a struct column ``{bytes, path}``, the labels are columns beside it. Labels are read
at once without the pictures; a picture is read when it is asked for, with the row group it is in.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from iae.data.dataset import Dataset
from iae.data.formats.converted import PlacedRow, dataset_from_rows
from iae.data.formats.foreign import ForeignTable, dataset_from_foreign, shard_split
from iae.data.formats.format import Format, ReadOptions
from iae.data.manifest import find_manifest
from iae.data.mark import are_marked, parquet_schema
from iae.data.records import ImageRecord
from iae.data.table_file import Row, TableFile
from iae.errors import DataError, ImageError


class ParquetStore:
    """Pictures in Parquet shards; ``record.path`` is the shard with the file name below it."""

    def __init__(self, places: Mapping[Path, tuple[Path, int, str]]) -> None:
        """Remember the shard, row and column of each picture."""
        self._places = places

    def read(self, record: ImageRecord) -> bytes:
        """The bytes of one picture. Raises ``ImageError``."""
        if record.path not in self._places:
            raise ImageError("no shard holds this picture")
        shard, row, column = self._places[record.path]
        try:
            cell = pl.scan_parquet(shard, glob=False).slice(row, 1).select(column).collect().item()
        except (pl.exceptions.PolarsError, OSError) as error:
            raise ImageError(f"cannot read {shard.name}: {str(error).splitlines()[0]}") from None
        data = cell.get("bytes") if isinstance(cell, dict) else cell
        if data is None:
            raise ImageError(f"row {row + 1} of {shard.name} holds no picture")
        return bytes(data)


def _shards(path: Path) -> list[Path]:
    """The Parquet files that a path means: itself, or all below it in at most two folders."""
    if path.is_file():
        return [path] if path.suffix.lower() == ".parquet" else []
    try:
        return sorted(p for pattern in ("*.parquet", "*/*.parquet") for p in path.glob(pattern))
    except OSError:
        return []


def _schema(shard: Path) -> dict[str, Any]:
    try:
        return dict(pl.read_parquet_schema(shard))
    except (pl.exceptions.PolarsError, OSError) as error:
        raise DataError(f"cannot read {shard}: {str(error).splitlines()[0]}") from None


def image_column(schema: Mapping[str, Any]) -> str | None:
    """The column that holds pictures: a struct with bytes, or bytes called ``image``."""
    for name, kind in schema.items():
        if isinstance(kind, pl.Struct) and any(
            field.name == "bytes" and field.dtype == pl.Binary for field in kind.fields
        ):
            return name
    return next((c for c, t in schema.items() if t == pl.Binary and c.lower() in ("image", "img")),
                None)  # fmt: skip


def _recognise(path: Path) -> str | None:
    shards = _shards(path)
    if not shards:
        return None
    try:
        column = image_column(_schema(shards[0]))
    except DataError:
        return None
    return column and f"{shards[0].name} has pictures in its column '{column}'"


def _read(path: Path, options: ReadOptions) -> Dataset:
    shards = _shards(path)
    if not shards:
        raise DataError(f"there is no .parquet file in {path}, nor in the folders of it")
    places: dict[Path, tuple[Path, int, str]] = {}
    store = ParquetStore(places)
    manifest = find_manifest(path)
    if manifest is not None or are_marked({shard: parquet_schema(shard) for shard in shards}):
        rows = _own_rows(shards, places)
        return dataset_from_rows(rows, manifest, root=path, format=FORMAT.name, store=store)
    tables = [_foreign(shard, places) for shard in shards]
    root = path if path.is_dir() else path.parent
    return dataset_from_foreign(tables, options, root=root, format=FORMAT.name, store=store)


def _labels(shard: Path) -> tuple[pl.DataFrame, str]:
    """All columns but the pictures, and the name of theirs. Raises ``DataError``."""
    column = image_column(_schema(shard))
    if column is None:
        raise DataError(f"{shard} has no column of pictures (a struct with bytes)")
    try:
        return pl.scan_parquet(shard, glob=False).select(pl.exclude(column)).collect(), column
    except (pl.exceptions.PolarsError, OSError) as error:
        raise DataError(f"cannot read {shard}: {str(error).splitlines()[0]}") from None


def _own_rows(shards: list[Path], places: dict[Path, tuple[Path, int, str]]) -> Iterator[PlacedRow]:
    for shard in shards:
        labels, column = _labels(shard)
        for i, row in enumerate(labels.iter_rows(named=True)):
            picture = shard / str(row.get("file_name"))
            places[picture] = (shard, i, column)
            yield PlacedRow(row, picture, f"{shard.parent.name}/{shard.name}:{i + 1}")


def _foreign(shard: Path, places: dict[Path, tuple[Path, int, str]]) -> ForeignTable:
    """Rows called by shard and number: the names that others give need not differ."""
    labels, column = _labels(shard)
    rows: list[tuple[int, Row]] = []
    for i, row in enumerate(_rows(labels, shard, column)):
        name = f"{shard.name}/{i}"
        places[shard.parent / name] = (shard, i, column)
        rows.append((i + 1, {**row, "file_name": name}))
    columns = list(dict.fromkeys([*labels.columns, "file_name"]))
    return ForeignTable(TableFile(columns, rows, []), shard, shard_split(shard))


def _rows(labels: pl.DataFrame, shard: Path, column: str) -> Iterator[dict[str, Any]]:
    if labels.width:
        yield from labels.iter_rows(named=True)
    else:  # nothing but pictures
        count = pl.scan_parquet(shard, glob=False).select(pl.len()).collect().item()
        yield from ({} for _ in range(count))


FORMAT = Format(
    name="parquet",
    title="Parquet shards with the pictures in them, as the Hugging Face hub has them",
    recognise=_recognise,
    read=_read,
    options=frozenset({"scale"}),
)
