"""PhotoTriage (Chang et al., SIGGRAPH 2016): pairs of shots of one series, and raw votes on them.

Pair lists have six columns separated by blanks: ``series i j share rank_i rank_j``. ``share`` is
the (modelled) share of people who prefer photo i; rank 1 is the best photo of the series. The two
rank columns are ranks, not the number of the winner. The photo numbers of the raw votes are another
permutation in each series: votes and pair lists are never joined.
"""

import math
from collections.abc import Iterator
from pathlib import Path

from iae.data.dataset import Dataset
from iae.data.defects import Defect
from iae.data.formats.format import Format, ReadOptions
from iae.data.records import PairVotes, PhotoPair, Split
from iae.data.table_file import read_table_file
from iae.errors import DataError

_LISTS: dict[str, Split] = {"train_pairlist.txt": "train", "val_pairlist.txt": "val",
                            "test_pairlist.txt": "test"}  # fmt: skip
_VOTES = "votes.csv"
_VOTE_COLUMNS = ("series", "photo_a", "photo_b", "votes_a", "votes_b")
_IMAGES = "train_val_imgs"


def photo_name(series: int, photo: int) -> str:
    """The file of a photo.

    >>> photo_name(7, 2)
    '000007-02.JPG'
    """
    return f"{series:06d}-{photo:02d}.JPG"


def _recognise(path: Path) -> str | None:
    if path.name in _LISTS and path.is_file():
        return f"{path.name} is one of its lists"
    found = [name for name in _LISTS if (path / name).is_file()]
    return f"it has {' and '.join(found)}" if found else None


def _read(path: Path, options: ReadOptions) -> Dataset:
    del options
    folder, lists = (path.parent, [path.name]) if path.is_file() else (path, list(_LISTS))
    defects: list[Defect] = []
    pairs: list[PhotoPair] = []
    for name in lists:
        if (folder / name).is_file():
            pairs += _read_list(folder / name, _LISTS.get(name), defects)
    if not pairs:
        raise DataError(f"{path}: no pair can be read from {', '.join(lists)}; wanted lines "
                        "'series i j share rank_i rank_j'")  # fmt: skip
    notes = ["a share of exactly .5 is a tie: no photo of the pair is the better one"]
    votes: list[PairVotes] = []
    if path.is_dir() and (path / _VOTES).is_file():
        try:
            votes = _read_votes(path / _VOTES, defects)
        except DataError as error:  # the pairs are worth having without them
            defects.append(Defect("bad-row", _VOTES, str(error)))
        notes.append("photo numbers of votes.csv are not those of the pair lists; "
                     "the two are never joined")  # fmt: skip
    return Dataset(
        root=path,
        format=FORMAT.name,
        pairs=pairs,
        pair_votes=votes,
        image_folder=folder / _IMAGES,
        notes=notes,
        defects=defects,
    )


def _read_list(path: Path, split: Split | None, defects: list[Defect]) -> Iterator[PhotoPair]:
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"cannot read {path}: {error}") from None
    for number, line in enumerate(lines, 1):
        cells = line.split()
        if not cells or cells[0].startswith("#"):
            continue
        where = f"{path.name}:{number}"
        try:
            yield _pair(cells, split, where)
        except ValueError as error:
            defects.append(Defect("bad-row", where, str(error)))


def _pair(cells: list[str], split: Split | None, where: str) -> PhotoPair:
    if len(cells) != 6:
        raise ValueError(f"{len(cells)} columns, wanted 6: series i j share rank_i rank_j")
    try:
        series, a, b = (int(cell) for cell in cells[:3])
        share = float(cells[3])
        ranks = [int(cell) for cell in cells[4:]]
    except ValueError:
        raise ValueError(f"'{' '.join(cells)}' has a cell that is no number") from None
    if not (math.isfinite(share) and 0 <= share <= 1):
        raise ValueError(f"share {cells[3]} is not in [0, 1]")
    if min(series, a, b, *ranks) < 1 or a == b:
        raise ValueError(f"'{' '.join(cells)}': photos are two different numbers from 1, ranks too")
    return PhotoPair(
        series=f"{series:06d}", photo_a=photo_name(series, a), photo_b=photo_name(series, b),
        share=share, rank_a=ranks[0], rank_b=ranks[1], split=split, where=where,
    )  # fmt: skip


def _read_votes(path: Path, defects: list[Defect]) -> list[PairVotes]:
    table = read_table_file(path)
    missing = [column for column in _VOTE_COLUMNS if column not in table.columns]
    if missing:
        raise DataError(f"{path}: lacks the column '{missing[0]}'; has {', '.join(table.columns)}")
    defects += [Defect("bad-row", f"{path.name}:{line}", text) for line, text in table.bad_rows]
    votes = []
    for line, row in table.rows:
        try:
            series, a, b, votes_a, votes_b = (int(row[column]) for column in _VOTE_COLUMNS)
            if min(votes_a, votes_b) < 0 or a == b:
                raise ValueError
        except (TypeError, ValueError):
            text = "wanted a series, two different photos and two counts from 0"
            defects.append(Defect("bad-value", f"{path.name}:{line}", text))
            continue
        votes.append(PairVotes(series=f"{series:06d}", photo_a=str(a), photo_b=str(b),
                               votes_a=votes_a, votes_b=votes_b))  # fmt: skip
    return votes


FORMAT = Format(
    name="phototriage",
    title="PhotoTriage pair lists, with raw votes where they are there",
    recognise=_recognise,
    read=_read,
)
