"""What a photo's file says about its capture: when, by which camera, in which burst.

Facts are for telling which photos were taken together, so a doubtful one is left out: a wrong time
parts a series or makes a false one, a missing time costs nothing but certainty.

Sources: Exif 2.32 (CIPA DC-008-2019) for the tags; ExifTool's tag tables for the maker notes of
Apple (0x000b, BurstUUID) and Fujifilm (0x1101, SequenceNumber) and for ``XMP-GCamera:BurstID``.
"""

import io
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import BinaryIO

from PIL import Image, TiffImagePlugin
from PIL.ExifTags import IFD, Base

from iae.images.decode import FORMATS
from iae.images.heif import open_heic
from iae.images.kind import kind_of

FIRST_YEAR = 1995
"""Photos "taken" before are scans, or by a clock never set (1904, 1970, 1980); Exif is of 1995."""

_TIMES = (
    (Base.DateTimeOriginal, Base.SubsecTimeOriginal, Base.OffsetTimeOriginal),
    (Base.DateTimeDigitized, Base.SubsecTimeDigitized, Base.OffsetTimeDigitized),
)
"""Time, its fraction, its offset; in this order. Not ``DateTime``, which is when the file was
changed: photos exported in one go have the same, and would look like one burst."""

_APPLE_BURST, _FUJI_SEQUENCE = 0x000B, 0x1101
_XMP_BURST = re.compile(rb"""\bBurstID\s*(?:=\s*["']|>)\s*([^"'<>\s]{1,100})""")
_DATE = re.compile(r"(\d{4})\D(\d{1,2})\D(\d{1,2})[ T]+(\d{1,2})\D(\d{1,2})(?:\D(\d{1,2}))?")
_FRACTION = re.compile(r"\d{1,2}:\d{2}:\d{2}[.,](\d+)")
_OFFSET = re.compile(r"([+-])(\d{1,2}):?(\d{2})")
_BURST_NAME = re.compile(r"(.*)BURST(\d+)", re.IGNORECASE)
_NUMBER = re.compile(r"(\d+)")


@dataclass(frozen=True, kw_only=True, slots=True)
class CaptureFacts:
    """What is known of a capture; an empty text, or None, where the file does not say."""

    time: float | None = None
    """Seconds since 1970, with their fraction: of UTC where the offset is known, else as if the
    camera's clock showed UTC. Only comparable within one ``clock``."""
    utc_offset: float | None = None
    """Of the camera's clock, in seconds."""
    has_seconds: bool = False
    """Whether ``time`` is finer than a minute."""
    is_clock_unset: bool = False
    """Whether there was a time, but of a year before ``FIRST_YEAR``, so that ``time`` is None."""
    camera: str = ""
    """Maker, model and serial number: one body, or one kind of phone, which rarely tell theirs."""
    burst: str = ""
    """The same for photos of one burst of one camera."""
    unique_id: str = ""
    """``ImageUniqueID``; some cameras write the same into all."""

    @property
    def clock(self) -> str:
        """What shows this time: times of different clocks are not to be compared.

        A camera of which some photos lack the offset has two clocks, hours apart.
        """
        return f"{self.camera} {'local' if self.utc_offset is None else 'UTC'}"


def capture_facts(source: Path | BinaryIO, *, name: str | None = None) -> CaptureFacts:
    """What a file says about its capture; decodes no pixels (but of PNG, where it may stand last).

    Never raises: what is missing, broken or of an unread format is not known, nor is that of HEIC
    without its extra. Whether the file is a photo at all, :func:`iae.images.decode.load_photo`
    tells.

    Args:
        source: the file, or an open one at its beginning, which stays open.
        name: its file name, whose number or ``BURST`` may tell a burst; that of ``source`` if it
            is a path.
    """
    if name is None:
        name = source.name if isinstance(source, Path) else ""
    try:
        if isinstance(source, Path):
            with source.open("rb") as file:
                facts, fuji = _read(file)
        else:
            facts, fuji = _read(source)
    except Exception:  # as in decode: hostile bytes raise anything
        facts, fuji = CaptureFacts(), None
    return facts if facts.burst else replace(facts, burst=_named_burst(name, fuji))


def _read(file: BinaryIO) -> tuple[CaptureFacts, object]:
    """The facts, and a Fujifilm frame's place in its burst."""
    start = file.tell()
    kind = kind_of(file.read(32))
    file.seek(start)
    with _open_kind(file, kind) as image:
        return facts_of(image), _maker_note(image.getexif()).get(_FUJI_SEQUENCE)


def _open_kind(file: BinaryIO, kind: str | None) -> Image.Image:
    if kind == "HEIC":
        return open_heic(file)
    return Image.open(file, formats=("AVIF",) if kind == "AVIF" else FORMATS)


def facts_of(image: Image.Image) -> CaptureFacts:
    """The same of an opened picture, without what its file name tells. Never raises."""
    try:
        exif = image.getexif()
    except Exception:
        return CaptureFacts()
    base, ifd = _quietly(lambda: dict(exif)), _quietly(lambda: exif.get_ifd(IFD.Exif))
    tags = {**base, **ifd}
    time = _capture_time(tags)
    return replace(
        time,
        camera=_camera(tags),
        burst=_apple_burst(ifd.get(Base.MakerNote)) or _xmp_burst(image.info.get("xmp")),
        unique_id=_text(tags.get(Base.ImageUniqueID)),
    )


def natural_key(name: str) -> tuple[tuple[str, int, str], ...]:
    """Sorts names as cameras count: ``IMG_9`` before ``IMG_10``; upper and lower case alike.

    >>> sorted(["b10.jpg", "b9.jpg", "a11.jpg"], key=natural_key)
    ['a11.jpg', 'b9.jpg', 'b10.jpg']
    """
    parts = _NUMBER.split(name)  # text, digits, text, …
    digits = [*parts[1::2], ""]
    return tuple(
        (text.casefold(), int(number or -1), number)
        for text, number in zip(parts[::2], digits, strict=True)
    )


def _quietly(read: Callable[[], dict[int, object]]) -> dict[int, object]:
    try:
        return dict(read())
    except Exception:  # the EXIF parser raises anything on broken blocks
        return {}


def _text(value: object) -> str:
    """A tag as one line of text; empty if it is none, or says nothing."""
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    if not isinstance(value, str):
        return ""
    return " ".join("".join(c if c.isprintable() else " " for c in value).split())[:200]


def _capture_time(tags: dict[int, object]) -> CaptureFacts:
    unset = False
    for date_tag, fraction_tag, offset_tag in _TIMES:
        date = _text(tags.get(date_tag))
        moment = _moment(date)
        if moment is None:
            continue
        if moment.year < FIRST_YEAR:
            unset = True
            continue
        own_fraction = _FRACTION.search(date)
        digits = own_fraction[1] if own_fraction else _text(tags.get(fraction_tag))
        offset = _offset(_text(tags.get(offset_tag)))
        has_seconds = _DATE.match(date)[6] is not None  # type: ignore[index]  # it did match
        zone = UTC if offset is None else timezone(offset)
        return CaptureFacts(
            time=moment.replace(tzinfo=zone).timestamp() + _fraction(digits) * has_seconds,
            utc_offset=None if offset is None else offset.total_seconds(),
            has_seconds=has_seconds,
        )
    return CaptureFacts(is_clock_unset=unset)


def _moment(date: str) -> datetime | None:
    """``2024:05:01 12:34:56``, with other separators, or without seconds; None if it is no date."""
    found = _DATE.match(date)
    if found is None:
        return None
    try:
        return datetime(*(int(part or 0) for part in found.groups()))  # type: ignore[arg-type]
    except ValueError:  # 0000:00:00, 31 February
        return None


def _fraction(digits: str) -> float:
    """``"5"`` is half a second, ``"050"`` a twentieth; anything else 0."""
    return float(f"0.{digits}") if digits.isascii() and digits.isdigit() else 0.0


def _offset(text: str) -> timedelta | None:
    if text in ("Z", "z"):
        return timedelta(0)
    found = _OFFSET.fullmatch(text)
    if found is None:
        return None
    offset = timedelta(hours=int(found[2]), minutes=int(found[3])) * (1 if found[1] == "+" else -1)
    return offset if abs(offset) <= timedelta(hours=15) else None


def _camera(tags: dict[int, object]) -> str:
    maker, model = _text(tags.get(Base.Make)), _text(tags.get(Base.Model))
    serial = _text(tags.get(Base.BodySerialNumber)) or _text(tags.get(Base.CameraSerialNumber))
    if not serial.strip("0 "):
        serial = ""
    if model.casefold().startswith(maker.casefold()):  # "Canon", "Canon EOS R5"
        maker = ""
    return " ".join(part for part in (maker, model, serial and f"#{serial}") if part)


def _maker_note(exif: Image.Exif) -> dict[int, object]:
    return _quietly(lambda: exif.get_ifd(IFD.MakerNote))  # Pillow reads those of Fujifilm


def _apple_burst(note: object) -> str:
    """BurstUUID: the note is a TIFF directory at its byte 14, counting from its own beginning."""
    if not isinstance(note, bytes) or not note.startswith(b"Apple iOS\0"):
        return ""
    order = note[12:14]
    header = b"II*\0\x08\0\0\0" if order == b"II" else b"MM\0*\0\0\0\x08"
    try:
        directory = TiffImagePlugin.ImageFileDirectory_v2(header)
        file = io.BytesIO(note)
        file.seek(14)
        directory.load(file)
        return _text(directory.get(_APPLE_BURST))
    except Exception:
        return ""


def _xmp_burst(packet: object) -> str:
    found = _XMP_BURST.search(packet) if isinstance(packet, bytes) else None
    return _text(found[1]) if found else ""


def _named_burst(name: str, fuji_sequence: object) -> str:
    """From ``…_BURST001.jpg``, ``…BURST20190102123456789….jpg``, or the place in Fujifilm's bursts.

    A Fujifilm camera tells a frame's place in its burst; the file number less the place is the
    same for all frames of a burst, and different for others.
    """
    if found := _BURST_NAME.match(name):
        return found[2] if len(found[2]) >= 14 else found[1].rstrip("_-")
    numbers = _NUMBER.findall(name.rsplit(".", 1)[0])
    if isinstance(fuji_sequence, int) and fuji_sequence > 0 and numbers:
        return f"Fujifilm {int(numbers[-1]) - fuji_sequence}"
    return ""
