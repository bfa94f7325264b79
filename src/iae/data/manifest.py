"""``dataset.json``: what belongs to a converted data set as a whole, beside its rows."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from iae.data.dataset import Dataset
from iae.data.mark import SCORES, check_version, is_mark
from iae.data.records import SPLITS, PairVotes, PhotoPair
from iae.data.rows import SCHEMA, from_text, to_text
from iae.data.table_file import read_table_file
from iae.errors import DataError
from iae.files import written_whole
from iae.labels import SCORE_MAX, SCORE_MIN

MANIFEST, PAIRS, PAIR_VOTES = "dataset.json", "pairs.jsonl", "pair_votes.jsonl"

FOLDERS = {"train": "train", "val": "validation", "test": "test", None: "unassigned"}
"""Split -> its folder; the names are those of the Hugging Face loaders."""

WHOLE = "data"
"""The only folder of a data set without splits."""


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a converted data set says about itself."""

    name: str
    """Of the data set that was converted."""
    format: str
    """The format that one was read as, or was itself converted from."""
    notes: Sequence[str] = ()
    """What was inferred while it was read."""
    raters: Sequence[str] | None = None
    """All raters, in their order; None without single ratings."""
    rating_scale: tuple[float, float] = (SCORE_MIN, SCORE_MAX)
    """Worst and best score that the raters could give."""


def write_manifest(folder: Path, dataset: Dataset) -> None:
    """Write ``dataset.json`` and, where there are pairs, ``pairs.jsonl`` and ``pair_votes.jsonl``.

    Raises:
        OutputError: they cannot be written.
    """
    ratings = dataset.ratings
    content = {
        "schema": SCHEMA,
        "scores": SCORES,
        "name": to_text(dataset.name),
        "format": dataset.origin or dataset.format,
        "notes": [to_text(note) for note in dataset.notes],
        "raters": None if ratings is None else [to_text(rater) for rater in ratings.raters],
        "rating_scale": list((SCORE_MIN, SCORE_MAX) if ratings is None else ratings.scale),
    }
    with written_whole(folder / MANIFEST) as part:
        part.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")
    for name, pairs in ((PAIRS, dataset.pairs), (PAIR_VOTES, dataset.pair_votes)):
        if pairs:
            with written_whole(folder / name) as part, part.open("w", encoding="utf-8") as file:
                file.writelines(f"{json.dumps(_pair_row(pair))}\n" for pair in pairs)


def find_manifest(path: Path) -> Path | None:
    """``dataset.json`` of this form in a folder, or in the one above it; None where there is none.

    One part of a converted set (its folder ``train``, one shard of it) is read as that part.
    """
    for folder in (path, path.parent, path.parent.parent):
        found = folder / MANIFEST
        try:
            if is_mark(json.loads(found.read_text("utf-8")).get("schema")):
                return found
        except (OSError, ValueError, AttributeError):
            continue
    return None


def read_manifest(path: Path) -> Manifest:
    """What ``dataset.json`` says.

    Raises:
        DataError: it is damaged, or of a later version.
    """
    try:
        values = json.loads(path.read_text("utf-8"))
        check_version(values["schema"], path)
        raters, (worst, best) = values["raters"], values["rating_scale"]
        return Manifest(
            name=from_text(values["name"]),
            format=str(values["format"]),
            notes=[from_text(note) for note in values["notes"]],
            raters=None if raters is None else [from_text(rater) for rater in raters],
            rating_scale=(float(worst), float(best)),
        )
    except (OSError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise DataError(f"{path} is damaged ({type(error).__name__}: {error}); "
                        "convert the data set again") from None  # fmt: skip


def read_pairs(folder: Path) -> tuple[list[PhotoPair], list[PairVotes]]:
    """The pairs and raw votes beside a converted data set. Raises ``DataError``."""
    return (
        [_pair(row, where) for row, where in _pair_rows(folder / PAIRS)],
        [_pair_votes(row, where) for row, where in _pair_rows(folder / PAIR_VOTES)],
    )


def _pair_row(pair: PhotoPair | PairVotes) -> dict[str, Any]:
    values = {name: getattr(pair, name) for name in pair.__slots__}
    return {k: to_text(v) if isinstance(v, str) else v for k, v in values.items()}


def _pair_rows(path: Path) -> list[tuple[dict[str, Any], str]]:
    if not path.is_file():
        return []
    table = read_table_file(path)
    for line, problem in table.bad_rows:
        raise DataError(f"{path}:{line}: {problem}")
    return [
        ({k: from_text(v) if isinstance(v, str) else v for k, v in row.items()}, f"{path}:{line}")
        for line, row in table.rows
    ]


def _pair(row: dict[str, Any], where: str) -> PhotoPair:
    try:
        pair = PhotoPair(**row)
        if not 0 <= pair.share <= 1 or pair.split not in FOLDERS:
            raise ValueError("a share lies in [0, 1], a split is one of " + ", ".join(SPLITS))
    except (TypeError, ValueError) as error:
        raise DataError(f"{where}: {error}") from None
    return pair


def _pair_votes(row: dict[str, Any], where: str) -> PairVotes:
    try:
        return PairVotes(**row)
    except TypeError as error:
        raise DataError(f"{where}: {error}") from None
