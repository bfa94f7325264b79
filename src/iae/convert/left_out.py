"""The list of images whose picture cannot be read, and why: ``left_out.csv`` of the hub's forms.

Reading it back knows the list of the two releases of IAE too.
"""

import csv
from collections.abc import Sequence
from pathlib import Path

from iae.convert.iae_labels import UNREADABLE
from iae.data.rows import to_text
from iae.files import written_whole

LEFT_OUT = "left_out.csv"


def write_left_out(folder: Path, problems: Sequence[tuple[str, str]]) -> None:
    """Write the list (columns ``image`` and ``reason``), if there is anything to list.

    Raises:
        OutputError: it cannot be written.
    """
    if not problems:
        return
    with (
        written_whole(folder / LEFT_OUT) as part,
        part.open("w", newline="", encoding="utf-8") as file,
    ):
        writer = csv.writer(file)
        writer.writerow(["image", "reason"])
        writer.writerows((to_text(name), reason) for name, reason in problems)


def read_unreadable(folder: Path) -> tuple[Path | None, list[tuple[str, str]]]:
    """The list that a conversion wrote and its (image, reason) pairs; None where all was read."""
    listed, releases = folder / LEFT_OUT, folder / UNREADABLE
    if listed.is_file():
        with listed.open(newline="", encoding="utf-8") as file:
            return listed, [(image, reason) for image, reason in list(csv.reader(file))[1:]]
    if releases.is_file():  # of the releases of IAE, whose images are numbers
        lines = releases.read_text("utf-8", errors="surrogateescape").split("\n")
        cells = [line.split("\t") for line in lines if line]
        return releases, [("\t".join(names), reason) for _, *names, reason in cells]
    return None, []
