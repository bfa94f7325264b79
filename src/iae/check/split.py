"""A new split of a data set: stratified, group-aware, with copies of a picture kept together."""

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from iae.check.files import has_no_pictures
from iae.check.look import Progress, look_at_photos, pictured_records
from iae.check.run import same_in
from iae.check.same import connected
from iae.config import SplitConfig
from iae.data.dataset import Dataset
from iae.data.records import SPLITS, ImageRecord
from iae.data.splits import assign_splits
from iae.errors import DataError
from iae.files import make_folder, written_whole
from iae.labels import EMOTIONS

_QUALITIES = ("high", "low", "unrated")
_COLUMNS = ("image", "split", "group", "emotion", "aesthetic", "score")


@dataclass(frozen=True, kw_only=True)
class SplitResult:
    """A data set divided."""

    records: Sequence[ImageRecord]
    """With their splits; ``group`` is what was kept together, copies of a picture included."""
    kept_together: int
    """Sets of copies that were joined to groups."""
    notes: Sequence[str] = ()
    """What was not done, and why."""


def split_dataset(
    dataset: Dataset,
    config: SplitConfig,
    *,
    near_duplicates: bool = True,
    again: bool = False,
    out: Path | None = None,
    progress: Progress = lambda done, total: None,
) -> SplitResult:
    """Divide the images of a data set into train, val and test; the same seed gives the same parts.

    Images that have no split yet are divided around those that have one.

    Args:
        dataset: what to divide; the photos of pair lists are divided by series.
        config: shares and seed.
        near_duplicates: whether pictures are looked at, so that copies of one stay together.
        again: whether the split that a data set comes with is replaced.
        out: folder for what is known of each picture, as ``check`` writes it.
        progress: called after each picture with (done, in all).

    Raises:
        DataError: every image has a split and ``again`` is not given, there is no image, or
            images that must stay together have different splits.
        OutputError: the folder cannot be written into.
    """
    records = pictured_records(dataset)
    if not records:
        raise DataError(f"{dataset.root} lists no images; there is nothing to split")
    if again:
        records = [replace(record, split=None) for record in records]
    if all(record.split for record in records):
        counts = Counter(record.split for record in records)
        found = ", ".join(f"{counts[split]:,} {split}" for split in SPLITS)
        raise DataError(f"{dataset.root} comes with a split ({found}); --again makes another")
    copies: list[list[int]] = []
    notes = []
    if near_duplicates and has_no_pictures(dataset, records):
        notes.append("the pictures are not there: copies of a picture may be in two splits")
    elif near_duplicates:
        facts = look_at_photos(dataset, records, out=out, progress=progress)
        copies = same_in(dataset, records, facts, out).joined()
    joined = join_groups(records, copies)
    return SplitResult(
        records=assign_splits(joined, config), kept_together=len(copies), notes=notes
    )


def join_groups(
    records: Sequence[ImageRecord], copies: Sequence[Sequence[int]]
) -> list[ImageRecord]:
    """Records whose groups hold all copies of their pictures.

    A group that holds all copies already stays as it is. A group and a set of copies that share an
    image become one group, named by its least image: the order of the records does not matter.

    Args:
        records: with the groups of the data set.
        copies: sets of places in ``records``.
    """
    first_of: dict[str, int] = {}
    links = [(place, other) for place, *others in copies for other in others]
    for i, record in enumerate(records):
        if record.group is not None:
            links.append((first_of.setdefault(record.group, i), i))
    copied = {place for places in copies for place in places}
    joined = list(records)
    for places in connected(links):
        is_one_group = len({records[i].group for i in places}) == 1 and records[places[0]].group
        if copied.intersection(places) and not is_one_group:
            name = f"copies of {min(records[i].name for i in places)}"
            for i in places:
                joined[i] = replace(records[i], group=name)
    return joined


def format_split(result: SplitResult) -> str:
    """A table: images and shares of each split, by emotion and quality."""
    cells = Counter((r.split, r.dominant_emotion, _quality(r)) for r in result.records)
    totals = Counter(record.split for record in result.records)
    qualities = [q for q in _QUALITIES if any(key[2] == q for key in cells)]
    emotions = [e for e in (*EMOTIONS, None) if any(key[1] == e for key in cells)]
    lines = [f"{'':22}" + "".join(f"{split:>16}" for split in SPLITS)]
    for emotion in emotions:
        for quality in qualities:
            row = [cells[split, emotion, quality] for split in SPLITS]
            if sum(row):
                lines.append(_row(f"{emotion or 'no emotion'}, {quality}", row))
    lines.append(_row("all", [totals[split] for split in SPLITS]))
    return "\n".join(lines) + "\n"


def _row(title: str, counts: Sequence[int]) -> str:
    shares = [f"{count:,} ({count / sum(counts):5.1%})" for count in counts]
    return f"{title:22}" + "".join(f"{share:>16}" for share in shares)


def _quality(record: ImageRecord) -> str:
    return {True: "high", False: "low", None: "unrated"}[record.is_high]


def write_split(out: Path, result: SplitResult) -> list[Path]:
    """Write ``train.txt``, ``val.txt``, ``test.txt`` and ``split.csv``. Raises ``OutputError``."""
    make_folder(out)
    texts = {
        f"{split}.txt": "".join(f"{r.name}\n" for r in result.records if r.split == split)
        for split in SPLITS
    }
    texts["split.csv"] = _table(result.records)
    for name, text in texts.items():
        with written_whole(out / name) as part:
            part.write_bytes(text.encode("utf-8", "surrogateescape"))
    return [out / name for name in texts]


def _table(records: Sequence[ImageRecord]) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for r in records:
        quality = {True: "high", False: "low", None: ""}[r.is_high]
        score = "" if r.aesthetic_mean is None else f"{r.aesthetic_mean:.4f}"
        writer.writerow([r.name, r.split, r.group or "", r.dominant_emotion or "", quality, score])
    return file.getvalue()
