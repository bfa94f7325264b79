"""To the HDF5 release of the IAE dataset: ``final_aes_emo.h5`` and ``scores.h5``.

Pictures become square pixels, row by row. One that cannot be read is a black row, so that row i
stays image i, and is named in ``unreadable.txt``.
"""

import io
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from iae.convert.iae_labels import Unreadable, high_label, label_losses, write_unreadable
from iae.convert.iae_scores import score_losses, score_matrix, write_scores
from iae.convert.target import Progress, Target, WriteOptions
from iae.data.dataset import Dataset
from iae.data.formats.iae_scores import NAME as SCORES
from iae.data.formats.iea import AES, EMO, IMAGE, NAME
from iae.data.origin import write_origin
from iae.data.records import ImageRecord
from iae.errors import ConfigError, DataError, ImageError
from iae.files import written_whole
from iae.images.decode import load_photo
from iae.images.preprocess import Pixels, PreprocessSpec, to_pixels
from iae.labels import EMOTIONS

_BATCH = 64
"""Pictures that are decoded before they are written, so that memory stays small."""


def _losses(dataset: Dataset) -> list[str]:
    records = dataset.records
    losses = ["the pictures themselves: all become squares of one size, without metadata"]
    if any(record.name != str(row) for row, record in enumerate(records)):
        losses.append(f"names of the images: they become 0 to {len(records) - 1:,}")
    counts = {
        "have a split, of which this release knows nothing": sum(
            record.split is not None for record in records),
        "are not known to be high or low: their row of 'aes' is 0": sum(
            high_label(record) is None for record in records),
        "have no emotion: their row of 'emo' is 0": sum(
            record.dominant_emotion is None for record in records),
    }  # fmt: skip
    losses += [f"{images:,} images {what}" for what, images in counts.items() if images]
    return losses + label_losses(dataset) + score_losses(dataset)


def _write(dataset: Dataset, folder: Path, options: WriteOptions, progress: Progress) -> None:
    import h5py

    records = dataset.records
    if not records:
        raise DataError(f"{dataset.root} has no images; this release would be empty")
    aes = np.zeros((len(records), 2), dtype=np.uint8)
    emo = np.zeros((len(records), len(EMOTIONS)), dtype=np.uint8)
    for row, record in enumerate(records):
        high, emotion = high_label(record), record.dominant_emotion
        if high is not None:
            aes[row, int(high)] = 1
        if emotion is not None:
            emo[row, EMOTIONS.index(emotion)] = 1
    with written_whole(folder / NAME) as part, h5py.File(part, "w") as file:
        file.create_dataset(AES, data=aes)
        file.create_dataset(EMO, data=emo)
        if options.images:
            unreadable = _write_images(dataset, file, _spec(options.size), progress)
            write_unreadable(folder, unreadable)
    write_origin(folder, dataset)
    ratings = score_matrix(dataset)
    if ratings is not None:
        write_scores(folder / SCORES, ratings)
    progress(len(records), len(records))


def _spec(size: int) -> PreprocessSpec:
    try:
        return PreprocessSpec(size=size)
    except ValueError:
        raise ConfigError(f"pictures of {size} pixels are too small; 32 is the least") from None


def _write_images(
    dataset: Dataset, file: Any, spec: PreprocessSpec, progress: Progress
) -> list[Unreadable]:
    total, unreadable = len(dataset.records), []
    # Not compressed: single rows are then read in .02 ms. Rows that are never written are black.
    images = file.create_dataset(IMAGE, (total, spec.size, spec.size, 3), dtype=np.uint8)
    for row, pixels in enumerate(_decoded(dataset, spec)):
        progress(row, total)
        if isinstance(pixels, ImageError):
            unreadable.append(Unreadable(row, dataset.records[row].name, str(pixels)))
        else:
            images[row] = pixels
    return unreadable


def _decoded(dataset: Dataset, spec: PreprocessSpec) -> Iterator[Pixels | ImageError]:
    """Squares of (size, size, 3) in the order of the records, decoded on all cores."""

    def decode(record: ImageRecord) -> Pixels | ImageError:
        try:
            data = io.BytesIO(dataset.store.read(record))
            return to_pixels(load_photo(data, min_side=spec.decode_side), spec)
        except ImageError as error:
            return error

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for batch in _batches(dataset.records):
            yield from pool.map(decode, batch)


def _batches(records: Sequence[ImageRecord]) -> Iterator[Sequence[ImageRecord]]:
    for start in range(0, len(records), _BATCH):
        yield records[start : start + _BATCH]


TARGET = Target(
    name="iea",
    title=f"IAE dataset, HDF5 release: {NAME}, scores.h5",
    losses=_losses,
    unreadable="each is a black row; their labels stay",
    write=_write,
)
