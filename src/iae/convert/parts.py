"""The folders that a data set is written to, and what of it was written."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from iae.data.dataset import Dataset
from iae.data.manifest import FOLDERS, WHOLE
from iae.data.ratings import Ratings
from iae.data.records import ImageRecord, Split
from iae.errors import DataError


@dataclass(frozen=True)
class Part:
    """One folder of a converted set."""

    folder: str
    split: Split | None
    places: Sequence[int]
    """Of its images in ``dataset.records``."""

    @property
    def hub_split(self) -> str:
        """What the Hugging Face loaders call it; a set without splits is all ``train`` there."""
        return "train" if self.folder == WHOLE else self.folder


@dataclass(frozen=True)
class Written:
    """What was written, for the card and for Croissant."""

    dataset: Dataset
    """With the images that were written and no others."""
    parts: Sequence[Part]
    columns: Sequence[str]
    """Of the rows."""
    suffixes: Sequence[str]
    """Kinds of pictures (``.jpg``), sorted; empty without pictures."""
    losses: Sequence[str]
    """What could not be kept, a sentence each."""


def with_photos_of_pairs(dataset: Dataset) -> Dataset:
    """The data set with a record for each photo that only its pairs name.

    A list of pairs has photos but no rows; written without rows it would lose its pictures.
    """
    folder = dataset.image_folder
    if folder is None:
        return dataset
    known = {record.name for record in dataset.records}
    photos = {name: pair for pair in dataset.pairs for name in (pair.photo_a, pair.photo_b)}
    added = [
        ImageRecord(path=folder / name, name=name, source=dataset.name, group=pair.series,
                    split=pair.split)
        for name, pair in sorted(photos.items()) if name not in known
    ]  # fmt: skip
    return replace(dataset, records=[*dataset.records, *added])


def parts_of(dataset: Dataset) -> list[Part]:
    """The parts that have images, in the order of the splits; one part where there is no split."""
    if all(record.split is None for record in dataset.records):
        whole = Part(WHOLE, None, range(len(dataset.records)))
        return [whole] if dataset.records else []
    places: dict[Split | None, list[int]] = {split: [] for split in FOLDERS}  # type: ignore[misc]
    for i, record in enumerate(dataset.records):
        places[record.split].append(i)
    return [Part(FOLDERS[split], split, found) for split, found in places.items() if found]


def of_kept(dataset: Dataset, kept: Sequence[int]) -> Dataset:
    """The data set with only these records and their ratings, for counting.

    Raises:
        DataError: there were images and none is left.
    """
    if dataset.records and not kept:
        raise DataError(f"none of the {len(dataset.records):,} pictures of {dataset.root} can be "
                        "read; --no-images writes the labels alone")  # fmt: skip
    records = [dataset.records[i] for i in sorted(kept)]
    ratings = dataset.ratings and _of_items(dataset.ratings, {record.name for record in records})
    return replace(dataset, records=records, ratings=ratings)


def _of_items(ratings: Ratings, names: set[str]) -> Ratings:
    stays = np.array([name in names for name in ratings.items], bool)
    new = np.cumsum(stays) - 1
    chosen = stays[ratings.item]
    return replace(
        ratings,
        items=[name for name in ratings.items if name in names],
        item=new[ratings.item[chosen]].astype(np.int32),
        rater=ratings.rater[chosen],
        value=ratings.value[chosen],
    )
