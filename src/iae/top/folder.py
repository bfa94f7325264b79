"""The best photos in a folder of their own: as links or copies, with a gallery and a list."""

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal

from iae.errors import OutputError
from iae.files import appearing, make_folder, refuse_taken
from iae.images.preprocess import PreprocessSpec
from iae.scoring.decoding import Task
from iae.scoring.find import THUMBNAILS_MARK
from iae.scoring.gallery import THUMBNAILS, relative_url, thumbnail_name, write_gallery
from iae.scoring.workers import DecoderPool
from iae.top.choice import Chosen
from iae.top.listing import as_csv

Way = Literal["link", "copy", "gallery"]
"""What a folder of the best holds beside the gallery: links, copies, or nothing."""

LIST = "top.csv"

_NAME_BYTES = 255
"""Longest file name of common file systems."""


def write_folder(
    folder: Path,
    chosen: Sequence[Chosen],
    way: Way,
    *,
    chosen_from: int,
    emotion: str | None,
    notice: str,
) -> None:
    """Make the folder: it appears when everything is in it.

    Later searches for photos below the folder that holds it pass it over.

    Args:
        folder: a new or empty one.
        chosen: the photos; they are only read.
        way: what is made of each photo; ``001 8.31 name.jpg`` is its name there.
        chosen_from: how many photos there were to choose from.
        emotion: what was looked for, for the list.
        notice: half a line for the foot of the gallery.

    Raises:
        OutputError: the folder is taken, or cannot be written, or a photo cannot be copied.
    """
    refuse_taken(folder)
    with appearing(folder) as part:
        (part / THUMBNAILS_MARK).touch()
        names = {} if way == "gallery" else placed_names(chosen)
        for file, name in names.items():
            _PLACE[way](file, part / name)
        text = as_csv(chosen, emotion, names)
        (part / LIST).write_text(text, encoding="utf-8", newline="")
        _write_gallery(part, folder, chosen, names, chosen_from, notice)


def placed_names(chosen: Sequence[Chosen]) -> dict[Path, str]:
    """Names that sort by rank, by file: ``001 8.31 name.jpg``. No two are the same.

    A name too long for a file system loses the end of its stem.
    """
    digits = max(3, len(str(len(chosen))))
    names = {}
    for photo in chosen:
        start = f"{photo.rank:0{digits}} {photo.score.aesthetic_mean:.2f} "
        stem, suffix = os.fsencode(photo.file.stem), os.fsencode(photo.file.suffix)
        room = max(0, _NAME_BYTES - len(start) - len(suffix))
        if len(stem) > room:  # cut between characters
            stem = os.fsencode(os.fsdecode(stem[:room]).encode("utf-8", "ignore").decode())
        names[photo.file] = start + os.fsdecode(stem + suffix[: _NAME_BYTES - len(start)])
    return names


def _link(file: Path, place: Path) -> None:
    try:
        place.symlink_to(file)
    except OSError as error:
        raise OutputError(f"cannot make a link to {file}: {error.strerror or error}; "
                          "use --copy") from None  # fmt: skip


def _copy(file: Path, place: Path) -> None:
    try:
        shutil.copy2(file, place)
    except OSError as error:
        raise OutputError(f"cannot copy {file}: {error.strerror or error}") from None


_PLACE: Mapping[str, Callable[[Path, Path], None]] = {"link": _link, "copy": _copy}


def _write_gallery(
    part: Path,
    folder: Path,
    chosen: Sequence[Chosen],
    names: Mapping[Path, str],
    chosen_from: int,
    notice: str,
) -> None:
    """The page, with thumbnails of its own; a photo that fails now is shown from its file."""
    paths = [photo.score.path for photo in chosen]
    tasks = [Task(photo.file, part / thumbnail_name(photo.score.path)) for photo in chosen]
    make_folder(part / THUMBNAILS)
    with DecoderPool(PreprocessSpec(), with_facts=False) as pool:
        for _ in pool.map(tasks):
            pass
    lying = {path: name for path in paths if (part / (name := thumbnail_name(path))).exists()}
    at = os.path.realpath(folder)
    write_gallery(
        part,
        [photo.score for photo in chosen],
        thumbnails=lying,
        originals={
            photo.score.path: relative_url(names.get(photo.file) or os.path.relpath(photo.file, at))
            for photo in chosen
        },
        notice=notice,
        chosen_from=chosen_from,
    )
