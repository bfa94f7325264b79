"""What the three Hugging Face forms share: losses, and the files beside the pictures."""

import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from iae.convert.card import write_card
from iae.convert.croissant import Distribution, write_croissant
from iae.convert.examples import Example, Rows
from iae.convert.left_out import write_left_out
from iae.convert.parts import Part, Written, of_kept, with_photos_of_pairs
from iae.convert.target import Progress, WriteOptions
from iae.data.dataset import Dataset
from iae.data.manifest import write_manifest

WritePart = Callable[[Part, Iterable[Example], Sequence[str]], list[int]]
"""Write one part, given its examples and all columns; returns the places that were written."""

UNREADABLE = "left out, with their labels"
"""What becomes of images whose picture cannot be read."""


def losses(dataset: Dataset) -> list[str]:
    """What rows and lists beside them cannot hold: next to nothing."""
    lost = []
    if dataset.ratings is not None:
        names = {record.name for record in dataset.records}
        strangers = sum(name not in names for name in dataset.ratings.items)
        if strangers:
            lost.append(f"the ratings of {strangers:,} images that have no row are left out")
    if dataset.pairs and not with_photos_of_pairs(dataset).records:
        lost.append("the pictures of the pairs are left out: it is not known where they lie")
    if dataset.defects:
        lost.append(f"{len(dataset.defects):,} rows or cells that contradict the format are left "
                    "out; see iae data check")  # fmt: skip
    return lost


def write_parts(
    dataset: Dataset,
    folder: Path,
    options: WriteOptions,
    progress: Progress,
    write_part: WritePart,
    distribution: Distribution,
) -> None:
    """Write every part, then ``dataset.json``, the card and ``croissant.json`` beside them.

    Raises:
        DataError: no picture can be read.
        OutputError: something cannot be written.
    """
    lost = losses(dataset)
    dataset = with_photos_of_pairs(dataset)
    rows = Rows(dataset)
    kept: list[int] = []
    written: list[Part] = []
    done = 0
    for part in rows.parts:
        examples = rows.examples(part, options, progress, done)
        places = write_part(part, examples, rows.columns)
        kept += places
        if places:
            written.append(replace(part, places=places))
        else:  # none of its pictures can be read: no reader likes an empty folder
            shutil.rmtree(folder / part.folder)
        done += len(part.places)
    left_out = len(dataset.records) - len(kept)
    if left_out:
        lost.append(f"{left_out:,} images whose picture cannot be read are left out, with their "
                    "rows; left_out.csv says why")  # fmt: skip
    if not options.images:
        lost.append("the pictures: this copy holds the labels alone")
    result = Written(of_kept(dataset, kept), written, rows.columns, sorted(rows.suffixes), lost)
    write_manifest(folder, dataset)
    write_left_out(folder, rows.problems)
    write_card(folder, result, distribution)
    write_croissant(folder, result, distribution)
