"""What the two IAE releases hold of an image alike: high or low, and one emotion."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from iae.data.dataset import Dataset
from iae.data.records import ImageRecord
from iae.files import written_whole

UNREADABLE = "unreadable.txt"
"""Which pictures could not be written, and why; only there if there are any."""


class Unreadable(NamedTuple):
    """A picture that could not be written."""

    number: int
    """In the release."""
    name: str
    """Its name in the data set."""
    reason: str


def high_label(record: ImageRecord) -> bool | None:
    """High or low: the data set's own label where there is one, else by the mean."""
    return record.is_high if record.aesthetic_high is None else record.aesthetic_high


def write_unreadable(folder: Path, unreadable: Sequence[Unreadable]) -> None:
    """Write the list of pictures that are not there, if there are any. Raises ``OutputError``."""
    if not unreadable:
        return
    with written_whole(folder / UNREADABLE) as part:
        lines = ("\t".join((str(number), name, " ".join(reason.split()))) + "\n"
                 for number, name, reason in unreadable)  # fmt: skip
        part.write_text("".join(lines), "utf-8", errors="surrogateescape")


def label_losses(dataset: Dataset) -> list[str]:
    """What neither release can hold, apart from scores and names; a sentence each."""
    records = dataset.records
    found = {
        "groups of images that belong together": sum(r.group is not None for r in records),
        "votes per emotion: only the emotion with most votes is kept": sum(
            r.emotion_votes is not None for r in records),
        f"answers to other questions ({', '.join(_attributes(records))})": sum(
            bool(r.attributes) for r in records),
    }  # fmt: skip
    losses = [f"{what} ({images:,} images)" for what, images in found.items() if images]
    if dataset.pairs or dataset.pair_votes:
        losses.append(f"{len(dataset.pairs):,} pairs and the votes on "
                      f"{len(dataset.pair_votes):,} pairs")  # fmt: skip
    return losses


def _attributes(records: Sequence[ImageRecord]) -> list[str]:
    return sorted({attribute for record in records for attribute in record.attributes})
