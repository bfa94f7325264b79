"""To the folder release of the IAE dataset: six lists, images named by index, ``scores.h5``.

Emotion labels 0 to 7 are in the order of ``EMOTIONS`` and 1 is high; ``labels.txt``, which is not
part of the published release, says so. Pictures are copied byte by byte; one that cannot be read is
left out and named in ``unreadable.txt``, its labels stay.
"""

import re
from collections.abc import Sequence
from pathlib import Path, PurePath

import numpy as np

from iae.config import SplitConfig
from iae.convert.iae_labels import Unreadable, high_label, label_losses, write_unreadable
from iae.convert.iae_scores import score_losses, score_matrix, write_scores
from iae.convert.pictures import picture_suffix
from iae.convert.target import Progress, Target, WriteOptions
from iae.data.dataset import Dataset
from iae.data.formats.iae_scores import NAME as SCORES
from iae.data.formats.uae import IMAGES
from iae.data.formats.uae_lists import KINDS, Kind, list_name
from iae.data.formats.uae_meaning import LABELS_FILE, labels_text
from iae.data.origin import write_origin
from iae.data.records import SPLITS, ImageRecord, Split
from iae.data.splits import assign_splits
from iae.errors import DataError, ImageError
from iae.files import written_whole
from iae.labels import EMOTIONS

_INDEX = re.compile(r"0|[1-9]\d{0,8}", re.ASCII)
_SPARSE = 10
"""Indices of their own are kept if at least every tenth is used; scores.h5 has a row for each."""


def _label(record: ImageRecord, kind: Kind) -> int | None:
    if kind == "aes":
        high = high_label(record)
        return None if high is None else int(high)
    emotion = record.dominant_emotion
    return None if emotion is None else EMOTIONS.index(emotion)


def _is_labelled(record: ImageRecord) -> bool:
    return any(_label(record, kind) is not None for kind in KINDS)


def _own_indices(records: Sequence[ImageRecord]) -> list[int] | None:
    """The names as indices, where that is what they are already."""
    if not all(_INDEX.fullmatch(record.name) for record in records):
        return None
    indices = [int(record.name) for record in records]
    is_dense = max(indices, default=0) < _SPARSE * len(indices)
    return indices if is_dense and len(set(indices)) == len(indices) else None


def _losses(dataset: Dataset) -> list[str]:
    records = [record for record in dataset.records if _is_labelled(record)]
    losses = []
    if len(records) < len(dataset.records):
        losses.append(f"{len(dataset.records) - len(records):,} images that are neither high nor "
                      "low and have no emotion: they are left out")  # fmt: skip
    if records and _own_indices(records) is None:
        losses.append(f"names of the images: they become 0 to {len(records) - 1:,}")
    for kind, what in (("aes", "not known to be high or low"), ("emo", "without an emotion")):
        images = sum(_label(record, kind) is None for record in records)  # type: ignore[arg-type]
        if images:
            losses.append(f"{images:,} images {what} are in no *_{kind}_list.txt, which other "
                          "readers may not expect")  # fmt: skip
    unsplit = sum(record.split is None for record in records)
    if unsplit:
        losses.append(f"{unsplit:,} images have no split, and every list is of one: they are given "
                      "one (80/10/10, stratified, seed 0)")  # fmt: skip
    return losses + label_losses(dataset) + score_losses(dataset)


def _write(dataset: Dataset, folder: Path, options: WriteOptions, progress: Progress) -> None:
    at = [i for i, record in enumerate(dataset.records) if _is_labelled(record)]
    if not at:
        raise DataError(f"{dataset.root} has no image that is high or low or has an emotion; "
                        "the folder release has nothing to list")  # fmt: skip
    records: Sequence[ImageRecord] = [dataset.records[i] for i in at]
    if any(record.split is None for record in records):
        records = assign_splits(records, SplitConfig())
    indices = _own_indices(records) or list(range(len(records)))
    for kind in KINDS:
        for split in SPLITS:
            _write_list(folder, split, kind, records, indices)
    with written_whole(folder / LABELS_FILE) as part:
        part.write_text(labels_text(), "utf-8")
    write_origin(folder, dataset)
    ratings = score_matrix(dataset)
    if ratings is not None:
        rows = np.full((max(indices) + 1, ratings.shape[1]), np.nan)
        rows[indices] = ratings[at]
        write_scores(folder / SCORES, rows)
    if options.images:
        _copy_images(dataset, records, indices, folder, progress)
    progress(len(records), len(records))


def _write_list(
    folder: Path, split: Split, kind: Kind, records: Sequence[ImageRecord], indices: list[int]
) -> None:
    lines = [
        f"{index} {label}\n"
        for index, record in zip(indices, records, strict=True)
        if record.split == split and (label := _label(record, kind)) is not None
    ]
    if lines:  # an empty list would say that every image of the split is missing from it
        with written_whole(folder / list_name(split, kind)) as part:
            part.write_text("".join(lines), "utf-8")


def _copy_images(
    dataset: Dataset,
    records: Sequence[ImageRecord],
    indices: list[int],
    folder: Path,
    progress: Progress,
) -> None:
    unreadable = []
    for done, (index, record) in enumerate(zip(indices, records, strict=True)):
        progress(done, len(records))
        try:
            data = dataset.store.read(record)
        except ImageError as error:
            unreadable.append(Unreadable(index, record.name, str(error)))
            continue
        suffix = _suffix(data, record)
        with written_whole(folder / IMAGES / f"{index}{suffix}") as part:
            part.write_bytes(data)
    write_unreadable(folder, unreadable)


def _suffix(data: bytes, record: ImageRecord) -> str:
    """By its content; a damaged file is copied too, so that it can be found where it came from."""
    try:
        return picture_suffix(data)
    except ImageError:
        return PurePath(record.path).suffix.lower() or ".jpg"


TARGET = Target(
    name="uae",
    title="IAE dataset, folder release: lists of labels, images by index, scores.h5",
    losses=_losses,
    unreadable="there is no file of them; their labels stay",
    write=_write,
)
