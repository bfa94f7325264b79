"""The six lists of the folder release: ``IMAGE_ID LABEL``, a line an image."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, NamedTuple

from iae.data.defects import Defect
from iae.data.records import SPLITS, Split
from iae.errors import DataError

Kind = Literal["aes", "emo"]
KINDS: tuple[Kind, ...] = ("aes", "emo")

_ID = re.compile(r"0*(\d{1,9})(?:\.\w+)?", re.ASCII)  # some copies list file names
_LABEL = re.compile(r"([+-]?\d{1,9})(?:\.0*)?", re.ASCII)  # numpy.savetxt writes 1.000


class Entry(NamedTuple):
    """One line of a list."""

    label: int | None
    """None where it is no integer."""
    split: Split
    where: str
    """File and line."""


class Lists(NamedTuple):
    """What the lists say."""

    aes: dict[int, Entry]
    emo: dict[int, Entry]
    """Image id -> its first line."""
    missing: list[str]
    """Names of the lists that are not there."""
    defects: list[Defect]


def list_name(split: Split, kind: Kind) -> str:
    """The name of a list.

    >>> list_name("val", "emo")
    'val_emo_list.txt'
    """
    return f"{split}_{kind}_list.txt"


def find_lists(root: Path) -> list[str]:
    """Names of the lists that are in a folder."""
    names = [list_name(split, kind) for kind in KINDS for split in SPLITS]
    return [name for name in names if (root / name).is_file()]


def read_lists(root: Path) -> Lists:
    """Read all lists of a folder; a line that cannot be used is a defect.

    Raises:
        DataError: a list cannot be opened, or not one line of any of them can be used.
    """
    found, defects = find_lists(root), list[Defect]()
    entries: dict[Kind, dict[int, Entry]] = {"aes": {}, "emo": {}}
    missing = []
    for kind in KINDS:
        for split in SPLITS:
            name = list_name(split, kind)
            if name in found:
                _read_list(root / name, split, entries[kind], defects)
            else:
                missing.append(name)
    if not any(entry.label is not None for kind in KINDS for entry in entries[kind].values()):
        first = f"; the first: {defects[0].where}: {defects[0].text}" if defects else ""
        raise DataError(f"{root}: no line 'IMAGE_ID LABEL' can be read in "
                        f"{', '.join(found) or 'it, which has no list'}{first}")  # fmt: skip
    defects += _disagreements(entries["aes"], entries["emo"], missing)
    return Lists(entries["aes"], entries["emo"], missing, defects)


def _read_list(path: Path, split: Split, entries: dict[int, Entry], defects: list[Defect]) -> None:
    for number, line in enumerate(_lines(path), 1):
        cells = line.partition("#")[0].split()
        if not cells:
            continue
        where = f"{path.name}:{number}"
        image = _ID.fullmatch(cells[0])
        if len(cells) != 2 or image is None:
            text = f"'{line.strip()[:60]}', wanted 'IMAGE_ID LABEL', the id a number"
            defects.append(Defect("bad-row", where, text))
            continue
        label = _LABEL.fullmatch(cells[1])
        if label is None:
            text = f"label '{cells[1][:30]}' of image {image[1]} is no integer"
            defects.append(Defect("bad-value", where, text, (image[1],)))
        entry = Entry(int(label[1]) if label else None, split, where)
        first = entries.setdefault(int(image[1]), entry)
        if first is not entry:
            defects.append(_doubled(int(image[1]), first, entry))


def _lines(path: Path) -> list[str]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}") from None
    is_utf16 = data[:2] in (b"\xff\xfe", b"\xfe\xff")  # what "print > file" writes on Windows
    text = data.decode("utf-16" if is_utf16 else "utf-8-sig", errors="replace")
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _doubled(image: int, first: Entry, second: Entry) -> Defect:
    name = str(image)
    if first.split != second.split:
        text = f"image {name} is in {first.split} already ({first.where}); taken as {first.split}"
    elif first.label != second.label:
        text = f"image {name} has the label {first.label} already ({first.where}), here " \
               f"{second.label}; the first is taken"  # fmt: skip
    else:
        text = f"image {name} is listed already ({first.where})"
        return Defect("doubled-id", second.where, text)
    return Defect("doubled-id", second.where, text, (name,))


def _disagreements(
    aes: Mapping[int, Entry], emo: Mapping[int, Entry], missing: list[str]
) -> list[Defect]:
    """Ids in one kind of list only, where the other list is there, or in lists of two splits."""
    defects = []
    for kind, entries, others in (("emo", aes, emo), ("aes", emo, aes)):
        for image, entry in sorted(entries.items()):
            other = others.get(image)
            name = f"{entry.split}_{kind}_list.txt"
            if other is None and name not in missing:
                text = f"image {image} is not in {name}"
                defects.append(Defect("unknown-id", entry.where, text, (str(image),)))
            elif other is not None and kind == "emo" and other.split != entry.split:
                text = f"image {image} is in another split at {other.where}; taken as {entry.split}"
                defects.append(Defect("unknown-id", entry.where, text, (str(image),)))
    return defects
