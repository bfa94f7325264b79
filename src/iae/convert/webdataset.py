"""WebDataset: tar shards in which ``000123.jpg`` and ``000123.json`` are one sample.

Shards are the same bytes for the same data set: no times, no owners.
"""

import io
import json
import tarfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from iae.convert import hub
from iae.convert.croissant import Distribution
from iae.convert.examples import Example
from iae.convert.parts import Part
from iae.convert.target import Progress, Target, WriteOptions
from iae.data.dataset import Dataset
from iae.data.rows import SCHEMA


def _write(dataset: Dataset, folder: Path, options: WriteOptions, progress: Progress) -> None:
    def write_part(part: Part, examples: Iterable[Example], columns: Sequence[str]) -> list[int]:
        (folder / part.folder).mkdir()
        return _write_shards(folder / part.folder, examples, options.shard_size)

    hub.write_parts(dataset, folder, options, progress, write_part, DISTRIBUTION)


def _write_shards(folder: Path, examples: Iterable[Example], size: int) -> list[int]:
    places: list[int] = []
    tar: tarfile.TarFile | None = None
    try:
        for example in examples:
            if len(places) % size == 0:
                if tar is not None:
                    tar.close()
                shard = folder / f"shard-{len(places) // size:06d}.tar"
                tar = tarfile.open(shard, "x", format=tarfile.USTAR_FORMAT)  # noqa: SIM115
            assert tar is not None
            _add_sample(tar, example)
            places.append(example.place)
    finally:
        if tar is not None:
            tar.close()
    return places


def _add_sample(tar: tarfile.TarFile, example: Example) -> None:
    """The key is the place in the data set: names can hold dots, which end a key."""
    key = f"{example.place:09d}"
    if example.data is not None:
        _add_file(tar, key + example.suffix, example.data)
    labels = {"schema": SCHEMA, **example.row}
    _add_file(tar, f"{key}.json", json.dumps(labels, ensure_ascii=False).encode())


def _add_file(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)  # time, owner and group are 0, the mode is 644
    member.size = len(content)
    tar.addfile(member, io.BytesIO(content))


DISTRIBUTION = Distribution(
    kind="webdataset", shards="*/*.tar", encoding="application/x-tar", data="*.tar"
)

TARGET = Target(
    name="webdataset",
    title="WebDataset tar shards, with a dataset card and Croissant",
    losses=hub.losses,
    unreadable=hub.UNREADABLE,
    write=_write,
)
