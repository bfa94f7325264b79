"""Where AVA's counts are in the rows of a text file."""

import re
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from iae.data.text_rows import first_row, text_rows
from iae.errors import DataError

_ID = ("image_id", "imageid", "image", "id")
_COUNT = re.compile(r"(?:[a-z]+_?)?(\d+)")


@dataclass(frozen=True)
class Layout:
    """Where the cells of a text row are."""

    width: int
    image: int
    counts: tuple[int, ...]
    """Columns of the scores 1 … 10."""


AVA_TXT = Layout(15, 1, tuple(range(2, 12)))
"""Index, image id, ten counts, two tags, challenge."""
WITHOUT_HEADER = {
    15: AVA_TXT,
    12: Layout(12, 1, tuple(range(2, 12))),
    11: Layout(11, 0, tuple(range(1, 11))),
}
"""Cells of a row -> its layout, where no header names the columns."""


def _header_layout(header: list[str]) -> Layout | None:
    """By the names of the columns: an id, and ten that end in 1 … 10."""
    names = [name.strip().lower() for name in header]
    image = next((names.index(name) for name in _ID if name in names), None)
    numbered = {int(m[1]): i for i, name in enumerate(names) if (m := _COUNT.fullmatch(name))}
    if image is None or not set(numbered) >= set(range(1, 11)):
        return None
    return Layout(len(header), image, tuple(numbered[score] for score in range(1, 11)))


def csv_layout(path: Path) -> tuple[Layout, bool] | None:
    """The layout of a CSV file and whether its first row is a header; None if it is not AVA's.

    Ids of AVA are numbers. A matrix of ratings by ten people with a total, too, has eleven numbers
    a row; but no rating is above 10, and nearly every id is.
    """
    try:
        rows = [[cell.strip() for cell in cells] for _, cells in islice(text_rows(path), 20)]
    except DataError:
        return None
    if not rows:
        return None
    by_name = _header_layout(rows[0])
    layout = by_name or WITHOUT_HEADER.get(len(rows[0]))
    if layout is None:
        return None
    body = [row for row in rows[1 if by_name else 0 :] if len(row) == layout.width]
    ids = [row[layout.image] for row in body]
    if not ids or not all(name.isdecimal() for name in ids):
        return None
    if by_name is None and not (
        any(int(name) > 10 for name in ids) and all(c.isdecimal() for row in body for c in row)
    ):
        return None
    return layout, by_name is not None


def is_ava_txt(path: Path) -> bool:
    """Whether a text file is called AVA.txt, or its first row has that many whole numbers."""
    if path.name.lower() == "ava.txt":
        return True
    cells = first_row(path, None)
    return len(cells) in (12, 15) and all(cell.isdecimal() for cell in cells)
