"""AVA's counts as JSON: ``{"image_id": "953619", "label": [0, 1, 5, 17, 38, 36, 15, 6, 5, 1]}``."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from iae.data.defects import Defect
from iae.errors import DataError

_HEAD = re.compile(r'\s*\[?\s*(\{[^{}]*"label"\s*:\s*\[[^\[\]{}]*\][^{}]*\})')
_BINS = 10


def is_ava_json(path: Path) -> bool:
    """Whether the first object of a JSON file or of JSON lines has an image id and ten counts."""
    try:
        with path.open("rb") as file:
            start = file.read(4096).decode("utf-8-sig", "replace")
    except OSError:
        return False
    first = _HEAD.match(start)
    try:
        return first is not None and len(_row(json.loads(first[1]))[1]) == _BINS
    except ValueError:
        return False


def json_rows(path: Path, defects: list[Defect]) -> Iterator[tuple[int, str, list[float]]]:
    """(place, image id, ten counts) of each object that can be read; the others become defects.

    The place is the line of JSON lines, and the number of the object, from 1, in a list.

    Raises:
        DataError: the file cannot be read, or a list is broken (truncated, for instance).
    """
    for place, found in _objects(path, defects):
        try:
            image, counts = _row(found)
        except ValueError as error:
            defects.append(Defect("bad-row", f"{path.name}:{place}", str(error)))
            continue
        yield place, image, counts


def _objects(path: Path, defects: list[Defect]) -> Iterator[tuple[int, Any]]:
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is not UTF-8 text (byte {error.start} of it)") from None
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}") from None
    if text.lstrip().startswith("["):
        try:
            yield from enumerate(json.loads(text), 1)
        except json.JSONDecodeError as error:
            raise DataError(f"{path}:{error.lineno}: not JSON: {error.msg}") from None
        return
    for line, row in enumerate(text.split("\n"), 1):
        if row.strip():
            try:
                yield line, json.loads(row)
            except json.JSONDecodeError as error:
                where = f"{path.name}:{line}"
                defects.append(Defect("bad-row", where, f"not JSON: {error.msg}"))


def _row(found: Any) -> tuple[str, list[float]]:
    """Image id and ten counts of one object. Raises ``ValueError``."""
    if not isinstance(found, dict) or not {"image_id", "label"} <= set(found):
        raise ValueError('wanted an object with "image_id" and "label"')
    image, counts = found["image_id"], found["label"]
    if isinstance(image, bool) or not isinstance(image, str | int):
        raise ValueError(f"image_id is {image!r}, wanted text or a number")
    if not isinstance(counts, list) or len(counts) != _BINS:
        raise ValueError(f"label of image {image} is not a list of ten counts")
    if any(isinstance(count, bool) or not isinstance(count, int | float) for count in counts):
        raise ValueError(f"label of image {image} holds something else than numbers")
    return str(image).strip(), [float(count) for count in counts]
