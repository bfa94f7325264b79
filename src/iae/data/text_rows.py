"""Rows of published text files, with the line each begins at."""

import csv
import math
from collections.abc import Iterator
from pathlib import Path

from iae.errors import DataError


def text_rows(
    path: Path, delimiter: str | None = ",", quote: str = '"'
) -> Iterator[tuple[int, list[str]]]:
    """(line, cells) of every row; lines count from 1.

    Blank lines and rows whose first cell begins with ``#`` are passed over; any line ends and a
    byte order mark are read.

    Args:
        path: a text file in UTF-8.
        delimiter: what separates cells; None: any blanks, and there are no quotes.
        quote: what may stand around a cell.

    Raises:
        DataError: the file cannot be opened, is not UTF-8, or a quotation mark is never closed;
            possibly after some rows.
    """
    line = 1
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            if delimiter is None:
                yield from _blank_separated(file)
                return
            reader = csv.reader(file, delimiter=delimiter, quotechar=quote, strict=True)
            for cells in reader:
                if cells and not cells[0].startswith("#") and (len(cells) > 1 or cells[0].strip()):
                    yield line, cells
                line = reader.line_num + 1
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is not UTF-8 text ({error.reason})") from None
    except csv.Error as error:
        raise DataError(f"{path}:{line}: {error}") from None
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror or error}") from None


def _blank_separated(lines: Iterator[str]) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(lines, 1):
        cells = line.split()
        if cells and not cells[0].startswith("#"):
            yield number, cells


def first_row(path: Path, delimiter: str | None = ",", quote: str = '"') -> list[str]:
    """The cells of the first row, without blanks around them; none if it cannot be read."""
    try:
        _, cells = next(text_rows(path, delimiter, quote), (0, []))
    except DataError:
        return []
    return [cell.strip() for cell in cells]


def to_count(text: str) -> float:
    """A number of votes. Raises ``ValueError`` that says what was found.

    >>> to_count(" 12 ")
    12.0
    """
    value = to_number(text)
    if value < 0:
        raise ValueError(f"'{text.strip()}' is below 0, wanted a count")
    return value


def to_number(text: str) -> float:
    """A finite number. Raises ``ValueError`` that says what was found.

    >>> to_number("3.5")
    3.5
    """
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError(f"'{text.strip()}' is no number")
    return value
