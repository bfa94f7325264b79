"""Every format that is read. A new one is a module in ``formats`` and a line below."""

import difflib
from pathlib import Path
from typing import NamedTuple

from iae.data.dataset import Dataset
from iae.data.formats import (
    abstract,
    artphoto,
    ava,
    eva,
    folders,
    iea,
    imagefolder,
    para,
    parquet_bytes,
    phototriage,
    table,
    uae,
    webdataset,
)
from iae.data.formats.format import Format, ReadOptions
from iae.errors import DataError

FORMATS: tuple[Format, ...] = (
    uae.FORMAT,
    iea.FORMAT,
    para.FORMAT,
    eva.FORMAT,
    ava.FORMAT,
    abstract.FORMAT,
    artphoto.FORMAT,
    folders.FORMAT,
    phototriage.FORMAT,
    imagefolder.FORMAT,
    parquet_bytes.FORMAT,
    webdataset.FORMAT,
    table.FORMAT,
)
"""In the order in which they are tried: the most particular first."""


class Recognised(NamedTuple):
    """A format and the reason it was taken for."""

    format: Format
    reason: str


def recognise(path: Path) -> list[Recognised]:
    """Every format that a path could be in, the most particular first."""
    found = ((format, _reason(format, path)) for format in FORMATS)
    return [Recognised(format, reason) for format, reason in found if reason is not None]


def _reason(format: Format, path: Path) -> str | None:
    try:
        return format.recognise(path)
    except OSError:  # a folder that may not be looked into is in no format
        return None


def read_dataset(
    path: Path, name: str | None = None, options: ReadOptions | None = None
) -> tuple[Dataset, str]:
    """Read a data set in the named format, or in the one it is recognised as.

    Returns:
        The data set, and why it was read in this format.

    Raises:
        DataError: there is no such path or format, nothing recognises it, the files cannot be
            read, or an option is given that the format does not take.
    """
    options = options or ReadOptions()
    if not path.exists():
        raise DataError(f"there is no {path}")
    format, reason = _named(name) if name else _recognised(path, options)
    for option in sorted(options.given() - format.options):
        raise DataError(f"the format '{format.name}' takes no --{option.replace('_', '-')}; "
                        "leave it out or choose another --format")  # fmt: skip
    return format.read(path, options), reason


def _named(name: str) -> Recognised:
    for format in FORMATS:
        if format.name == name:
            return Recognised(format, "you said so")
    near = difflib.get_close_matches(name.lower(), [format.name for format in FORMATS], n=1)
    hint = f"; did you mean '{near[0]}'?" if near else ""
    known = ", ".join(format.name for format in FORMATS)
    raise DataError(f"no format is called '{name}'; known: {known}{hint}")


def _recognised(path: Path, options: ReadOptions) -> Recognised:
    if options.source is not None:
        return Recognised(table.FORMAT, "a mapping was given")
    candidates = recognise(path)
    if not candidates and table.find_tables(path):
        # Its reader says what is wrong with the table, or what it wants to know.
        return Recognised(table.FORMAT, "it has a table")
    if not candidates and path.is_dir() and not any(path.iterdir()):
        raise DataError(f"{path} is an empty folder; wanted the folder or table of a data set")
    if not candidates:
        raise DataError(f"{path} is in none of the formats that are read; say which with --format "
                        f"({', '.join(format.name for format in FORMATS)}), or describe its table "
                        "with --mapping")  # fmt: skip
    return candidates[0]
