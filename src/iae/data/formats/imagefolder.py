"""Hugging Face ImageFolder: pictures beside ``metadata.csv|jsonl|parquet``.

https://huggingface.co/docs/datasets/image_dataset: the table has a column ``file_name``, relative
to the folder it lies in; a folder may be one part of the set (``train``, ``validation``, ``test``).
Folders that are classes, without a table, are the format ``folders``.
"""

from collections.abc import Iterator
from pathlib import Path

from iae.data.dataset import Dataset
from iae.data.formats.converted import PlacedRow, dataset_from_rows
from iae.data.formats.foreign import SPLIT_NAMES, ForeignTable, dataset_from_foreign
from iae.data.formats.format import Format, ReadOptions
from iae.data.manifest import FOLDERS, PAIR_VOTES, PAIRS, WHOLE, find_manifest
from iae.data.mark import are_marked, is_mark, parquet_schema
from iae.data.records import Split
from iae.data.table_file import TableFile, read_table_file
from iae.errors import DataError

_TABLES = ("metadata.jsonl", "metadata.csv", "metadata.parquet")


def _parts(path: Path) -> list[tuple[Path, Split | None]]:
    """The folders of the set with their split: the path itself, and those called like a split."""
    found: list[tuple[Path, Split | None]] = [(path, SPLIT_NAMES.get(path.name.lower()))]
    try:
        below = sorted(entry for entry in path.iterdir() if entry.is_dir())
    except OSError:
        return []
    ours = {WHOLE, *FOLDERS.values()}
    found += [(entry, SPLIT_NAMES.get(entry.name.lower())) for entry in below
              if entry.name.lower() in SPLIT_NAMES or entry.name in ours]  # fmt: skip
    return found


def _metadata(path: Path) -> list[tuple[Path, Split | None]]:
    """Every metadata table with the split of its folder; of several in one folder the first.

    A table by itself is the format ``table``, unless it says of itself that iae wrote it.
    """
    if path.is_file():
        return [(path, None)] if path.name in _TABLES and is_mark(_schema(path)) else []
    tables = []
    for folder, split in _parts(path):
        there = [folder / name for name in _TABLES if (folder / name).is_file()]
        tables += [(table, split) for table in there[:1]]
    return tables


def _schema(table: Path) -> object:
    return parquet_schema(table) if table.suffix == ".parquet" else None


def _recognise(path: Path) -> str | None:
    tables = _metadata(path)
    if tables:
        names = (
            str(table.relative_to(path.parent if path.is_file() else path)) for table, _ in tables
        )
        return f"it has {', '.join(names)}"
    if find_manifest(path) == path / "dataset.json" and _has_pairs(path):
        return "it has dataset.json and pairs, without pictures"
    return None


def _has_pairs(path: Path) -> bool:
    has_parts = any(folder != path for folder, _ in _parts(path))  # of another converted form
    return not has_parts and ((path / PAIRS).is_file() or (path / PAIR_VOTES).is_file())


def _read(path: Path, options: ReadOptions) -> Dataset:
    tables = _metadata(path)
    manifest = find_manifest(path)
    if manifest is not None or are_marked({table: _schema(table) for table, _ in tables}):
        rows = _own_rows([table for table, _ in tables])
        return dataset_from_rows(rows, manifest, root=path, format=FORMAT.name)
    foreign = [ForeignTable(_table(table), table, split) for table, split in tables]
    if not foreign:
        raise DataError(f"{path} is no ImageFolder: wanted {' or '.join(_TABLES)}")  # fmt: skip
    return dataset_from_foreign(foreign, options, root=path, format=FORMAT.name)


def _own_rows(tables: list[Path]) -> Iterator[PlacedRow]:
    for path in tables:
        table = _table(path)
        for line, problem in table.bad_rows:
            raise DataError(f"{path}:{line}: {problem}")
        for line, row in table.rows:
            name = str(row.get("file_name") or "")
            yield PlacedRow(row, path.parent / name, f"{path.parent.name}/{path.name}:{line}")


def _table(path: Path) -> TableFile:
    table = read_table_file(path)
    if "file_name" not in table.columns:
        raise DataError(f"{path} has no column 'file_name', which an ImageFolder needs; it has "
                        f"{', '.join(table.columns)}. Read it as --format table")  # fmt: skip
    return table


FORMAT = Format(
    name="imagefolder",
    title="Hugging Face ImageFolder: pictures with metadata.csv, .jsonl or .parquet",
    recognise=_recognise,
    read=_read,
    options=frozenset({"scale"}),
)
