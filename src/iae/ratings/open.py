"""What ``iae data ratings`` looks at: a table of single ratings, a matrix, or a data set."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from iae.data.dataset import Dataset
from iae.data.rating_file import read_columns, table_kind
from iae.data.rating_matrix import read_rating_matrix
from iae.data.rating_table import RatingTable, guess_rating_columns, read_rating_table
from iae.data.ratings import Ratings
from iae.errors import DataError
from iae.stats.counts import vote_matrix


@dataclass(frozen=True, kw_only=True)
class NamedColumns:
    """Columns that the user named; None: guess."""

    item: str | None = None
    rater: str | None = None
    value: str | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Votes:
    """Votes on emotions per image."""

    images: list[str]
    emotions: tuple[str, ...]
    """The E emotions that were offered, and ``neutral`` where somebody chose none."""
    counts: NDArray[np.float64]
    """(N, E)."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Opened:
    """What was found at a path."""

    ratings: Ratings | None
    votes: Votes | None = None
    notes: list[str] = field(default_factory=list)


def open_ratings(
    path: Path,
    columns: NamedColumns,
    scale: tuple[float, float] | None,
    open_dataset: Callable[[], Dataset] | None,
    *,
    is_dataset: bool = False,
) -> Opened:
    """Ratings or votes at a path, in the first of these forms that it has.

    A table whose columns are named or have usual names; a ``.npy`` or ``.h5`` matrix; a data set
    with single ratings or emotion votes; a table with a column a rater.

    Args:
        path: a file or a folder.
        columns: names that the user gave; ``item`` alone means a matrix.
        scale: of the scores; None infers it.
        open_dataset: reads the path as a data set; raises ``DataError`` when it is none.
        is_dataset: the user said how to read the path as a data set, so nothing else is tried.

    Raises:
        DataError: the path holds no ratings and no votes, or cannot be read.
    """
    if not path.exists():
        raise DataError(f"there is no {path}")
    is_file = path.is_file() and not is_dataset
    if is_file:
        table = _table(path, columns, scale)
        if table is not None:
            return Opened(ratings=table.ratings, notes=table.notes)
    if columns != NamedColumns():
        raise DataError(f"{path} is no table of ratings, so it has no columns to name")
    try:
        dataset = open_dataset() if open_dataset else None
    except DataError:
        if not is_file or table_kind(path) not in ("csv", "parquet"):
            raise
        dataset = None  # no data set: a matrix of ratings, or nothing
    if dataset is None:
        matrix = read_rating_matrix(path, scale)
        return Opened(ratings=matrix.ratings, notes=matrix.notes)
    votes = emotion_votes(dataset)
    if dataset.ratings is None and votes is None:
        raise DataError(f"{path} (read as {dataset.format}) has no single ratings and no emotion "
                        "votes; of a table, name the columns with --item, --rater and --value "
                        "(--item alone: each other column is a rater)")  # fmt: skip
    return Opened(ratings=dataset.ratings, votes=votes, notes=list(dataset.notes))


def _table(
    path: Path, columns: NamedColumns, scale: tuple[float, float] | None
) -> RatingTable | None:
    """A long table or a matrix, when the names of its columns or the user say so."""
    kind = table_kind(path)
    if kind in ("npy", "h5") and not _is_released(path):
        return read_rating_matrix(path, scale)
    if kind not in ("csv", "parquet", "ndjson"):
        return None
    if columns.item and not (columns.rater or columns.value):
        return read_rating_matrix(path, scale, columns.item)
    header = read_columns(path)
    found = guess_rating_columns(header, columns.item, columns.rater, columns.value)
    if found is not None:
        return read_rating_table(path, found, scale)
    if columns != NamedColumns():
        raise DataError(f"{path}: name all of --item, --rater and --value; "
                        f"the table has: {', '.join(header)}")  # fmt: skip
    return None


def _is_released(path: Path) -> bool:
    """Whether an HDF5 file holds labels beside ratings and so is a data set."""
    if table_kind(path) != "h5":
        return False
    import h5py

    try:
        with h5py.File(path) as file:
            return "aes" in file or "emo" in file
    except OSError:
        return False  # the reader of matrices will say what is wrong


def emotion_votes(dataset: Dataset) -> Votes | None:
    """The emotion votes of a data set; None without any. An emotion not offered has 0 votes."""
    voted = [record for record in dataset.records if record.emotion_votes]
    if not voted:
        return None
    emotions, counts = vote_matrix(voted)
    return Votes(images=[record.name for record in voted], emotions=emotions, counts=counts)
