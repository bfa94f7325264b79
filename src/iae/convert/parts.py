"""A data set divided into the folders it is written to, its rows, and its pictures one by one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from iae.convert.names import FileNames
from iae.convert.pictures import picture_suffix
from iae.convert.target import Progress, WriteOptions
from iae.data.dataset import Dataset, ImageStore
from iae.data.manifest import FOLDERS, WHOLE
from iae.data.ratings import Ratings
from iae.data.records import ImageRecord, Split
from iae.data.rows import POSITION, RATERS, RATINGS, column_order, to_row, to_text
from iae.errors import DataError, ImageError


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
class Example:
    """One image to be written."""

    place: int
    """In ``dataset.records``."""
    row: Mapping[str, Any]
    """All columns, null where there is no value."""
    data: bytes | None
    """The picture; None if pictures are not written."""
    suffix: str
    """What the picture is by its content (``.jpg``), or empty."""


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


def read_photo(store: ImageStore, record: ImageRecord) -> bytes:
    """The bytes of a picture that are not none. Raises ``ImageError``."""
    data = store.read(record)
    if not data:
        raise ImageError("the file is empty (0 bytes)")
    return data


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


class Rows:
    """Rows of a data set with their ratings, all with the same columns."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self.parts = _parts(dataset)
        self.problems: dict[str, str] = {}
        """Name -> why its picture cannot be read, of the images passed over so far."""
        self.suffixes: set[str] = set()
        """Kinds of the pictures so far."""

    @cached_property
    def columns(self) -> list[str]:
        """Every column that some row has a value in, in a fixed order."""
        return column_order(self._row(i, self._probable_name(i)) for part in self.parts
                            for i in part.places)  # fmt: skip

    def examples(
        self, part: Part, options: WriteOptions, progress: Progress, done: int
    ) -> Iterator[Example]:
        """Each image of a part that can be read, with its row; others are passed over."""
        names = FileNames()
        total = len(self._dataset.records)
        for n, place in enumerate(part.places, done + 1):
            record = self._dataset.records[place]
            try:
                data = read_photo(self._dataset.store, record) if options.images else None
                suffix = "" if data is None else picture_suffix(data)
            except ImageError as error:
                self.problems[record.name] = str(error)
                progress(n, total)
                continue
            self.suffixes |= {suffix} - {""}
            row = self._row(place, names.claim(record.name, suffix))
            yield Example(place, {column: row.get(column) for column in self.columns}, data, suffix)
            progress(n, total)

    def _row(self, place: int, file_name: str) -> dict[str, Any]:
        record = self._dataset.records[place]
        row = to_row(record, file_name)
        found = self._ratings_of.get(record.name) if self._first[record.name] == place else None
        if found is not None and self._dataset.ratings is not None:
            ratings = self._dataset.ratings
            row[RATERS] = [to_text(ratings.raters[j]) for j in ratings.rater[found]]
            row[RATINGS] = ratings.value[found].tolist()
        if self._is_reordered:
            row[POSITION] = place
        return row

    def _probable_name(self, place: int) -> str:
        return self._probable_names[place]

    @cached_property
    def _probable_names(self) -> dict[int, str]:
        """The file names if every picture without a suffix were a JPEG; enough for the columns."""
        probable = {}
        for part in self.parts:
            names = FileNames()
            for i in part.places:
                probable[i] = names.claim(self._dataset.records[i].name, ".jpg")
        return probable

    @cached_property
    def _is_reordered(self) -> bool:
        written = [place for part in self.parts for place in part.places]
        return written != sorted(written)

    @cached_property
    def _first(self) -> Mapping[str, int]:
        """Name -> the first record that has it; the ratings of a doubled name go to that one."""
        records = self._dataset.records
        return {records[i].name: i for i in range(len(records) - 1, -1, -1)}

    @cached_property
    def _ratings_of(self) -> Mapping[str, Any]:
        """Name -> indices of its ratings, in their order."""
        ratings = self._dataset.ratings
        if ratings is None:
            return {}
        order = np.argsort(ratings.item, kind="stable")
        ends = np.cumsum(ratings.counts_per_item())
        return {
            name: order[end - count : end]
            for name, end, count in zip(
                ratings.items, ends, ratings.counts_per_item(), strict=True
            )
        }  # fmt: skip


def _parts(dataset: Dataset) -> list[Part]:
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
