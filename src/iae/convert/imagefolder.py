"""Hugging Face ImageFolder: the pictures as files, ``metadata.jsonl`` in each folder of them."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from iae.convert import hub
from iae.convert.croissant import Distribution
from iae.convert.parts import Example, Part
from iae.convert.target import Progress, Target, WriteOptions
from iae.data.dataset import Dataset

METADATA = "metadata.jsonl"


def _write(dataset: Dataset, folder: Path, options: WriteOptions, progress: Progress) -> None:
    def write_part(part: Part, examples: Iterable[Example], columns: Sequence[str]) -> list[int]:
        return _write_part(folder / part.folder, examples)

    hub.write_parts(dataset, folder, options, progress, write_part, DISTRIBUTION)


def _write_part(folder: Path, examples: Iterable[Example]) -> list[int]:
    folder.mkdir()
    places = []
    with (folder / METADATA).open("x", encoding="utf-8") as metadata:
        for example in examples:
            if example.data is not None:
                picture = folder / example.row["file_name"]
                picture.parent.mkdir(parents=True, exist_ok=True)
                picture.write_bytes(example.data)
            metadata.write(json.dumps(example.row, ensure_ascii=False) + "\n")
            places.append(example.place)
    return places


DISTRIBUTION = Distribution(
    kind="imagefolder", shards="*/metadata.jsonl", encoding="application/jsonlines", data="**"
)

TARGET = Target(
    name="imagefolder",
    title="Hugging Face ImageFolder with a dataset card and Croissant",
    losses=hub.losses,
    write=_write,
)
