"""The best photos as lines for people, and as CSV."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from iae.text import one_line
from iae.top.choice import Chosen, mood_of

COLUMNS = ("rank", "path", "aesthetic_mean", "percentile", "emotion", "emotion_prob", "value",
           "near_repeat_of", "placed_as")  # fmt: skip
"""Columns of the CSV, in order."""


def as_text(chosen: Sequence[Chosen], emotion: str | None) -> str:
    """A line a photo: rank, score, mood with its share, path; nothing for no photo."""
    return "".join(_line(photo, emotion) for photo in chosen)


def _line(photo: Chosen, emotion: str | None) -> str:
    name, share = mood_of(photo.score, emotion)
    repeat = f"  (nearly the same as {photo.near_repeat_of})" if photo.near_repeat_of else ""
    return (f"{photo.rank:4} {photo.score.aesthetic_mean:6.2f}  {name:11} {share:4.0%}  "
            f"{one_line(photo.score.path)}{repeat}\n")  # fmt: skip


def as_csv(chosen: Sequence[Chosen], emotion: str | None, placed: Mapping[Path, str]) -> str:
    """The same as CSV, with a line of column names.

    Args:
        chosen: the photos.
        emotion: what was looked for; ``emotion`` and ``emotion_prob`` then tell of it, and
            otherwise of each photo's strongest.
        placed: names of the links or copies, by file; may be empty.
    """
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    for photo in chosen:
        name, share = mood_of(photo.score, emotion)
        table.writerow([
            photo.rank, photo.score.path, photo.score.aesthetic_mean, photo.score.percentile, name,
            share, round(photo.value, 4), photo.near_repeat_of,
            writable(placed.get(photo.file, "")),
        ])  # fmt: skip
    return text.getvalue()


def writable(name: str) -> str:
    """A file name as text that a UTF-8 file can hold; undecodable bytes are escaped."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
