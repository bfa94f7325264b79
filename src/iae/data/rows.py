"""One flat row per image, from which its record comes back: what converted data sets consist of.

Scores in rows always lie on [1, 10]. A column without a value in any row is left out; a cell
without a value is null. JSON, Parquet and the Hugging Face loaders take such rows as they are.
"""

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from iae.data.records import SPLITS, ImageRecord
from iae.data.table_file import Row
from iae.labels import EMOTIONS, LEVELS, SCORE_MAX, SCORE_MIN

SCHEMA = "iae.rows/1"
"""Name and version of this form; it travels with every converted data set."""

RATERS, RATINGS, POSITION = "raters", "ratings", "position"
"""Columns of the single ratings (two lists of one length) and of the place in the data set."""

K = TypeVar("K")
T = TypeVar("T", bound=str)

_JSON = "json:"
_VOTES, _COUNT, _ATTRIBUTE, _LEVEL = "votes_", "count_", "attribute_", "level_"
_NEUTRAL = "votes_neutral"


def to_row(record: ImageRecord, file_name: str | None = None) -> dict[str, Any]:
    """The row of a record, only the columns that have a value.

    Args:
        record: everything but its path is kept. An empty mapping (no votes offered, no scores
            counted) is read back as None: it says the same.
        file_name: where the picture lies in the converted set; by default the record's name. The
            name gets its own column where the two differ.
    """
    name = to_text(record.name)
    row: dict[str, Any] = {"file_name": name if file_name is None else file_name}
    if row["file_name"] != name or name != record.name:
        row["name"] = name
    row |= {
        "source": to_text(record.source),
        "split": record.split,
        "group": None if record.group is None else to_text(record.group),
        "aesthetic_mean": record.aesthetic_mean,
        "aesthetic_high": record.aesthetic_high,
        "emotion": record.emotion,
        _NEUTRAL: record.neutral_votes or (None if record.emotion_votes is None else 0.0),
    }
    row |= {f"{_VOTES}{e}": n for e, n in (record.emotion_votes or {}).items()}
    row |= {f"{_COUNT}{score_text(s)}": n for s, n in (record.score_counts or {}).items()}
    row |= {f"{_LEVEL}{name}": share
            for name, share in zip(LEVELS, record.level_shares or (), strict=False)}  # fmt: skip
    row |= {f"{_ATTRIBUTE}{to_text(name)}": value for name, value in record.attributes.items()}
    return {column: value for column, value in row.items() if value is not None}


def from_row(row: Row, path: Path) -> ImageRecord:
    """The record of a row; columns that are not of this form are passed over.

    Args:
        row: cells as JSON or Parquet give them; null and an absent column are the same.
        path: the picture's file.

    Raises:
        ValueError: a value is wrong; the text names the column, what it holds and what was wanted.
    """
    votes = {e: number(row, f"{_VOTES}{e}", least=0) for e in EMOTIONS}
    shares = tuple(number(row, f"{_LEVEL}{level}", least=0) for level in LEVELS)
    return ImageRecord(
        path=path,
        name=_needed(row, "name" if row.get("name") is not None else "file_name"),
        source=_text(row, "source") or "",
        group=_text(row, "group"),
        split=_one_of(row, "split", SPLITS),
        aesthetic_mean=number(row, "aesthetic_mean", SCORE_MIN, SCORE_MAX),
        aesthetic_high=_flag(row, "aesthetic_high"),
        score_counts=_numbered(row, _COUNT, _score, least=0) or None,
        level_shares=shares if None not in shares else None,  # type: ignore[arg-type]
        emotion=_one_of(row, "emotion", EMOTIONS),
        emotion_votes={e: n for e, n in votes.items() if n is not None} or None,
        neutral_votes=number(row, _NEUTRAL, least=0) or 0.0,
        attributes=_numbered(row, _ATTRIBUTE, from_text),
    )


def is_row(columns: Iterable[str]) -> bool:
    """Whether columns could be of this form: there is a ``file_name`` and a ``source``."""
    return {"file_name", "source"} <= set(columns)


def column_order(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Every column of some rows, in one fixed order: identity, labels, votes, counts, the rest."""
    found = dict.fromkeys(column for row in rows for column in row)
    first = ["file_name", "name", "source", "split", "group", "aesthetic_mean", "aesthetic_high",
             "emotion", *(f"{_VOTES}{e}" for e in EMOTIONS), _NEUTRAL]  # fmt: skip
    counts = sorted(
        (column for column in found if column.startswith(_COUNT)),
        key=lambda column: _score(column[len(_COUNT) :]),
    )
    levels = [f"{_LEVEL}{level}" for level in LEVELS]
    attributes = sorted(column for column in found if column.startswith(_ATTRIBUTE))
    wanted = [*first, *counts, *levels, *attributes, RATERS, RATINGS, POSITION]
    return [column for column in wanted if column in found]


def score_text(score: float) -> str:
    """The shortest text that is read back as this very number.

    >>> score_text(4.0), score_text(3.25)
    ('4', '3.25')
    """
    return repr(int(score)) if score == int(score) else repr(score)


def to_text(text: str) -> str:
    r"""The text, in a form that every file can hold: bytes that are no UTF-8 are spelt out.

    >>> to_text("a photo.jpg"), to_text("caf\udce9.jpg")
    ('a photo.jpg', 'json:"caf\\udce9.jpg"')
    """
    try:
        text.encode()
        plain = not text.startswith(_JSON) and "\0" not in text
    except UnicodeEncodeError:
        plain = False
    return text if plain else _JSON + json.dumps(text)


def from_text(text: str) -> str:
    """What ``to_text`` was given. Raises ``ValueError`` where the spelling is broken."""
    return str(json.loads(text[len(_JSON) :])) if text.startswith(_JSON) else text


def number(row: Row, column: str, least: float = -math.inf, most: float = math.inf) -> float | None:
    """A finite number in [least, most], or None where there is none. Raises ``ValueError``."""
    value = row.get(column)
    if value is None or value == "":
        return None
    try:
        found = float(value)
    except (TypeError, ValueError):
        found = math.nan
    if not (math.isfinite(found) and least <= found <= most):
        wanted = "a number" if most == math.inf and least == -math.inf else (
            f"a number from {least:g}" + (f" to {most:g}" if most < math.inf else ""))  # fmt: skip
        raise ValueError(f"column '{column}' holds {value!r}, wanted {wanted}")
    return found


def _numbered(
    row: Row, prefix: str, key: Callable[[str], K], *, least: float = -math.inf
) -> dict[K, float]:
    return {
        key(column[len(prefix) :]): value
        for column in row
        if column.startswith(prefix) and (value := number(row, column, least)) is not None
    }


def _score(text: str) -> float:
    try:
        score = float(text)
    except ValueError:
        score = math.nan
    if not SCORE_MIN <= score <= SCORE_MAX:
        raise ValueError(f"column 'count_{text}': wanted a score from 1 to 10 after 'count_'")
    return score


def _text(row: Row, column: str) -> str | None:
    value = row.get(column)
    return None if value is None else from_text(str(value))


def _needed(row: Row, column: str) -> str:
    text = _text(row, column)
    if not text:
        raise ValueError(f"column '{column}' is empty; every row needs its image")
    return text


def _flag(row: Row, column: str) -> bool | None:
    value = row.get(column)
    if value is not None and not isinstance(value, bool):
        raise ValueError(f"column '{column}' holds {value!r}, wanted true or false")
    return value


def _one_of(row: Row, column: str, known: Sequence[T]) -> T | None:
    value = row.get(column)
    for name in known:
        if value == name:
            return name
    if value is not None:
        raise ValueError(f"column '{column}' holds {value!r}, wanted one of {', '.join(known)}")
    return None
