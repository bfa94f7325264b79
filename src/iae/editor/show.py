"""What a photo's XMP says, wherever it lies."""

from dataclasses import dataclass
from pathlib import Path

from iae.errors import DataError, XmpError
from iae.xmp.marks import Values
from iae.xmp.packet import read_packet
from iae.xmp.scan import embedded_packet
from iae.xmp.sidecar import read_sidecar

_SIDECAR_SUFFIX = ".xmp"


@dataclass(frozen=True)
class Place:
    """One place where XMP can be."""

    name: str
    text: str
    """What it says, in one line."""
    failed: bool = False
    """Whether it could not be read."""


def show_photo(photo: Path) -> list[Place]:
    """What is said of a photo by ``photo.jpg.xmp``, by ``photo.xmp`` and inside of its own file.

    Of a sidecar, given as ``photo``, it is what that one says.

    Raises:
        DataError: there is no such file.
    """
    if not photo.exists():
        raise DataError(f"there is no file {photo}")
    if photo.suffix.lower() == _SIDECAR_SUFFIX:
        return [_sidecar(photo)]
    named = photo.with_name(photo.name + _SIDECAR_SUFFIX)
    return [_sidecar(named), _sidecar(photo.with_suffix(_SIDECAR_SUFFIX)), _embedded(photo)]


def _sidecar(path: Path) -> Place:
    try:
        data = read_sidecar(path)
        return Place(path.name, "not there" if data is None else in_words(read_packet(data)))
    except XmpError as error:
        return Place(path.name, str(error), failed=True)


def _embedded(photo: Path) -> Place:
    data = embedded_packet(photo)
    try:
        return Place("embedded", "none" if data is None else in_words(read_packet(data)))
    except XmpError as error:
        return Place("embedded", str(error), failed=True)


def in_words(values: Values) -> str:
    """Each property with its value; of a list its items, separated by commas."""
    said = [f"{name} {text}" for name, text in values.simple.items()]
    said += [f"{name} [{', '.join(items)}]" for name, items in values.lists.items()]
    return "; ".join(said) or "no stars, labels or keywords"
