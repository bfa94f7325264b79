"""IAE dataset, HDF5 release: ``final_aes_emo.h5``, with ``scores.h5`` beside it.

``image`` holds N images, ``aes`` (N, 2) one-hot rows, [0, 1] high, and ``emo`` (N, 8) one-hot rows
in the order of ``EMOTIONS``. Only labels and ratings are read into memory; a picture is read when
it is asked for. The shape and type of ``image`` are stated nowhere: pixels (channels last or first)
and encoded files are read.
"""

from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from iae.data.dataset import Dataset, ImageStore
from iae.data.defects import Defect
from iae.data.formats.format import Format, ReadOptions
from iae.data.formats.hdf5 import SIGNATURE, open_hdf5, read_columns
from iae.data.formats.iae_scores import NAME as SCORES
from iae.data.formats.iae_scores import Scores, contradictions, read_scores
from iae.data.formats.iea_images import Hdf5Images, Layout, NoImages, find_layout
from iae.data.origin import read_origin
from iae.data.rated import UNRATED, rated_labels
from iae.data.ratings import Ratings
from iae.data.records import ImageRecord
from iae.errors import DataError
from iae.labels import EMOTIONS

NAME = "final_aes_emo.h5"
IMAGE, AES, EMO = "image", "aes", "emo"
_WANTED = f"'{AES}' (N, 2), '{EMO}' (N, 8) and '{IMAGE}'"
_PIXELS = {"last": "(N, H, W, 3)", "first": "(N, 3, H, W)", "grey": "(N, H, W), grey"}


def _recognise(path: Path) -> str | None:
    with suppress(OSError):
        if (path / NAME).is_file():
            return f"it has {NAME}"
        if path.is_file() and path.name == NAME:
            return f"its name is {NAME}"
        if path.is_file() and _has_labels(path):
            return f"it is an HDF5 file with the keys '{AES}' and '{EMO}'"
    return None


def _has_labels(path: Path) -> bool:
    with path.open("rb") as file:
        if file.read(len(SIGNATURE)) != SIGNATURE:
            return False
    try:
        with open_hdf5(path) as file:
            return AES in file and EMO in file
    except (DataError, ImportError):
        return False


def _read(path: Path, options: ReadOptions) -> Dataset:
    del options
    file_path = path / NAME if path.is_dir() else path
    aes, emo, layout = _read_labels(file_path)
    defects: list[Defect] = []
    notes = ["this release has no split"]
    for rows, key in ((aes, AES), (emo, EMO)):
        if rows.any():
            defects += _not_one_hot(rows, key, file_path.name)
        else:
            notes.append(f"'{key}' is 0 throughout: a copy without these labels")
    names = [str(row) for row in range(len(aes))]
    scores_path = file_path.with_name(SCORES)
    scores = read_scores(scores_path) if scores_path.is_file() else None
    ratings = scores.ratings_of(list(range(len(aes))), names) if scores else None
    records = _records(path, file_path, aes, emo, ratings)
    notes += _notes(layout, scores)
    if scores:
        defects += [*scores.defects, *contradictions(records), *_other_length(names, scores)]
    store: ImageStore = Hdf5Images(file_path, IMAGE, layout) if layout else NoImages()
    origin = read_origin(file_path.parent)
    return Dataset(root=path, format=FORMAT.name, origin=origin, records=records,
                   ratings=ratings, store=store, notes=notes, defects=defects)  # fmt: skip


def _read_labels(path: Path) -> tuple[NDArray[np.float64], NDArray[np.float64], Layout | None]:
    """(N, 2) and (N, 8) label rows, and how N pictures lie there, if any do."""
    with open_hdf5(path) as file:
        aes = read_columns(file, AES, (2,), _WANTED)
        emo = read_columns(file, EMO, (len(EMOTIONS),), _WANTED)
        lengths = {AES: len(aes), EMO: len(emo)}
        layout = None
        if IMAGE in file:
            layout = find_layout(file[IMAGE], path)
            lengths[IMAGE] = file[IMAGE].shape[0]
    if len(set(lengths.values())) > 1:
        found = ", ".join(f"{rows:,} rows of '{key}'" for key, rows in lengths.items())
        raise DataError(f"{path}: {found}; wanted the same number, so that row i is image i")
    return aes, emo, layout


def _one_hot(rows: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(N,) whether a row holds one 1 and else 0."""
    ones: NDArray[np.bool_] = ((rows == 1).sum(axis=1) == 1) & (
        (rows == 0).sum(axis=1) == rows.shape[1] - 1
    )
    return ones


def _not_one_hot(rows: NDArray[np.float64], key: str, file: str) -> list[Defect]:
    defects = []
    for i in np.flatnonzero(~_one_hot(rows)).tolist():
        values = ", ".join(f"{value:g}" for value in rows[i])
        text = f"{file}: '{key}' is [{values}], wanted one 1 and else 0; taken as no label"
        defects.append(Defect("not-one-hot", str(i), text, (str(i),)))
    return defects


def _records(
    root: Path,
    file: Path,
    aes: NDArray[np.float64],
    emo: NDArray[np.float64],
    ratings: Ratings | None,
) -> list[ImageRecord]:
    high = np.where(_one_hot(aes), aes[:, 1], -1).tolist()
    emotion = np.where(_one_hot(emo), np.nan_to_num(emo).argmax(axis=1), -1).tolist()
    rated = rated_labels(ratings) if ratings else [UNRATED] * len(aes)
    source = root.resolve().name
    return [
        ImageRecord(
            path=file / str(row),
            name=str(row),
            source=source,
            aesthetic_mean=labels.mean,
            score_counts=labels.counts,
            level_shares=labels.shares,
            aesthetic_high=None if high[row] < 0 else bool(high[row]),
            emotion=None if emotion[row] < 0 else EMOTIONS[emotion[row]],
        )
        for row, labels in enumerate(rated)
    ]


def _notes(layout: Layout | None, scores: Scores | None) -> list[str]:
    if layout is None:
        notes = [f"there is no '{IMAGE}': a copy of the labels alone"]
    elif layout == "encoded":
        notes = [f"'{IMAGE}' holds encoded files"]
    else:
        notes = [f"'{IMAGE}' holds pixels {_PIXELS[layout]}, colours taken to be in the order "
                 "red, green, blue"]  # fmt: skip
    if scores is None:
        notes.append(f"there is no {SCORES} beside it: no scores, only high and low")
    return notes if scores is None else [*notes, *scores.notes]


def _other_length(names: list[str], scores: Scores) -> list[Defect]:
    rows, images = len(scores.matrix), len(names)
    unrated = [
        Defect("unknown-id", name, f"{SCORES} has no row for it, only {rows:,} rows", (name,))
        for name in names[rows:]
    ]
    return unrated + [
        Defect("missing-id", str(row), f"rated in {SCORES}, but there are only {images:,} images")
        for row in range(images, rows)
    ]


FORMAT = Format(
    name="iea",
    title=f"IAE dataset, HDF5 release: {NAME}, scores.h5",
    recognise=_recognise,
    read=_read,
)
