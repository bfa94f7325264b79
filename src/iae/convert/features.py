"""The columns as the ``datasets`` library types them, for the YAML header of the card.

Without them it infers types from the first rows, where a column may be empty: loading then stops
at the first value. Struct columns are pictures only if the header says so.
"""

import json
from collections.abc import Sequence

from iae.convert.columns import Kind, describe_column

_TYPES: dict[Kind, str] = {"text": "string", "number": "float64", "flag": "bool",
                           "integer": "int64", "texts": "string", "numbers": "float64"}  # fmt: skip


def features(form: str, columns: Sequence[str], suffixes: Sequence[str]) -> list[str]:
    """YAML lines of ``dataset_info``.

    Args:
        form: ``imagefolder``, ``parquet`` or ``webdataset``.
        columns: of the rows.
        suffixes: kinds of pictures that were written (``.jpg``); empty without pictures.
    """
    if form == "webdataset":
        pictures = [_line(suffix[1:], "image") for suffix in suffixes]
        labels = [f"    {line}" for column in ("schema", *columns) for line in _column(column)]
        names = [_line(name, "string") for name in ("__key__", "__url__")]
        lines = [*pictures, ["- name: json", "  struct:", *labels], *names]
    elif form == "imagefolder":
        shown = [column for column in columns if column != "file_name" or not suffixes]
        lines = [_line("image", "image")] * bool(suffixes) + [_column(c) for c in shown]
    else:
        lines = [_line("image", "image"), *(_column(column) for column in columns)]
    return ["dataset_info:", "  features:", *(f"  {text}" for line in lines for text in line)]


def _column(name: str) -> list[str]:
    kind: Kind = "text" if name == "schema" else describe_column(name).kind
    if kind in ("texts", "numbers"):
        return [f"- name: {_quoted(name)}", f"  sequence: {_TYPES[kind]}"]
    return _line(name, _TYPES[kind])


def _line(name: str, kind: str) -> list[str]:
    return [f"- name: {_quoted(name)}", f"  dtype: {kind}"]


def _quoted(name: str) -> str:
    """A column may be called by what raters were asked, so by anything."""
    return name if name.replace("_", "a").isalnum() and name.isascii() else json.dumps(name)
