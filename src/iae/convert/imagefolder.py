"""Hugging Face ImageFolder: the pictures as files, ``metadata.parquet`` in each folder of them.

Not ``metadata.jsonl``: JSON cannot type a column without values, and the ``datasets`` library
refuses splits in which a column has not the same type.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

from iae.convert import hub
from iae.convert.croissant import Distribution
from iae.convert.examples import Example
from iae.convert.parts import Part
from iae.convert.target import Progress, Target, WriteOptions
from iae.convert.typed_table import TypedTable
from iae.data.dataset import Dataset

METADATA = "metadata.parquet"


def _write(dataset: Dataset, folder: Path, options: WriteOptions, progress: Progress) -> None:
    def write_part(part: Part, examples: Iterable[Example], columns: Sequence[str]) -> list[int]:
        return _write_part(folder / part.folder, examples, columns)

    hub.write_parts(dataset, folder, options, progress, write_part, DISTRIBUTION)


def _write_part(folder: Path, examples: Iterable[Example], columns: Sequence[str]) -> list[int]:
    folder.mkdir()
    table = TypedTable(columns)
    places = []
    for example in examples:
        if example.data is not None:
            picture = folder / example.row["file_name"]
            picture.parent.mkdir(parents=True, exist_ok=True)
            picture.write_bytes(example.data)
        table.add(example.row)
        places.append(example.place)
    table.write(folder / METADATA)
    return places


DISTRIBUTION = Distribution(
    kind="imagefolder", shards="*/metadata.parquet", encoding="application/x-parquet", data="**"
)

TARGET = Target(
    name="imagefolder",
    title="Hugging Face ImageFolder with a dataset card and Croissant",
    losses=hub.losses,
    unreadable=hub.UNREADABLE,
    write=_write,
)
