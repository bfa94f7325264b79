"""The folder of thumbnails from run to run: what lies there, what is renamed, what goes."""

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from iae.files import written_whole
from iae.scoring.find import THUMBNAILS_MARK
from iae.scoring.gallery import THUMBNAILS, thumbnail_name
from iae.scoring.known import Plan

_OURS = re.compile(r"\.?[0-9a-f]{16}\.jpg(\.part)?")
"""Thumbnails, and what a killed run left of one."""


def make_thumbnail_folder(out: Path) -> None:
    """Make the folder, marked so that no search takes it for photos.

    Raises:
        OutputError: it cannot be made.
    """
    mark = out / THUMBNAILS / THUMBNAILS_MARK
    if not mark.exists():
        with written_whole(mark) as part:
            part.touch()


def lying_thumbnails(out: Path) -> frozenset[str]:
    """Names, as :func:`thumbnail_name` gives them, of the thumbnails that are there.

    An empty file is none: after a power cut a file may have its name but not its bytes.
    """
    try:
        with os.scandir(out / THUMBNAILS) as entries:
            return frozenset(
                f"{THUMBNAILS}/{entry.name}"
                for entry in entries
                if _OURS.fullmatch(entry.name) and entry.stat().st_size
            )
    except OSError:
        return frozenset()


def rename_thumbnails(out: Path, plan: Plan, names: dict[bytes, str]) -> None:
    """Let thumbnails follow photos that are now found under another name.

    Args:
        out: the folder of the results.
        plan: what is known, with the names of now.
        names: the names of before, by the path each photo was stored by.
    """
    for path, entry in plan.known:
        if entry.thumbnail and names[path] != entry.name:
            with suppress(FileNotFoundError):  # a run that was killed had renamed it already
                (out / thumbnail_name(names[path])).replace(out / thumbnail_name(entry.name))


def remove_other_thumbnails(out: Path, wanted: Iterable[str]) -> None:
    """Remove the thumbnails of photos that are not here: nobody shares them unawares.

    Files that are no thumbnails of ours stay.
    """
    keep = {Path(name).name for name in wanted}
    with suppress(FileNotFoundError), os.scandir(out / THUMBNAILS) as entries:
        for entry in entries:
            if entry.name not in keep and _OURS.fullmatch(entry.name):
                Path(entry.path).unlink(missing_ok=True)
