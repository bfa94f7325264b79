"""ExifTool, run on a handful of photos at a time.

ExifTool by Phil Harvey (https://exiftool.org) is a program of its own, not a part of this package.
It is started anew for each handful (some tenths of a second): kept open, it would wait for ever
where the run that started it is killed.
"""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

from iae.errors import XmpError
from iae.xmp.marks import NAMESPACES, OWN

SECONDS = 60.0
"""Longest run that is waited for."""

_NEXT = "{next}"
_CONFIG = (
    "%Image::ExifTool::UserDefined = ('Image::ExifTool::XMP::Main' => {"
    " iae => { SubDirectory => { TagTable => 'Image::ExifTool::UserDefined::iae' } } });\n"
    "%Image::ExifTool::UserDefined::iae = ("
    " GROUPS => { 0 => 'XMP', 1 => 'XMP-iae', 2 => 'Image' },"
    f" NAMESPACE => {{ 'iae' => '{NAMESPACES['iae']}' }}, WRITABLE => 'string',"
    + "".join(f" {name.split(':')[1]} => {{ }}," for name in OWN.values())
    + ");\n1;\n"
)
"""Our own properties, in the words of ExifTool. Given instead of the user's own configuration."""


class Answer(NamedTuple):
    """What ExifTool says to one command."""

    text: str
    complaints: str


class ExifTool:
    """ExifTool with a temporary folder, as a context manager.

    It meets only files in that folder, by names we chose, so that no name of a photo (line breaks,
    leading dashes, bytes that are no text) can mean anything to it.
    """

    folder: Path
    """Gone afterwards."""

    def __enter__(self) -> "ExifTool":
        """Raises XmpError where there is no ExifTool."""
        program = shutil.which("exiftool")
        if program is None:
            raise XmpError(
                "ExifTool is needed to write into photos, and is not installed: "
                "apt install libimage-exiftool-perl, or see https://exiftool.org; "
                "--xmp sidecar needs no other program"
            )
        self._program = program
        self._temporary = tempfile.TemporaryDirectory(prefix="iae-xmp-")
        self.folder = Path(self._temporary.name)
        (self.folder / "config").write_text(_CONFIG, "utf-8")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Remove the folder."""
        self._temporary.cleanup()

    def run(self, commands: Sequence[Sequence[str]]) -> list[Answer]:
        """Its answer to each command, a list of arguments without line breaks.

        Raises:
            XmpError: it ended before the last answer, or took longer than ``SECONDS``.
        """
        between = ["-echo3", _NEXT, "-echo4", _NEXT]
        lines = "\n-execute\n".join("\n".join([*command, *between]) for command in commands)
        try:
            done = subprocess.run(
                [self._program, "-config", "config", "-@", "-"], input=(lines + "\n").encode(),
                capture_output=True, cwd=self.folder, timeout=SECONDS, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise XmpError(f"ExifTool did not answer within {SECONDS:g} s") from None
        texts, complaints = (
            stream.decode("utf-8", "replace").split(_NEXT) for stream in (done.stdout, done.stderr)
        )
        if len(texts) != len(commands) + 1 or len(complaints) != len(texts):
            raise XmpError("ExifTool ended unexpectedly")
        return [Answer(*pair) for pair in zip(texts[:-1], complaints[:-1], strict=True)]


def reading(names: Sequence[str], tags: Sequence[str]) -> list[str]:
    """The command that reads tags (``XMP-dc:Subject``) of files in the folder."""
    return ["-j", "-G1", *(f"-{tag}" for tag in tags), "-Warning", "-Error", *names]


def as_read(answer: Answer) -> dict[str, dict[str, Any]]:
    """File name -> tag -> its value as text, or a list of texts; a file that is not there is
    absent."""
    # Numbers as they are written: a keyword "2.50" is no 2.5.
    text = answer.text.strip()
    found = json.loads(text, parse_int=str, parse_float=str) if text else []
    return {file.pop("SourceFile"): file for file in found}
