"""The scores of an earlier run, read back from its table, and the photos its paths mean."""

import re
from pathlib import Path

from iae.data.table_file import Row, read_table_file
from iae.errors import DataError
from iae.labels import EMOTIONS
from iae.scoring.scores import PhotoScore

TABLES = ("scores.parquet", "scores.ndjson", "scores.csv")

_ESCAPED_BYTE = re.compile(r"\\x([89a-f][0-9a-f])")


def read_scores(out: Path) -> tuple[Path, list[PhotoScore]]:
    """The newest table of scores in a folder, and what it says of each photo.

    Only what marks are made of is read: path, error, mean score, emotions, unsure.

    Raises:
        DataError: there is no table of scores, or it is damaged.
    """
    found = [out / name for name in TABLES if (out / name).is_file()]
    if not found:
        raise DataError(f"there are no scores in {out} ({', '.join(TABLES)}); "
                        "run: iae score PHOTOS -o OUT")  # fmt: skip
    path = max(found, key=lambda table: table.stat().st_mtime_ns)
    table = read_table_file(path)
    needed = {"path", "aesthetic_mean", *(f"emotion_{emotion}" for emotion in EMOTIONS)}
    if missing := sorted(needed - set(table.columns)):
        raise DataError(f"{path} is no table of 'iae score': it has no column '{missing[0]}'")
    if table.bad_rows:
        line, reason = table.bad_rows[0]
        raise DataError(f"{path}:{line}: {reason}")
    return path, [_score(row, path, line) for line, row in table.rows]


def photo_at(name: str, relative_to: Path) -> Path:
    r"""The file that a table's path means.

    A byte that is no UTF-8 stands in a table as ``\xNN``; where there is no file of that very
    name, it is taken for the byte again.

    Args:
        name: the path in the table.
        relative_to: where the scores were made, if the path is relative.
    """
    plain = relative_to / name
    if plain.exists() or not _ESCAPED_BYTE.search(name):
        return plain
    return relative_to / _ESCAPED_BYTE.sub(lambda match: chr(0xDC00 + int(match[1], 16)), name)


def _score(row: Row, path: Path, line: int) -> PhotoScore:
    name = row["path"]
    if not isinstance(name, str) or not name:
        raise DataError(f"{path}:{line}: a row without a path")
    if _empty(row["aesthetic_mean"]):
        return PhotoScore(path=name, error=str(row.get("error") or "not scored"))
    try:
        mean = float(row["aesthetic_mean"])
        shares = [row[f"emotion_{emotion}"] for emotion in EMOTIONS]
        # A model for scores alone leaves them all empty.
        emotions = None if all(map(_empty, shares)) else tuple(map(float, shares))
    except (TypeError, ValueError):
        raise DataError(f"{path}:{line}: a score of {name} is no number") from None
    unsure = str(row.get("unsure")).lower() == "true"
    return PhotoScore(path=name, aesthetic_mean=mean, emotions=emotions, unsure=unsure)


def _empty(cell: object) -> bool:
    return cell is None or cell == ""
