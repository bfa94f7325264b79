"""IAE dataset, folder release (UAEDataset): lists of labels, images named by index, scores.h5.

``{train,val,test}_{aes,emo}_list.txt`` hold ``IMAGE_ID LABEL``; ``images/`` one file an image, of
any image type; ``scores.h5`` the ratings (see ``iae_scores``). What the integers mean is stated
nowhere and inferred (see ``uae_meaning``). A copy may lack images, lists and scores.
"""

import os
import re
from pathlib import Path

import numpy as np

from iae.data.dataset import Dataset
from iae.data.defects import Defect
from iae.data.formats.format import Format, ReadOptions
from iae.data.formats.iae_scores import NAME as SCORES
from iae.data.formats.iae_scores import Scores, contradictions, read_scores
from iae.data.formats.uae_lists import Entry, Lists, find_lists, read_lists
from iae.data.formats.uae_meaning import Meaning, find_meaning, read_stated
from iae.data.origin import read_origin
from iae.data.rated import UNRATED, rated_labels
from iae.data.ratings import Ratings
from iae.data.records import ImageRecord
from iae.images.decode import PHOTO_SUFFIXES, UNREAD_SUFFIXES
from iae.labels import HIGH_THRESHOLD

IMAGES = "images"
_INDEX = re.compile(r"0*(\d{1,9})", re.ASCII)


def _recognise(path: Path) -> str | None:
    try:
        found = find_lists(path)
    except OSError:
        return None
    if not found:
        return None
    return f"it has {found[0]}" + (f" and {len(found) - 1} more of its lists" if found[1:] else "")


def _read(path: Path, options: ReadOptions) -> Dataset:
    lists = read_lists(path)
    defects = lists.defects
    scores = read_scores(path / SCORES) if (path / SCORES).is_file() else None
    ids = sorted({*lists.aes, *lists.emo})
    names = [str(image) for image in ids]
    ratings = scores.ratings_of(ids, names) if scores else None
    stated = read_stated(path, options.emotion_order, defects)
    meaning = find_meaning(lists, _rated_high(ids, ratings), stated)
    files = _find_images(path / IMAGES, defects)
    records = _records(path, ids, lists, meaning, ratings, files)
    defects += _meaningless(lists, meaning)
    notes = _notes(lists, meaning, scores, files)
    if scores:
        defects += scores.defects
        defects += contradictions(records)
    defects += _missing_ids(ids, scores, notes)
    return Dataset(
        root=path,
        format=FORMAT.name,
        origin=read_origin(path),
        records=records,
        ratings=ratings,
        image_folder=path / IMAGES if files else None,
        notes=notes,
        defects=defects,
    )


def _rated_high(ids: list[int], ratings: Ratings | None) -> dict[int, bool]:
    if ratings is None:
        return {}
    means = ratings.mean_per_item()
    rated = ~np.isnan(means)
    return dict(zip(np.asarray(ids)[rated].tolist(), (means[rated] >= HIGH_THRESHOLD).tolist(),
                    strict=True))  # fmt: skip


def _find_images(folder: Path, defects: list[Defect]) -> dict[int, str]:
    """Image id -> file name; whatever is no image named by an index is left to others."""
    files: dict[int, str] = {}
    try:
        names = sorted(os.listdir(folder))  # noqa: PTH208 - paths cost a second at this size
    except OSError:  # a copy of the labels alone, or a link into nowhere
        return files
    for name in names:
        stem, suffix = os.path.splitext(name)  # noqa: PTH122
        index = _INDEX.fullmatch(stem)
        if index is None or suffix.lower() not in PHOTO_SUFFIXES | UNREAD_SUFFIXES:
            continue
        first = files.setdefault(int(index[1]), name)
        if first != name:
            text = f"image {index[1]} has the file {first} already"
            defects.append(Defect("doubled-id", f"{IMAGES}/{name}", text))
    return files


def _records(
    root: Path,
    ids: list[int],
    lists: Lists,
    meaning: Meaning,
    ratings: Ratings | None,
    files: dict[int, str],
) -> list[ImageRecord]:
    rated = rated_labels(ratings) if ratings else [UNRATED] * len(ids)
    folder, source = root / IMAGES, root.resolve().name
    records = []
    for image, labels in zip(ids, rated, strict=True):
        aes, emo = lists.aes.get(image), lists.emo.get(image)
        either = aes or emo
        records.append(
            ImageRecord(
                path=folder / files.get(image, f"{image}.jpg"),
                name=str(image),
                source=source,
                split=either.split if either else None,
                aesthetic_mean=labels.mean,
                score_counts=labels.counts,
                level_shares=labels.shares,
                aesthetic_high=meaning.is_high.get(_label(aes)),
                emotion=meaning.emotions.get(_label(emo)),
            )
        )
    return records


def _label(entry: Entry | None) -> int:
    return -99 if entry is None or entry.label is None else entry.label


def _meaningless(lists: Lists, meaning: Meaning) -> list[Defect]:
    """Integers that no class has."""
    defects = []
    for entries, known in ((lists.aes, meaning.is_high), (lists.emo, meaning.emotions)):
        labels = [str(label) for label in sorted(known)]
        for image, entry in entries.items():
            if entry.label is not None and entry.label not in known:
                text = f"label {entry.label} of image {image} is not one of {', '.join(labels)}"
                defects.append(Defect("bad-value", entry.where, text, (str(image),)))
    return defects


def _notes(
    lists: Lists, meaning: Meaning, scores: Scores | None, files: dict[int, str]
) -> list[str]:
    notes = [*meaning.notes]
    if lists.missing:
        notes.append(f"there is no {', '.join(lists.missing)}")
    if scores is None:
        notes.append(f"there is no {SCORES}: no scores, only high and low")
    else:
        notes += scores.notes
    if not files:
        notes.append(f"there is no image in {IMAGES}: a copy of the labels alone")
    return notes


def _missing_ids(ids: list[int], scores: Scores | None, notes: list[str]) -> list[Defect]:
    """Ids of 0 … N-1 that no list has, N from scores.h5 where it is there; and ids beyond it."""
    rows = len(scores.matrix) if scores else ids[-1] + 1
    listed = set(ids)
    absent = [image for image in range(rows) if image not in listed] if rows < 10**7 else []
    if scores is None and rows > 2 * len(ids) + 1000:
        notes.append(f"the ids are {len(ids):,} numbers up to {ids[-1]:,}, not 0 to "
                     f"{len(ids) - 1:,}")  # fmt: skip
        return []
    unrated = set(np.flatnonzero(np.isnan(scores.matrix).all(axis=1)).tolist()) if scores else set()
    left_out = [image for image in absent if image in unrated]
    if left_out:
        notes.append(f"{len(left_out):,} ids are in no list and their rows of {SCORES} are empty: "
                     "taken as left out on purpose")  # fmt: skip
    where = f"rated in {SCORES}, but" if scores else f"one of 0 to {rows - 1}, but"
    defects = [
        Defect("missing-id", str(image), f"image {image} is {where} in no list")
        for image in absent
        if image not in unrated
    ]
    defects += [
        Defect("unknown-id", str(image), f"{SCORES} has no row for image {image}, only for 0 to "
               f"{rows - 1}", (str(image),))
        for image in ids if image >= rows
    ]  # fmt: skip
    return defects


FORMAT = Format(
    name="uae",
    title="IAE dataset, folder release: lists of labels, images by index, scores.h5",
    recognise=_recognise,
    read=_read,
    options=frozenset({"emotion_order"}),
)
