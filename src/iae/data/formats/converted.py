"""What the readers of ImageFolder, Parquet and WebDataset share for rows that iae wrote.

They come back exactly, and without ``dataset.json`` all but what only it knows.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from iae.data.dataset import Dataset, FileStore, ImageStore
from iae.data.defects import Defect
from iae.data.manifest import read_manifest, read_pairs
from iae.data.ratings import Ratings
from iae.data.records import ImageRecord
from iae.data.rows import POSITION, RATERS, RATINGS, from_row, from_text, number
from iae.data.table_file import Row
from iae.errors import DataError
from iae.labels import SCORE_MAX, SCORE_MIN

_ALONE = ("a part of a set that iae converted, away from its dataset.json: pairs, raters without "
          "ratings and the scale that raters saw are not known")  # fmt: skip


@dataclass(frozen=True)
class PlacedRow:
    """A row and where it stood."""

    row: Row
    path: Path
    """Of its picture: a file, or a place inside a shard."""
    where: str
    """File:line, for messages."""


def dataset_from_rows(
    rows: Iterable[PlacedRow],
    manifest: Path | None,
    *,
    root: Path,
    format: str,
    store: ImageStore | None = None,
) -> Dataset:
    """The data set that iae wrote as these rows.

    Args:
        rows: marked as those of iae, or beside a ``dataset.json``.
        manifest: ``dataset.json``; None where the rows were moved away from it.
        root: what was read.
        format: the form of the files.
        store: reads the pictures; by default from files.

    Raises:
        DataError: ``dataset.json`` or a list of pairs is damaged, or no row can be read.
    """
    about = None if manifest is None else read_manifest(manifest)
    kept, defects = _records(rows)
    pairs, pair_votes = ([], []) if manifest is None else read_pairs(manifest.parent)
    if not (kept or pairs or pair_votes):
        first = f"; the first: {defects[0].where}: {defects[0].text}" if defects else ""
        raise DataError(f"{root}: none of its {len(defects)} rows can be read{first}")
    rated = [(record.name, row) for record, row in kept if row.get(RATERS) is not None]
    if about is None:
        ratings = _ratings(rated, (), (SCORE_MIN, SCORE_MAX)) if rated else None
        notes = [_ALONE]
    else:
        has_ratings = about.raters is not None
        ratings = _ratings(rated, about.raters or (), about.rating_scale) if has_ratings else None
        notes = [*about.notes, f"converted by iae from {about.name}, read there as {about.format}"]
    return Dataset(
        root=root,
        format=format,
        origin=about.format if about else None,
        records=[record for record, _ in kept],
        ratings=ratings,
        pairs=pairs,
        pair_votes=pair_votes,
        store=store or FileStore(),
        notes=notes,
        defects=defects,
    )


def _records(rows: Iterable[PlacedRow]) -> tuple[list[tuple[ImageRecord, Row]], list[Defect]]:
    """Records with their rows, in the order that the set had before it was divided."""
    defects: list[Defect] = []
    placed_records: list[tuple[float, ImageRecord, Row]] = []
    for i, placed in enumerate(rows):
        try:
            position = number(placed.row, POSITION)
            record = from_row(placed.row, placed.path)
            _check_ratings(placed.row)
        except ValueError as error:
            defects.append(Defect("bad-value", placed.where, str(error)))
            continue
        placed_records.append((i if position is None else position, record, placed.row))
    placed_records.sort(key=lambda entry: entry[0])
    return [(record, row) for _, record, row in placed_records], defects


def _check_ratings(row: Row) -> None:
    raters, ratings = row.get(RATERS), row.get(RATINGS)
    if raters is None and ratings is None:
        return
    if not (isinstance(raters, list) and isinstance(ratings, list) and len(raters) == len(ratings)):
        raise ValueError(f"columns '{RATERS}' and '{RATINGS}' are not two lists of one length")
    for value in ratings:
        if not isinstance(value, int | float) or not 1 <= value <= 10:
            raise ValueError(f"column '{RATINGS}' holds {value!r}, wanted numbers from 1 to 10")


def _ratings(
    rated: Sequence[tuple[str, Row]], known: Sequence[str], scale: tuple[float, float]
) -> Ratings:
    """Single ratings, items in the order of the rows; raters in theirs, then as they come."""
    raters = {name: i for i, name in enumerate(known)}
    item, rater, value = [], [], []
    for i, (_, row) in enumerate(rated):
        for name, score in zip(row[RATERS], row[RATINGS], strict=True):
            item.append(i)
            rater.append(raters.setdefault(from_text(str(name)), len(raters)))
            value.append(score)
    return Ratings(
        items=[name for name, _ in rated],
        raters=list(raters),
        item=np.array(item, np.int32),
        rater=np.array(rater, np.int32),
        value=np.array(value, np.float64),
        scale=scale,
    )
