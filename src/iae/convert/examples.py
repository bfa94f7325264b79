"""The images of a data set one by one, each as its row and its picture."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from iae.convert.names import FileNames
from iae.convert.parts import Part, parts_of
from iae.convert.pictures import picture_suffix
from iae.convert.target import Progress, WriteOptions
from iae.data.dataset import Dataset, ImageStore
from iae.data.records import ImageRecord
from iae.data.rows import POSITION, RATERS, RATINGS, column_order, to_row, to_text
from iae.errors import ImageError


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


class Rows:
    """Rows of a data set with their ratings, all with the same columns."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self.parts = parts_of(dataset)
        self.problems: list[tuple[str, str]] = []
        """Name and why its picture cannot be read, of each image passed over so far."""
        self.suffixes: set[str] = set()
        """Kinds of the pictures so far."""

    @cached_property
    def columns(self) -> list[str]:
        """Every column that some row has a value in, in a fixed order."""
        return column_order(self._row(place, name) for place, name in self._probable_names())

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
                self.problems.append((record.name, str(error)))
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

    def _probable_names(self) -> Iterator[tuple[int, str]]:
        """Places and file names, if every picture without a suffix were a JPEG.

        That is enough to know whether any name will differ from its file's.
        """
        for part in self.parts:
            names = FileNames()
            for place in part.places:
                yield place, names.claim(self._dataset.records[place].name, ".jpg")

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


def read_photo(store: ImageStore, record: ImageRecord) -> bytes:
    """The bytes of a picture that are not none. Raises ``ImageError``."""
    data = store.read(record)
    if not data:
        raise ImageError("the file is empty (0 bytes)")
    return data
