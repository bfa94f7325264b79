"""The journal of what was changed, written before it is changed: what ``iae xmp undo`` reads.

One JSON object a line. A run that is killed leaves at most an unfinished last line, whose change
had not begun; it is cut off. A line whose change was never made is harmless: the file is found in
the state it had before.
"""

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from iae.errors import DataError, OutputError
from iae.files import make_folder, written_whole
from iae.xmp.delta import Part

SCHEMA = "iae.xmp-journal/1"


@dataclass(frozen=True, kw_only=True)
class Record:
    """One change of one file."""

    path: str
    """Absolute, links followed. Bytes that are no UTF-8 as surrogates, which JSON can hold."""
    before: str | None
    """SHA-256 of the file before; None when there was none."""
    after: str
    """SHA-256 of the file after."""
    parts: Sequence[Part]
    """The old version in terms of the new one (see ``iae.xmp.delta``)."""
    mtime_ns: int | None
    """Time of change before, in nanoseconds since 1970."""


class Journal:
    """A journal that is written to. Only one run at a time may have it open."""

    def __init__(self, path: Path) -> None:
        """Nothing is read or written yet."""
        self.path = path
        self._length: int | None = None

    def append(self, records: Sequence[Record]) -> None:
        """Add records; when this returns they are on the disk.

        Raises:
            OutputError: they cannot be written; the journal is then as it was.
            DataError: there is something else in the journal's place.
        """
        text = "".join(json.dumps(asdict(record)) + "\n" for record in records)
        if self._length is None:
            make_folder(self.path.parent)
            self._length = _whole_length(_bytes(self.path), self.path)
        if self._length == 0:
            text = json.dumps({"schema": SCHEMA}) + "\n" + text
        data = text.encode()
        try:
            _write_at(self.path, self._length, data)
        except OSError as error:
            raise OutputError(
                f"cannot write {self.path}: {error.strerror}; what it would have noted is not done"
            ) from None
        self._length += len(data)


def _write_at(path: Path, length: int, data: bytes) -> None:
    is_new = not path.exists()
    with path.open("xb" if is_new else "r+b", buffering=0) as file:
        try:
            file.truncate(length)  # the unfinished line of a run that was killed
            file.seek(length)
            written = 0
            while written < len(data):
                written += file.write(data[written:])
            os.fsync(file.fileno())
        except OSError:
            with suppress(OSError):
                file.truncate(length)
            raise
    if is_new:
        with suppress(OSError):  # a folder cannot be opened everywhere
            _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Have the name of a new file on the disk as well."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def read(journal: Path) -> list[Record]:
    """All records, oldest first; none where there is no journal.

    Raises:
        DataError: it is damaged, or no journal.
    """
    data = _bytes(journal)
    records = []
    for number, line in enumerate(data[: _whole_length(data, journal)].splitlines()[1:], 2):
        try:
            records.append(_record(json.loads(line)))
        except (ValueError, KeyError, TypeError):
            raise DataError(f"{journal}:{number}: damaged; nothing was undone") from None
    return records


def keep_only(journal: Path, records: Sequence[Record]) -> None:
    """Replace the journal by these records; without any it is removed."""
    if not records:
        journal.unlink(missing_ok=True)
        return
    lines = [{"schema": SCHEMA}, *map(asdict, records)]
    with written_whole(journal) as part, part.open("wb") as file:
        file.write("".join(json.dumps(line) + "\n" for line in lines).encode())
        file.flush()
        os.fsync(file.fileno())


def _record(fields: dict[str, Any]) -> Record:
    parts = [part if isinstance(part, str) else (part[0], part[1]) for part in fields["parts"]]
    return Record(**{**fields, "parts": parts})


def _whole_length(data: bytes, journal: Path) -> int:
    """How many bytes of the journal are whole lines."""
    whole = data[: data.rfind(b"\n") + 1]
    if whole:
        try:
            schema = json.loads(whole.splitlines()[0])["schema"]
        except (ValueError, KeyError, TypeError):
            schema = None
        if schema != SCHEMA:
            raise DataError(f"{journal} is no journal of this version ({SCHEMA}); move it away")
    return len(whole)


def _bytes(journal: Path) -> bytes:
    try:
        return journal.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise DataError(f"cannot read {journal}: {error.strerror}") from None
