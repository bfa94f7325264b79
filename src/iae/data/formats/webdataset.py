"""WebDataset: tar shards in which the files of one sample share a name (``0001.jpg, 0001.json``).

https://github.com/webdataset/webdataset: the key is the path up to the first dot of the base name.
Nothing is unpacked: the place of each picture in its shard is remembered and read when asked for.
"""

import json
import re
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from iae.data.dataset import Dataset
from iae.data.formats.converted import PlacedRow, dataset_from_rows
from iae.data.formats.foreign import ForeignTable, dataset_from_foreign, shard_split
from iae.data.formats.format import Format, ReadOptions
from iae.data.manifest import find_manifest
from iae.data.mark import are_marked
from iae.data.records import ImageRecord
from iae.data.table_file import TableFile
from iae.errors import DataError, ImageError
from iae.images.decode import SUFFIXES

_SAMPLE_FILE = re.compile(r"((?:.*/|)[^.]+)[.]([^/]*)", re.DOTALL)
"""Key and extension, as webdataset itself takes a name apart."""

Place = tuple[Path, int, int]
"""Shard, offset and size in bytes."""


class TarStore:
    """Pictures in tar shards; ``record.path`` is the shard with the member's name below it."""

    def __init__(self, places: dict[Path, Place]) -> None:
        """Remember where each picture lies."""
        self._places = places

    def read(self, record: ImageRecord) -> bytes:
        """The bytes of one picture. Raises ``ImageError``."""
        if record.path not in self._places:
            raise ImageError("no shard holds this picture")
        shard, offset, size = self._places[record.path]
        try:
            with shard.open("rb") as file:
                file.seek(offset)
                data = file.read(size)
        except OSError as error:
            raise ImageError(f"cannot read {shard.name}: {error.strerror}") from None
        if len(data) < size:
            raise ImageError(f"{shard.name} ends in the middle of the picture")
        return data


@dataclass
class Sample:
    """The files of one key."""

    key: str
    shard: Path
    row: dict[str, Any] = field(default_factory=dict)
    """What its ``.json`` says."""
    problem: str | None = None
    """Why its ``.json`` cannot be read."""
    picture: str | None = None
    """Name of the member with the picture."""
    place: Place | None = None


def samples(shard: Path) -> Iterator[Sample]:
    """Every sample of a shard, in its order; pictures are located, not read.

    Raises:
        DataError: the shard cannot be read, or ends too early.
    """
    try:
        with tarfile.open(shard, "r:") as tar:
            files = ((m, _SAMPLE_FILE.fullmatch(m.name)) for m in tar if m.isfile())
            named = ((member, match) for member, match in files if match)
            for key, members in groupby(named, key=lambda entry: entry[1][1]):
                yield _sample(Sample(key, shard), tar, members)
    except (tarfile.TarError, OSError, EOFError) as error:
        raise DataError(f"{shard} is damaged, or no uncompressed tar file ({error})") from None


def _sample(sample: Sample, tar: tarfile.TarFile, members: Iterator[Any]) -> Sample:
    for member, match in members:
        extension = f".{match[2].lower()}"
        if extension == ".json":
            file = tar.extractfile(member)
            _set_row(sample, b"" if file is None else file.read())
        elif extension in SUFFIXES:
            sample.picture = member.name
            sample.place = (sample.shard, member.offset_data, member.size)
    return sample


def _set_row(sample: Sample, content: bytes) -> None:
    try:
        row = json.loads(content)
    except ValueError as error:
        sample.problem = f"not JSON: {error}"
        return
    if isinstance(row, dict):
        sample.row = row
    else:
        sample.problem = "wanted one JSON object"


def _shards(path: Path) -> list[Path]:
    if path.is_file():
        return [path] if path.suffix.lower() == ".tar" else []
    try:
        return sorted(p for pattern in ("*.tar", "*/*.tar") for p in path.glob(pattern))
    except OSError:
        return []


def _recognise(path: Path) -> str | None:
    shards = _shards(path)
    if not shards:
        return None
    try:
        first = next(samples(shards[0]), None)
    except DataError:
        return None
    if first is None or not (first.picture or first.row):
        return None
    return f"{shards[0].name} has samples such as {first.picture or first.key + '.json'}"


def _read(path: Path, options: ReadOptions) -> Dataset:
    shards = _shards(path)
    if not shards:
        raise DataError(f"there is no .tar file in {path}, nor in the folders of it")
    places: dict[Path, Place] = {}
    store = TarStore(places)
    manifest = find_manifest(path)
    if manifest is not None or are_marked({shard: _schema(shard) for shard in shards}):
        rows = _own_rows(shards, places)
        return dataset_from_rows(rows, manifest, root=path, format=FORMAT.name, store=store)
    tables = [_foreign(shard, places) for shard in shards]
    root = path if path.is_dir() else path.parent
    return dataset_from_foreign(tables, options, root=root, format=FORMAT.name, store=store)


def _schema(shard: Path) -> object:
    """The ``schema`` of the first labels in a shard; None where they have none."""
    return next((sample.row.get("schema") for sample in samples(shard) if sample.row), None)


def _own_rows(shards: list[Path], places: dict[Path, Place]) -> Iterator[PlacedRow]:
    for shard in shards:
        for sample in samples(shard):
            where = f"{shard.parent.name}/{shard.name}:{sample.key}"
            if sample.problem:
                raise DataError(f"{where}.json: {sample.problem}")
            picture = shard / (sample.picture or sample.key)
            if sample.place:
                places[picture] = sample.place
            yield PlacedRow(sample.row, picture, where)


def _foreign(shard: Path, places: dict[Path, Place]) -> ForeignTable:
    """Rows called by shard and member: keys of two shards need not differ."""
    rows, bad = [], []
    for number, sample in enumerate(samples(shard), 1):
        if sample.problem:
            bad.append((number, f"{sample.key}.json: {sample.problem}"))
        elif sample.place:
            name = f"{shard.name}/{sample.picture}"
            places[shard.parent / name] = sample.place
            rows.append((number, {**sample.row, "file_name": name}))
    columns = list(dict.fromkeys(["file_name", *(c for _, row in rows for c in row)]))
    empty = dict.fromkeys(columns)
    return ForeignTable(
        TableFile(columns, [(n, {**empty, **row}) for n, row in rows], bad),
        shard,
        shard_split(shard),
    )


FORMAT = Format(
    name="webdataset",
    title="WebDataset: tar shards of pictures, each with its labels in a .json beside it",
    recognise=_recognise,
    read=_read,
    options=frozenset({"scale"}),
)
