"""The mark in each file of a converted set: what its rows are, wherever the file is taken.

Without ``dataset.json`` beside it a shard would be a stranger, and the scale of its scores guessed.
In Parquet the mark is in the metadata of the file, in the ``.json`` of WebDataset it is ``schema``.
"""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from iae.data.rows import SCHEMA
from iae.errors import DataError

SCORES = "on [1, 10], 10 the best"
"""Of all scores in rows."""

PARQUET_MARK: Mapping[str, str] = {"iae.schema": SCHEMA, "iae.scores": SCORES}
"""What goes into the metadata of a Parquet file of rows."""

_FAMILY = SCHEMA.split("/")[0] + "/"


def parquet_schema(path: Path) -> object:
    """What a Parquet file says its rows are; None where it does not say, or cannot be read."""
    try:
        return pl.read_parquet_metadata(path).get("iae.schema")
    except (pl.exceptions.PolarsError, OSError):
        return None


def is_mark(schema: object) -> bool:
    """Whether this is the mark of some version of iae."""
    return isinstance(schema, str) and schema.startswith(_FAMILY)


def check_version(schema: object, where: Path) -> None:
    """Refuse rows of a later version. Raises ``DataError``."""
    if schema != SCHEMA:
        raise DataError(f"{where}: written in the form {schema}, this version of iae reads "
                        f"{SCHEMA}; update iae")  # fmt: skip


def are_marked(schemas: Mapping[Path, object]) -> bool:
    """Whether these files are parts of a converted set.

    Args:
        schemas: file -> its mark, or whatever it has in its place.

    Raises:
        DataError: only some are marked, so that one scale for all would be wrong; or they are of a
            later version.
    """
    marked = [path for path, schema in schemas.items() if is_mark(schema)]
    others = [path for path, schema in schemas.items() if not is_mark(schema)]
    if marked and others:
        raise DataError(f"{marked[0]} was written by iae data convert and {others[0]} was not; "
                        "put them into two folders and read each")  # fmt: skip
    for path in marked:
        check_version(schemas[path], path)
    return bool(marked)
