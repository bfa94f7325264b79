"""Marks inside of photo files, through ExifTool: read, and written into a copy that is checked."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from iae.errors import XmpError
from iae.xmp.exiftool import Answer, ExifTool, as_read, reading
from iae.xmp.jpeg import picture_of
from iae.xmp.marks import LISTS, OWN, SIMPLE, Marks, Values
from iae.xmp.merge import Changes
from iae.xmp.merge import changes as changes_for
from iae.xmp.sidecar import RAW_SUFFIXES

_SIMPLE = (*SIMPLE, *OWN.values())


def _tag(name: str) -> str:
    """``dc:subject`` in the words of ExifTool, which capitalises: ``XMP-dc:Subject``."""
    prefix, local = name.split(":")
    return f"XMP-{prefix}:{local[0].upper()}{local[1:]}"


_TAGS = [_tag(name) for name in (*_SIMPLE, *LISTS)]


@dataclass(frozen=True, kw_only=True)
class Embedding:
    """What is to be written into one photo."""

    photo: Path
    marks: Marks
    """What it is to say."""
    changes: Changes
    """What has to change for that."""


def read_embedded(tool: ExifTool, photos: Sequence[Path]) -> list[Values | XmpError]:
    """What the photos say in the properties we know, or why it cannot be read; in their order."""
    try:
        return _read_together(tool, photos)
    except XmpError as error:
        if len(photos) == 1:
            return [error]
        # Only one of them is to blame.
        return [value for photo in photos for value in read_embedded(tool, [photo])]


def _read_together(tool: ExifTool, photos: Sequence[Path]) -> list[Values | XmpError]:
    names = [f"{i}{_suffix(photo)}" for i, photo in enumerate(photos)]
    with _lent(tool.folder, names, photos):
        found = as_read(tool.run([reading(names, _TAGS)])[0])
    return [_values(found.get(name), photo) for name, photo in zip(names, photos, strict=True)]


def embedded(tool: ExifTool, wanted: Sequence[Embedding]) -> list[bytes | XmpError]:
    """The photos' files with the changes, or why there is none, in their order.

    ExifTool writes them into copies. One is handed on only if the picture in it is the same, bit
    for bit (checked for JPEG), and if it then says the marks. Raw files are refused.
    """
    try:
        return _written_together(tool, wanted)
    except XmpError as error:
        if len(wanted) == 1:
            return [error]
        return [data for one in wanted for data in embedded(tool, [one])]


def _written_together(tool: ExifTool, wanted: Sequence[Embedding]) -> list[bytes | XmpError]:
    sources = [f"{i}{_suffix(one.photo)}" for i, one in enumerate(wanted)]
    targets = [f"new{name}" for name in sources]
    commands = [
        [*_arguments(one.changes), "-o", target, source]
        for one, source, target in zip(wanted, sources, targets, strict=True)
        if not _is_raw(one.photo)
    ]
    photos = [one.photo for one in wanted]
    with _lent(tool.folder, sources, photos), _removed(tool.folder, targets):
        *answers, last = tool.run([*commands, reading(targets, _TAGS)])
        said, answer_of_next = as_read(last), iter(answers)
        return [
            XmpError("raw files are not changed; use --xmp sidecar-stem")
            if _is_raw(one.photo)
            else _checked(one, tool.folder / target, next(answer_of_next), said.get(target))
            for one, target in zip(wanted, targets, strict=True)
        ]


def _checked(
    one: Embedding, target: Path, answer: Answer, said: dict[str, Any] | None
) -> bytes | XmpError:
    if not target.exists():
        reason = _first(answer.complaints)
        return XmpError(f"ExifTool cannot write it: {reason}; use --xmp sidecar")
    try:
        old, new = one.photo.read_bytes(), target.read_bytes()
    except OSError as error:
        return XmpError(f"cannot read it: {error.strerror}")
    if picture_of(old) != picture_of(new):
        return XmpError("ExifTool would have changed the picture itself; it stays as it was")
    found = _values(said, target)
    if isinstance(found, XmpError) or changes_for(found, one.marks, overwrite=True).set:
        return XmpError("what ExifTool wrote does not say what it should; it stays as it was")
    return new


def _is_raw(photo: Path) -> bool:
    return photo.suffix.lower() in RAW_SUFFIXES


def _arguments(changes: Changes) -> list[str]:
    return [
        *(f"-{_tag(name)}={value}" for name, value in changes.set.items()),
        *(f"-{_tag(name)}-={item}" for name, gone in changes.remove.items() for item in gone),
        *(f"-{_tag(name)}+={item}" for name, new in changes.add.items() for item in new),
    ]


def _values(found: dict[str, Any] | None, photo: Path) -> Values | XmpError:
    if found is None or "ExifTool:Error" in found:
        reason = "it is no photo" if found is None else str(found["ExifTool:Error"])
        return XmpError(f"ExifTool cannot read {photo.name}: {reason}")
    by_tag = {name: found[_tag(name)] for name in (*_SIMPLE, *LISTS) if _tag(name) in found}
    warning = str(found.get("ExifTool:Warning", ""))
    if "XMP" in warning:
        return XmpError(f"its XMP is damaged, by ExifTool: {warning}")
    return Values(
        simple={name: _text(value) for name, value in by_tag.items() if name in _SIMPLE},
        lists={name: tuple(map(_text, value)) if isinstance(value, list) else (_text(value),)
               for name, value in by_tag.items() if name in LISTS},
    )  # fmt: skip


def _text(value: object) -> str:
    """ExifTool writes the text "true" as a JSON true."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _suffix(photo: Path) -> str:
    """The suffix if it is plain. ExifTool goes by content, and refuses where the two differ."""
    suffix = photo.suffix
    return suffix if suffix[1:].isascii() and suffix[1:].isalnum() else ""


@contextmanager
def _lent(folder: Path, names: Sequence[str], photos: Sequence[Path]) -> Iterator[None]:
    """Have photos under names we chose, without copies where the system can link."""
    with _removed(folder, names):
        for name, photo in zip(names, photos, strict=True):
            try:
                (folder / name).symlink_to(photo.absolute())
            except OSError:
                with suppress(OSError):  # it vanished, and ExifTool will not find it
                    shutil.copyfile(photo, folder / name)
        yield


@contextmanager
def _removed(folder: Path, names: Sequence[str]) -> Iterator[None]:
    try:
        yield
    finally:
        for name in names:
            (folder / name).unlink(missing_ok=True)


def _first(complaints: str) -> str:
    line = next((line for line in complaints.splitlines() if line.startswith("Error")), complaints)
    return line.removeprefix("Error: ").rpartition(" - ")[0] or line or "it does not say why"
