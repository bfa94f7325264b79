"""The tables ``PARA-GiaaTrain.csv`` and ``PARA-GiaaTest.csv``: distributions, one row an image."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from iae.data.defects import Defect
from iae.data.emotion_names import emotion_named, is_neutral
from iae.data.image_files import ImageFiles
from iae.data.records import ImageRecord, Split
from iae.data.text_rows import text_rows, to_count, to_number
from iae.errors import DataError
from iae.labels import EMOTIONS, level_shares, to_ten_point

SCALE = (1.0, 5.0)
SCORE = "aestheticScore"
ATTRIBUTES: Mapping[str, str] = {
    "qualityScore": "quality",
    "compositionScore": "composition",
    "colorScore": "colour",
    "dofScore": "depth_of_field",
    "lightScore": "light",
    "contentScore": "content",
}
"""Question as PARA writes it -> its name in ``ImageRecord.attributes``."""

_COUNT = re.compile(rf"{SCORE}_([1-5](?:\.[05])?)")
_ROUNDING = 0.1
"""A stated mean may differ this much, on 1 to 5, from that of the counts beside it."""


@dataclass(frozen=True)
class _Columns:
    """Where things are in a row."""

    width: int
    session: int
    image: int
    counts: dict[int, float]
    """Column -> score on 1 to 5."""
    mean: int | None
    attributes: dict[int, str]
    votes: dict[str, int]
    """Emotion -> column."""
    neutral: int | None


def _columns(header: list[str], table: Path) -> _Columns:
    """By their names. Raises ``DataError``."""
    place = {name: i for i, name in enumerate(header)}
    counts = {i: float(m[1]) for name, i in place.items() if (m := _COUNT.fullmatch(name))}
    mean = place.get(f"{SCORE}_mean")
    missing = [name for name in ("sessionId", "imageName") if name not in place]
    if missing or not (counts or mean is not None):
        raise DataError(f"{table}: lacks the column '{[*missing, SCORE + '_mean'][0]}'; has "
                        f"{', '.join(header[:8])} …")  # fmt: skip
    # The emotions may carry a prefix, as in "emotion_awe"; a score of the content may not be taken
    # for contentment.
    last = {i: name.rpartition("_")[2] for name, i in place.items() if "Score" not in name}
    named = {e: i for i, text in last.items() if (e := emotion_named(text))}
    return _Columns(
        width=len(header),
        session=place["sessionId"],
        image=place["imageName"],
        counts=counts,
        mean=mean,
        attributes={place[f"{question}_mean"]: name for question, name in ATTRIBUTES.items()
                    if f"{question}_mean" in place},
        votes={e: named[e] for e in EMOTIONS if e in named} if len(named) > 1 else {},
        neutral=next((i for i, text in last.items() if is_neutral(text)), None),
    )  # fmt: skip


def read_giaa(
    table: Path, split: Split, images: ImageFiles, source: str, defects: list[Defect],
    known: set[str],
) -> Iterator[ImageRecord]:  # fmt: skip
    """One record for each row that can be read; what is wrong with the others goes to ``defects``.

    Args:
        table: the file.
        split: which of the two it is.
        images: the photos.
        source: name of the data set.
        defects: is added to.
        known: names that have a row already; is added to.

    Raises:
        DataError: the file cannot be read or lacks its columns.
    """
    rows = text_rows(table)
    _, header = next(rows, (0, []))
    columns = _columns([name.strip() for name in header], table)
    for line, cells in rows:
        where = f"{table.name}:{line}"
        if len(cells) != columns.width:
            text = f"{len(cells)} cells, the header has {columns.width}"
            defects.append(Defect("bad-row", where, text))
            continue
        name = f"{cells[columns.session].strip()}/{cells[columns.image].strip()}"
        if name in known:
            defects.append(Defect("doubled-id", where, f"{name} has a row already"))
            continue
        bare = ImageRecord(path=images.expect(name), name=name, source=source, split=split)
        try:
            record = _labelled(bare, cells, columns, where, defects)
        except _OffScaleError as error:
            defects.append(Defect("off-scale", where, str(error)))
            continue
        except ValueError as error:
            defects.append(Defect("bad-value", where, str(error)))
            continue
        known.add(name)
        yield record


class _OffScaleError(ValueError):
    """A mean that lies outside of 1 to 5."""


def _labelled(
    bare: ImageRecord, cells: list[str], columns: _Columns, where: str, defects: list[Defect]
) -> ImageRecord:
    """The record with the labels of its row. Raises ``ValueError``."""
    if not all(bare.name.split("/")):
        raise ValueError("the session or the image is missing")
    counts = {to_ten_point(score, SCALE): n for i, score in columns.counts.items()
              if (n := to_count(cells[i] or "0"))}  # fmt: skip
    stated = None if columns.mean is None else _mean(cells[columns.mean])
    mean = sum(s * n for s, n in counts.items()) / sum(counts.values()) if counts else stated
    if counts and stated is not None and mean is not None:
        gap = abs(mean - stated) / (to_ten_point(2, SCALE) - to_ten_point(1, SCALE))
        if gap > _ROUNDING:
            text = f"the stated mean is {gap:.2f} off that of the counts (on 1 to 5)"
            defects.append(Defect("total-not-sum", where, text))
    neutral = "" if columns.neutral is None else cells[columns.neutral]
    return replace(
        bare,
        aesthetic_mean=mean,
        score_counts=counts or None,
        level_shares=level_shares(counts.items()) if counts else None,
        emotion_votes={e: to_count(cells[i] or "0") for e, i in columns.votes.items()} or None,
        neutral_votes=to_count(neutral or "0"),
        attributes={attribute: value for i, attribute in columns.attributes.items()
                    if (value := _mean(cells[i])) is not None},
    )  # fmt: skip


def _mean(text: str) -> float | None:
    """A mean score on 1 to 10, None for an empty cell. Raises ``ValueError``."""
    if not text.strip():
        return None
    value = to_number(text)
    if not SCALE[0] <= value <= SCALE[1]:
        raise _OffScaleError(f"mean {value:g} lies outside the scale 1 to 5")
    return to_ten_point(value, SCALE)
