"""AVA (Murray et al., CVPR 2012): how many people gave each photo each score from 1 to 10.

``AVA.txt`` has 15 columns separated by blanks: index, image id, counts of the scores 1 … 10, two
tags, challenge. The same counts go round as JSON (``{"image_id": …, "label": [ten counts]}``, in a
list or one a line) and as CSV. The photos are not published with them: any number may be missing.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np

from iae.data.dataset import Dataset
from iae.data.defects import Defect
from iae.data.formats.ava_json import is_ava_json, json_rows
from iae.data.formats.ava_text import AVA_TXT, WITHOUT_HEADER, csv_layout, is_ava_txt
from iae.data.formats.format import Format, ReadOptions
from iae.data.image_files import ImageFiles, first_folder, with_suffix
from iae.data.records import ImageRecord, Split
from iae.data.score_counts import count_rows, level_share_rows, mean_rows
from iae.data.text_rows import first_row, text_rows, to_count
from iae.errors import DataError

_SCORES = tuple(float(score) for score in range(1, 11))
_FOLDERS = ("images", "image", "imgs", "img", "jpg", "ava")


@dataclass
class _Found:
    """What was read so far."""

    ids: dict[str, Split | None] = field(default_factory=dict)
    counts: list[list[float]] = field(default_factory=list)
    """(N, 10)"""
    defects: list[Defect] = field(default_factory=list)


def _tables(path: Path) -> list[Path]:
    """Files with counts: the path itself, ``AVA.txt`` in it, or every such JSON or CSV file."""
    if path.is_file():
        return [path] if _is_table(path) else []
    if not path.is_dir():
        return []
    files = sorted(entry for entry in path.iterdir() if entry.is_file())
    return [f for f in files if f.name.lower() == "ava.txt"] or [f for f in files if _is_table(f)]


def _is_table(path: Path) -> bool:
    suffix = path.suffix.lower()
    if suffix in (".json", ".jsonl", ".ndjson"):
        return is_ava_json(path)
    if suffix == ".csv":
        return csv_layout(path) is not None
    return suffix == ".txt" and is_ava_txt(path)


def _recognise(path: Path) -> str | None:
    names = [table.name for table in _tables(path)]
    if not names:
        return None
    return f"{' and '.join(names[:3])} {'has' if len(names) == 1 else 'have'} counts of scores 1–10"


def _read(path: Path, options: ReadOptions) -> Dataset:
    del options
    tables = _tables(path)
    if not tables:
        raise DataError(f"{path} holds no AVA.txt, and no JSON or CSV with ten counts an image")
    found = _Found()
    for table in tables:
        _read_table(table, found)
    if not found.ids:
        raise DataError(f"{tables[0]}: no row can be read ({found.defects[0].where}: "
                        f"{found.defects[0].text})" if found.defects else
                        f"{tables[0]} has no rows")  # fmt: skip
    parent = path if path.is_dir() else path.parent
    folder = first_folder(parent, _FOLDERS)
    images = ImageFiles(folder or parent / _FOLDERS[0], walk=folder is not None)
    return Dataset(
        root=path,
        format=FORMAT.name,
        records=_records(found, images, path.resolve().name),
        image_folder=folder,
        notes=_notes(found, images, tables),
        defects=found.defects,
    )


def _read_table(table: Path, found: _Found) -> None:
    split = _split(table) if table.suffix.lower() != ".txt" else None
    rows: Iterable[tuple[int, list[str]]]
    if table.suffix.lower() in (".json", ".jsonl", ".ndjson"):
        for line, image, counts in json_rows(table, found.defects):
            _add(found, split, f"{table.name}:{line}", image, counts)
        return
    if table.suffix.lower() == ".csv":
        layout, has_header = csv_layout(table) or (WITHOUT_HEADER[11], False)
        rows = islice(text_rows(table), int(has_header), None)
    else:
        layout = WITHOUT_HEADER[12] if len(first_row(table, None)) == 12 else AVA_TXT
        rows = text_rows(table, None)
    for line, cells in rows:
        where = f"{table.name}:{line}"
        if len(cells) != layout.width:
            text = f"{len(cells)} columns, wanted {layout.width}"
            found.defects.append(Defect("bad-row", where, text))
            continue
        try:
            counts = [float(cells[place]) for place in layout.counts]
            image = cells[layout.image].strip()
        except ValueError:
            text = f"'{' '.join(cells[i] for i in layout.counts)}' are not ten counts"
            found.defects.append(Defect("bad-value", where, text))
            continue
        _add(found, split, where, image, counts)


def _add(found: _Found, split: Split | None, where: str, image: str, counts: list[float]) -> None:
    try:
        # The sum first: one comparison clears nearly every row of a quarter of a million.
        if not (0 < sum(counts) < np.inf and min(counts) >= 0):
            for count in counts:
                to_count(str(count))
            raise ValueError("nobody gave a score")
    except ValueError as error:
        found.defects.append(Defect("bad-value", where, f"image {image}: {error}"))
        return
    if not image or image in found.ids:
        text = f"image {image} has a row already" if image else "the image id is missing"
        found.defects.append(Defect("doubled-id" if image else "bad-row", where, text))
        return
    found.ids[image] = split
    found.counts.append(counts)


def _split(table: Path) -> Split | None:
    """The part that a file is named by, as in ``ava_labels_train.json``."""
    words = re.split(r"[^a-z]+", table.stem.lower())
    parts: dict[str, Split] = {"train": "train", "val": "val", "valid": "val",
                               "validation": "val", "test": "test"}  # fmt: skip
    return next((parts[word] for word in words if word in parts), None)


def _records(found: _Found, images: ImageFiles, source: str) -> list[ImageRecord]:
    counts = np.array(found.counts)  # (N, 10)
    return [
        ImageRecord(path=images.expect(image), name=with_suffix(image), source=source, split=split,
                    aesthetic_mean=mean, score_counts=by_score, level_shares=shares)
        for (image, split), mean, by_score, shares in zip(
            found.ids.items(), mean_rows(counts, _SCORES), count_rows(counts, _SCORES),
            level_share_rows(counts, _SCORES), strict=True)
    ]  # fmt: skip


def _notes(found: _Found, images: ImageFiles, tables: list[Path]) -> list[str]:
    missing = sum(images.find(image) is None for image in found.ids)
    notes = ["scores are on 1 to 10; the mean is that of the counts"]
    if missing:
        notes.append(f"{missing:,} of {len(found.ids):,} images have no file below {images.folder}")
    if any(table.suffix.lower() == ".txt" for table in tables):
        notes.append("tags and challenges are not read")
    return notes


FORMAT = Format(
    name="ava",
    title="AVA: AVA.txt, or JSON or CSV with ten counts an image",
    recognise=_recognise,
    read=_read,
)
