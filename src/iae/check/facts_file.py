"""``facts.ndjson``: what is known of each picture, so that a second run decodes only what is new.

Lines are added as pictures are finished; a line that a crash cut in two is passed over, and of two
lines on one picture the later counts.
"""

import base64
import json
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from iae.check.photos import PhotoFacts
from iae.errors import OutputError
from iae.files import make_folder
from iae.images.fingerprint import SMALL_BYTES, Fingerprint

NAME = "facts.ndjson"

_VERSION = 1
"""Raised when fingerprints are made in another way: older lines are then passed over."""


class FactsFile:
    """The facts in a folder of results; use it as a context manager to add to them."""

    def __init__(self, folder: Path) -> None:
        """Read what is there.

        Raises:
            OutputError: the folder cannot be made or written into, or the file cannot be read.
        """
        make_folder(folder)
        self._path = folder / NAME
        self._known: dict[str, PhotoFacts] = {}
        try:
            text = self._path.read_bytes() if self._path.exists() else b""
        except OSError as error:
            raise OutputError(f"cannot read {self._path}: {error.strerror}") from None
        self._is_cut = bool(text) and not text.endswith(b"\n")
        for line in text.splitlines():
            facts = _from_line(line)
            if facts is not None:
                self._known[facts.name] = facts

    def known(self, name: str) -> PhotoFacts | None:
        """What an earlier run found, which may be out of date."""
        return self._known.get(name)

    def add(self, facts: PhotoFacts) -> None:
        """Add what was found, unless it is known already. Raises ``OutputError``."""
        if facts is self._known.get(facts.name) or not facts.sha256:
            return  # what is missing today may be there tomorrow
        self._known[facts.name] = facts
        try:
            self._file.write(_to_line(facts))
        except OSError as error:
            raise OutputError(f"cannot write {self._path}: {error.strerror}") from None

    def __enter__(self) -> Self:
        try:
            # Line by line: what a killed run has finished is not done again.
            self._file = self._path.open("a", encoding="ascii", buffering=1)
            if self._is_cut:
                self._file.write("\n")
        except OSError as error:
            raise OutputError(f"cannot write {self._path}: {error.strerror}") from None
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._file.close()  # what could not be written before is tried once more
        except OSError as failure:
            raise OutputError(f"cannot write {self._path}: {failure.strerror}") from None


def _to_line(facts: PhotoFacts) -> str:
    values: dict[str, Any] = {
        "v": _VERSION, "name": facts.name, "state": facts.state, "size": facts.size,
        "mtime": facts.mtime, "sha256": facts.sha256, "kind": facts.kind, "problem": facts.problem,
    }  # fmt: skip
    if facts.fingerprint is not None:
        print_ = facts.fingerprint
        values |= {
            "width": print_.width, "height": print_.height, "is_flat": print_.is_flat,
            "pixels": print_.pixels, "small": base64.b64encode(print_.small.tobytes()).decode(),
        }  # fmt: skip
    return json.dumps(values) + "\n"  # escapes all but ASCII, also bytes of names that are no text


def _from_line(line: bytes) -> PhotoFacts | None:
    """The facts of a line; None where it is damaged or was written by another version."""
    try:
        values = json.loads(line)
        if values.pop("v") != _VERSION:
            return None
        fingerprint = None
        if "small" in values:
            small = np.frombuffer(base64.b64decode(values.pop("small")), dtype=np.uint8)
            if small.shape != (SMALL_BYTES,):
                return None
            parts = {key: values.pop(key) for key in ("width", "height", "is_flat", "pixels")}
            fingerprint = Fingerprint(small=small, **parts)
        return PhotoFacts(**values, fingerprint=fingerprint)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
