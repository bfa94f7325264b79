"""``origin.txt``: what a copy in one of the IAE releases' forms was made from.

Only the IAE data set is published in these forms, so a copy without this file is taken for one; a
photographer's own set that was converted to them is not, and says so.
"""

from pathlib import Path

from iae.data.dataset import Dataset
from iae.files import written_whole
from iae.text import one_line

ORIGIN_FILE = "origin.txt"
_FORMAT = "format: "


def write_origin(folder: Path, dataset: Dataset) -> None:
    """Say from which data set a copy was made. Raises ``OutputError``."""
    with written_whole(folder / ORIGIN_FILE) as part:
        text = f"data set: {one_line(dataset.name)}\n{_FORMAT}{dataset.origin or dataset.format}\n"
        part.write_text(text, "utf-8")


def read_origin(folder: Path) -> str | None:
    """The format of the data set that a copy was made from; None where nothing says so."""
    try:
        lines = (folder / ORIGIN_FILE).read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        return None
    found = (line.removeprefix(_FORMAT).strip() for line in lines if line.startswith(_FORMAT))
    return next(found, None)
