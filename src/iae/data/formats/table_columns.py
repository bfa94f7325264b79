"""What the columns of somebody's table probably mean, by their names."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from iae.config import TableSource
from iae.data.emotion_names import emotion_named, is_neutral, other_vocabulary
from iae.data.formats.format import ReadOptions
from iae.data.rating_scale import guess_scale
from iae.data.table_file import TableFile
from iae.errors import DataError
from iae.labels import EMOTIONS

_IMAGE = ("image", "file_name", "filename", "image_name", "imagename", "image_id", "path", "file",
          "img", "photo", "name", "item", "id")  # fmt: skip
_MEAN = ("aesthetic_mean", "aesthetic_score", "aestheticscore_mean", "mos", "mean_score", "mean",
         "score", "aesthetic")  # fmt: skip
_GROUP = ("group", "group_id", "series", "cluster")
_SPLIT = ("split", "subset", "fold")
_EMOTION = ("emotion", "emotion_label")
_CLASS = ("label", "class", "category", "mood")
"""Names of a column that is one of emotions if its cells are."""
_VOTES = re.compile(r"(?:(?:votes?|emotions?)_)?(.+?)(?:_votes?)?")
_COUNT = re.compile(r"(count|counts|score|aesthetic|level|rating)s?_?(\d+(?:\.\d+)?)", re.ASCII)
_COUNTS_OR_RATINGS = {"score", "rating"}
"""``rating_3`` is the third rater in one table and the raters who gave a 3 in another."""
_RATER = re.compile(r"(?:rater|rating|score|volunteer|subject|user)_?\d+", re.ASCII)


def guess_mapping(table: TableFile, scale: tuple[float, float] | None) -> TableSource | None:
    """What the columns of a table probably mean, by their names; None without image and label.

    Votes are taken for votes on the eight emotions only where no column asks for another emotion
    (joy, surprise): see :func:`foreign_votes`.
    """
    named = {column.strip().lower(): column for column in table.columns}

    def first(names: Iterable[str]) -> str | None:
        return next((named[name] for name in names if name in named), None)

    image = first(_IMAGE)
    counts = _count_columns(named, table)
    votes, neutral = _vote_columns(table)
    mean = first(_MEAN)
    emotion = first(_EMOTION) or _class_column(first(_CLASS), table)
    ratings = tuple(
        column for name, column in named.items()
        if _RATER.fullmatch(name) and column not in counts and name not in _MEAN
    )  # fmt: skip
    if image is None or not any((mean, emotion, votes, counts, ratings)):
        return None
    return TableSource(
        image=image,
        group=first(_GROUP),
        split=first(_SPLIT),
        aesthetic_mean=mean,
        emotion=emotion,
        emotion_votes=votes,
        neutral_votes=neutral if votes else None,
        scale=scale or _scale(table, mean, counts, ratings),
        score_counts=counts,
        ratings=ratings,
    )


def foreign_votes(columns: Iterable[str]) -> list[str]:
    """Columns of votes that belong to another set of emotions than the eight."""
    bare = {match[1]: column for column in columns
            if (match := _VOTES.fullmatch(column.strip().lower()))}  # fmt: skip
    return [bare[name] for name in other_vocabulary(bare)]


def _vote_columns(table: TableFile) -> tuple[dict[str, str], str | None]:
    """Emotion -> column of its votes, and the column of votes for none."""
    votes: dict[str, str] = {}
    neutral = None
    for column in table.columns:
        name = column.strip().lower()
        match = _VOTES.fullmatch(name)
        if match is None or name in _EMOTION:
            continue
        emotion = emotion_named(match[1])
        if emotion and (emotion not in votes or match[1] == emotion):
            votes[emotion] = column
        elif is_neutral(match[1]):
            neutral = neutral or column
    # One emotion alone is no choice between emotions, and "content" alone is a picture's content.
    if len(votes) < 2 or foreign_votes(table.columns):
        return {}, None
    return {emotion: votes[emotion] for emotion in EMOTIONS if emotion in votes}, neutral


def _class_column(column: str | None, table: TableFile) -> str | None:
    """The column if most of its cells are emotions."""
    cells = [str(row[column]) for _, row in table.rows if row[column]] if column else []
    named = sum(emotion_named(cell) is not None for cell in cells)
    return column if 2 * named > len(cells) else None


def _count_columns(named: Mapping[str, str], table: TableFile) -> dict[str, float]:
    """Columns ``count_1`` … of the prefix that has most of them, by their score."""
    by_prefix: dict[str, dict[str, float]] = defaultdict(dict)
    for name, column in named.items():
        match = _COUNT.fullmatch(name)
        if match:
            by_prefix[match[1]][column] = float(match[2])
    for prefix in _COUNTS_OR_RATINGS & set(by_prefix):
        # Somewhere nobody gave a score, so among counts there is a 0; scales of ratings begin at 1.
        if 0.0 not in _numbers(table, by_prefix[prefix]):
            del by_prefix[prefix]
    columns = max(by_prefix.values(), key=len, default={})
    return columns if len(columns) >= 2 else {}


def _scale(
    table: TableFile, mean: str | None, counts: Mapping[str, float], ratings: tuple[str, ...]
) -> tuple[float, float]:
    """The scale of the counted scores, or the narrowest usual one that holds all values."""
    if counts:
        return min(counts.values()), max(counts.values())
    values = set(_numbers(table, [*ratings, *([mean] if mean else [])]))
    return guess_scale(np.array(sorted(values)))[0] if values else TableSource.scale


def _numbers(table: TableFile, columns: Iterable[str]) -> Iterable[float]:
    for column in columns:
        for _, row in table.rows:
            try:
                value = float(row[column])
            except (TypeError, ValueError):
                continue
            if np.isfinite(value):
                yield value


def labels_of(source: TableSource) -> list[str]:
    """Columns that hold labels."""
    single = (source.aesthetic_mean, source.emotion)
    return [column for column in single if column] + [
        *source.score_counts, *source.emotion_votes.values(), *source.ratings]  # fmt: skip


def guesses(source: TableSource, options: ReadOptions) -> list[str]:
    """What was taken for what, in sentences for the user."""
    labels = labels_of(source)
    more = f" … ({len(labels)} columns)" if len(labels) > 8 else ""
    notes = [f"columns by their names: image={source.image}, labels from "
             f"{', '.join(labels[:8])}{more}"]  # fmt: skip
    notes += [f"the column '{column}' holds votes for {emotion}"
              for emotion, column in source.emotion_votes.items()
              if emotion not in column.lower()]  # fmt: skip
    worst, best = source.scale
    if options.scale:
        return notes
    if source.score_counts:
        notes.append(
            f"scores lie on {worst:g} to {best:g}, the lowest and highest that are counted"
        )
    elif source.aesthetic_mean or source.ratings:
        notes.append(f"scores are taken to lie on {worst:g} to {best:g}, by their values; "
                     "--scale says otherwise")  # fmt: skip
    if any(_COUNT.fullmatch(column.strip().lower()) for column in source.ratings):
        notes.append(f"{source.ratings[0]} … are taken for ratings by {len(source.ratings)} people "
                     "and not for counts: none is 0; --mapping says otherwise")  # fmt: skip
    return notes


def with_known_emotions(table: TableFile, source: TableSource) -> tuple[TableFile, list[str]]:
    """The table with emotion labels under their own names ("sad" is sadness), and notes of it.

    Raises:
        DataError: the labels are those of another vocabulary: some are none of the eight (joy,
            surprise) and none is of those that only the eight have (amusement, awe …).
    """
    if not source.emotion:
        return table, []
    column = source.emotion
    written = {str(row[column]) for _, row in table.rows if row.get(column) is not None}
    meant = {text: emotion for text in written if (emotion := emotion_named(text))}
    foreign = other_vocabulary(sorted(written))
    if foreign and not {"amusement", "excitement", "awe", "contentment"} & set(meant.values()):
        raise DataError(f"column '{column}' holds {', '.join(foreign)}, none of which is one of "
                        f"{', '.join(EMOTIONS)}; labels of another vocabulary are not guessed"
                        )  # fmt: skip
    other = {text: emotion for text, emotion in meant.items() if text.strip() != emotion}
    if not other:
        return table, []
    rows = [(line, {**row, column: meant.get(str(row[column]), row[column])})
            for line, row in table.rows]  # fmt: skip
    notes = [f"'{text}' is read as {emotion}" for text, emotion in sorted(other.items())]
    return table._replace(rows=list(rows)), notes[:12]


def stated_scale(source: TableSource, scale: tuple[float, float] | None) -> TableSource:
    """The mapping with the scale that was stated beside it. Raises ``ConfigError``."""
    return source if scale is None else replace(source, scale=scale)
