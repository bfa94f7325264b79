"""PARA (Yang et al., CVPR 2022) as published: ratings by person, and tables of their distributions.

``annotation/PARA-Images.csv`` has one row a rating: session, image, user, scores from 1 to 5 for
nine questions, an emotion out of seven of the eight (anger was not offered) or neutral.
``annotation/PARA-GiaaTrain.csv`` and ``PARA-GiaaTest.csv`` have one row an image: counts of the
scores, means, counts of the emotions; which of the two names the split. Either kind suffices.
Photos are ``imgs/SESSION/IMAGE``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from iae.data.dataset import Dataset
from iae.data.defects import Defect
from iae.data.formats.format import Format, ReadOptions
from iae.data.formats.para_giaa import ATTRIBUTES, SCALE, SCORE, read_giaa
from iae.data.image_files import ImageFiles, first_folder
from iae.data.long_ratings import LongColumns, LongRatings, read_long_ratings
from iae.data.rated import rated_labels
from iae.data.ratings import Ratings
from iae.data.records import ImageRecord, Split
from iae.data.text_rows import first_row, text_rows
from iae.errors import DataError
from iae.labels import EMOTIONS

_RATINGS = "para-images.csv"
_GIAA: Mapping[str, Split] = {"para-giaatrain.csv": "train", "para-giaatest.csv": "test"}
_NOT_OFFERED = "anger"
_NEEDED = ("sessionId", "imageName", "userId", SCORE)


def _tables(path: Path) -> dict[str, Path]:
    """Name in small letters -> file, of those tables of PARA that the path means."""
    known = {_RATINGS, *_GIAA}
    if path.is_file():
        return {path.name.lower(): path} if path.name.lower() in known else {}
    for folder in (first_folder(path, ("annotation", "annotations")), path):
        if folder is not None and folder.is_dir():
            found = {entry.name.lower(): entry for entry in folder.iterdir()}
            if tables := {name: found[name] for name in sorted(known) if name in found}:
                return tables
    return {}


def _recognise(path: Path) -> str | None:
    names = [table.name for table in _tables(path).values()]
    return f"there is {' and '.join(names)}" if names else None


def _read(path: Path, options: ReadOptions) -> Dataset:
    del options
    tables = _tables(path)
    if not tables:
        raise DataError(f"{path} holds neither PARA-Images.csv nor PARA-GiaaTrain.csv")
    images = _images(next(iter(tables.values())).parent)
    source = path.resolve().name
    defects: list[Defect] = []
    of_giaa: dict[str, ImageRecord] = {}
    for name, split in _GIAA.items():
        if name in tables:
            for record in read_giaa(tables[name], split, images, source, defects, set(of_giaa)):
                of_giaa[record.name] = record
    ratings, records = None, list(of_giaa.values())
    if _RATINGS in tables:
        long = _read_ratings(tables[_RATINGS])
        defects += long.defects
        ratings = long.ratings(SCORE, long.images)
        of_ratings = {r.name: r for r in _records(long, images, source)}
        records = _joined(of_ratings, of_giaa, defects)
    if not records:
        raise DataError(f"{path}: no row of {', '.join(t.name for t in tables.values())} can be "
                        f"read; the first: {defects[0].where}: {defects[0].text}"
                        if defects else f"{path}: its tables have no rows")  # fmt: skip
    return Dataset(root=path, format=FORMAT.name, records=records, ratings=ratings,
                   image_folder=images.folder if len(images) else None,
                   notes=list(_notes(records, ratings, images)), defects=defects)  # fmt: skip


def _images(folder: Path) -> ImageFiles:
    """Photos in ``imgs`` beside the tables or beside their folder."""
    for parent in (folder, folder.resolve().parent):
        if found := first_folder(parent, ("imgs", "images", "img")):
            return ImageFiles(found)
    return ImageFiles(folder.parent / "imgs", walk=False)


def _read_ratings(table: Path) -> LongRatings:
    header = first_row(table)
    missing = [name for name in _NEEDED if name not in header]
    if missing:
        raise DataError(f"{table}: lacks the column '{missing[0]}'; has {', '.join(header)}")
    asked = [SCORE, *(name for name in ATTRIBUTES if name in header)]
    emotion = next((name for name in ("imgEmotion", "emotion") if name in header), None)
    columns = LongColumns(
        width=len(header),
        image=(header.index("sessionId"), header.index("imageName")),
        rater=header.index("userId"),
        questions={name: (header.index(name), SCALE) for name in asked},
        emotion=None if emotion is None else header.index(emotion),
    )
    rows = text_rows(table)
    next(rows)
    return read_long_ratings(rows, columns, table.name)


def _records(long: LongRatings, images: ImageFiles, source: str) -> Iterator[ImageRecord]:
    labels = rated_labels(long.ratings(SCORE, long.images))
    attributes = {ATTRIBUTES[name]: long.means(name).tolist()
                  for name in long.scores if name != SCORE}  # fmt: skip
    votes = long.emotion_votes()
    # Anger was not offered; should a copy hold votes for it, then it was.
    offered = [(e, i) for i, e in enumerate(EMOTIONS) if e != _NOT_OFFERED or votes[:, i].any()]
    for i, (image, row) in enumerate(zip(long.images, votes.tolist(), strict=True)):
        yield ImageRecord(
            path=images.expect(image), name=image, source=source,
            aesthetic_mean=labels[i].mean, score_counts=labels[i].counts,
            level_shares=labels[i].shares,
            emotion_votes={e: float(row[k]) for e, k in offered} if any(row) else None,
            neutral_votes=float(row[-1]),
            attributes={name: mean[i] for name, mean in attributes.items()
                        if not np.isnan(mean[i])},
        )  # fmt: skip


def _joined(
    of_ratings: Mapping[str, ImageRecord], of_giaa: Mapping[str, ImageRecord], defects: list[Defect]
) -> list[ImageRecord]:
    """Labels of the ratings, splits of the distributions; an image of one kind alone is noted."""
    if of_giaa:
        defects += [Defect("unknown-id", name, "has ratings and is in no split")
                    for name in of_ratings if name not in of_giaa]  # fmt: skip
        defects += [Defect("unknown-id", name, "is in a split and has no ratings")
                    for name in of_giaa if name not in of_ratings]  # fmt: skip
    joined = {**of_giaa, **of_ratings}
    return [
        replace(record, split=of_giaa[name].split) if name in of_giaa else record
        for name, record in joined.items()
    ]


def _notes(
    records: list[ImageRecord], ratings: Ratings | None, images: ImageFiles
) -> Iterator[str]:
    yield "scores are on 1 to 5, mapped onto 1 to 10"
    yield ("labels come from the single ratings" if ratings is not None
           else "labels come from the distributions: there are no single ratings")  # fmt: skip
    if not any(_NOT_OFFERED in (record.emotion_votes or {}) for record in records):
        yield f"{_NOT_OFFERED} was not offered to the raters: it has no votes, which is not zero"
    missing = sum(images.find(record.name) is None for record in records)
    if missing:
        yield f"{missing:,} of {len(records):,} images have no file below {images.folder}"


FORMAT = Format(
    name="para",
    title="PARA as published: PARA-Images.csv, PARA-Giaa*.csv and imgs/",
    recognise=_recognise,
    read=_read,
)
