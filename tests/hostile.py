"""A folder of hostile and odd files, and what became of each.

    python tests/hostile.py FOLDER > docs/hostile-files.md

writes them into a new folder, scores it as ``iae score`` does, and prints the table.
"""

import os
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from shutil import copy
from typing import Literal

import broken_decoder
import numpy as np
from hostile_bytes import (
    FORMATS,
    SRGB,
    bombs,
    chunk,
    encoded,
    flipped,
    looping_exif,
    png,
    scene,
    with_orientation,
    zeros,
)
from PIL import Image
from raw_files import dng

GOOD = Path(__file__).parents[1] / "examples" / "photos"

VANISHING = "vanishing.jpg"
"""Removed between being found and being read."""


@dataclass(frozen=True)
class Hostile:
    """One file of the corpus."""

    name: str
    what: str
    """In words, for the table."""
    outcome: Literal["scored", "reason", "either"]
    """What must come of it; either where the library's version decides."""
    write: Callable[[Path], object]
    """Makes it at a path."""


@cache
def corpus() -> list[Hostile]:
    """Every file, in no particular order."""
    return [*_truncated(), *_flipped(), *_bombs(), *_misnamed(), *_odd_pictures(),
            *_broken_blocks(), *_places(), *_names(), *_other_kinds(),
            *_breaking_their_decoder()]  # fmt: skip


def write_corpus(folder: Path) -> list[Hostile]:
    """Write the corpus into a new folder, with three good photos among it; returns it."""
    folder.mkdir(parents=True)
    files = corpus()
    for file in files:
        file.write(folder / file.name)
    for i, photo in enumerate(good_photos()):
        copy(photo, folder / f"{'ajz'[i]}-good.jpg")
    return files


def good_photos() -> list[Path]:
    """Photographs that lie at the beginning, in the middle and at the end of the folder."""
    return [GOOD / f"{name}.jpg" for name in ("moose", "cat-portrait", "honey-bee")]


def _file(name: str, what: str, outcome: Literal["scored", "reason", "either"],
          data: bytes) -> Hostile:  # fmt: skip
    return Hostile(name, what, outcome, lambda path: path.write_bytes(data))


def _truncated() -> Iterator[Hostile]:
    for suffix, name in FORMATS.items():
        data = encoded(scene(), suffix)
        for percent in (2, 30, 60, 90):
            yield _file(f"cut-{percent}.{suffix}", f"{name} cut off at {percent} %", "reason",
                        data[: len(data) * percent // 100])  # fmt: skip


def _flipped() -> Iterator[Hostile]:
    for suffix, name in FORMATS.items():
        data = encoded(scene(), suffix)
        for seed in (1, 2, 3):
            yield _file(f"flipped-{seed}.{suffix}", f"{name} with bits of its header flipped",
                        "either", flipped(data, seed))  # fmt: skip


def _bombs() -> Iterator[Hostile]:
    for suffix, data in bombs().items():
        what = f"{FORMATS[suffix]} of {len(data):,} bytes that promises over 179 megapixels"
        yield _file(f"bomb.{suffix}", what, "reason", data)
    text = chunk(b"zTXt", b"Comment\0\0" + zeros(2**24))
    yield _file("bomb-text.png", "PNG whose comment unpacks to 16 MB", "either",
                png(8, 8, text))  # fmt: skip
    profile = chunk(b"iCCP", b"icc\0\0" + zeros(2**24))
    yield _file("bomb-profile.png", "PNG whose profile unpacks to 16 MB", "either",
                png(8, 8, profile))  # fmt: skip
    yield _file("hollow.png", "PNG of 169 megapixels that holds none of them", "reason",
                png(13_000, 13_000))  # fmt: skip


def _misnamed() -> Iterator[Hostile]:
    yield _file("png-as.jpg", "PNG under the name of a JPEG", "scored", encoded(scene(), "png"))
    yield _file("jpeg-as.png", "JPEG under the name of a PNG", "scored", encoded(scene(), "jpg"))
    yield _file("jpeg-as.nef", "JPEG under the name of a RAW photo", "scored",
                encoded(scene(), "jpg"))  # fmt: skip
    yield _file("text.jpg", "a letter", "reason", b"Dear diary, this is not a photo.\n")
    yield _file("page.jpg", "a web page", "reason", b"<!DOCTYPE html><title>404</title>")
    yield _file("archive.tif", "a ZIP archive", "reason", b"PK\x03\x04" + b"\0" * 60)
    yield _file("video.heic", "a video", "reason", b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41")
    yield _file("script.png", "a program for PostScript", "reason", b"%!PS-Adobe-3.0 EPSF-3.0\n")
    yield _file("bytes.webp", "random bytes", "reason", np.random.default_rng(0).bytes(5000))


def _odd_pictures() -> Iterator[Hostile]:
    grey16 = Image.fromarray(np.asarray(scene().convert("L")).astype(np.uint16) * 257)
    palette = scene().quantize(16)
    pages = {"save_all": True, "append_images": [scene().rotate(180)]}
    pictures: dict[str, tuple[str, bytes]] = {
        "cmyk.jpg": ("CMYK JPEG", encoded(scene().convert("CMYK"), "jpg")),
        "cmyk.tif": ("CMYK TIFF", encoded(scene().convert("CMYK"), "tif")),
        "sixteen.png": ("16-bit grey PNG", encoded(grey16, "png")),
        "sixteen.tif": ("16-bit grey TIFF", encoded(grey16, "tif")),
        "float.tif": ("TIFF of floats", encoded(scene().convert("F"), "tif")),
        "lab.tif": ("TIFF in CIE Lab", encoded(scene().convert("LAB"), "tif")),
        "palette.png": ("palette PNG with a transparent colour",
                        encoded(palette, "png", transparency=3)),
        "clear.png": ("PNG that is wholly transparent",
                      encoded(Image.new("RGBA", (40, 30), (9, 9, 9, 0)), "png")),
        "one-bit.png": ("PNG of one bit a pixel", encoded(scene().convert("1"), "png")),
        "animated.gif": ("animated GIF", encoded(scene(), "gif", **pages)),
        "animated.webp": ("animated WEBP", encoded(scene(), "webp", **pages)),
        "animated.png": ("animated PNG", encoded(scene(), "png", **pages)),
        "pages.tif": ("TIFF of two pages", encoded(scene(), "tif", **pages)),
        "progressive.jpg": ("progressive JPEG", encoded(scene(), "jpg", progressive=True)),
        "pixel.png": ("1×1 pixel", encoded(scene(1, 1), "png")),
        "pixel.jpg": ("1×1 pixel", encoded(scene(1, 1), "jpg")),
        "tower.png": ("1×30,000 pixels", encoded(scene(1, 30_000), "png")),
        "thread.jpg": ("30,000×1 pixels", encoded(scene(30_000, 1), "jpg")),
    }  # fmt: skip
    for name, (what, data) in pictures.items():
        yield _file(name, what, "scored", data)


def _broken_blocks() -> Iterator[Hostile]:
    for value in (0, 2, 5, 7, 9, 65_535):
        yield _file(f"turn-{value}.jpg", f"EXIF orientation {value}", "scored",
                    encoded(scene(), "jpg", exif=with_orientation(value)))  # fmt: skip
    blocks: dict[str, tuple[str, dict[str, bytes]]] = {
        "exif-noise.jpg": ("EXIF block of nonsense", {"exif": b"Exif\0\0" + b"nonsense" * 30}),
        "exif-loop.jpg": ("EXIF directory that follows itself", {"exif": looping_exif()}),
        "exif-far.jpg": ("EXIF directory beyond the end",
                         {"exif": b"Exif\0\0II*\0\xff\xff\xff\xff"}),
        "icc-noise.jpg": ("colour profile of nonsense", {"icc_profile": b"nonsense" * 60}),
        "icc-half.jpg": ("half a colour profile", {"icc_profile": SRGB[: len(SRGB) // 2]}),
        "icc-zeros.jpg": ("colour profile of zeros", {"icc_profile": bytes(len(SRGB))}),
    }  # fmt: skip
    for name, (what, options) in blocks.items():
        yield _file(name, what, "scored", encoded(scene(), "jpg", **options))
    yield _file("icc-other.jpg", "RGB profile in a CMYK photo", "scored",
                encoded(scene().convert("CMYK"), "jpg", icc_profile=SRGB))  # fmt: skip
    yield _file("comment.gif", "comment of 70,000 bytes", "scored",
                encoded(scene(), "gif", comment=b"x" * 70_000))  # fmt: skip


def _places() -> Iterator[Hostile]:
    photo = encoded(scene(), "jpg")
    yield _file("empty.jpg", "0 bytes", "reason", b"")
    yield _file("byte.jpg", "1 byte", "reason", b"\xff")
    yield Hostile("pipe.jpg", "named pipe that nobody writes to", "reason", os.mkfifo)
    yield Hostile("socket.jpg", "socket", "reason", _make_socket)
    yield Hostile("loop.jpg", "link to itself", "reason", lambda path: path.symlink_to(path.name))
    yield Hostile("ping.jpg", "link to a link back", "reason", partial(_link, target="pong.jpg"))
    yield Hostile("pong.jpg", "link to a link back", "reason", partial(_link, target="ping.jpg"))
    yield Hostile("broken-link.jpg", "link to nothing", "reason", partial(_link, target="gone"))
    yield Hostile("folder.jpg", "folder called like a photo, with a photo", "scored",
                  lambda path: (path.mkdir(),
                                (path / "inside.jpg").write_bytes(photo)))  # fmt: skip
    yield Hostile("circle", "folder with a link to the folder above, and a photo", "scored",
                  lambda path: (path.mkdir(), (path / "up").symlink_to(".."),
                                (path / "inside.jpg").write_bytes(photo)))  # fmt: skip
    yield Hostile("locked.jpg", "file this user may not read", "reason",
                  lambda path: (path.write_bytes(photo), path.chmod(0)))  # fmt: skip
    yield _file(VANISHING, "file removed after it was listed", "reason", photo)


def _link(path: Path, target: str) -> None:
    path.symlink_to(target)


def _make_socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # a socket's path may be 107 bytes long
    try:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path.name)
    finally:
        os.chdir(here)


def _names() -> Iterator[Hostile]:
    photo = encoded(scene(), "jpg")
    names = {
        os.fsdecode(b"caf\xe9.jpg"): "name in Latin-1, which is no UTF-8",
        os.fsdecode(b"\x83\x8a.jpg"): "name in Shift-JIS",
        "two\nlines.jpg": "new line in the name",
        "esc\x1b[2J\t.jpg": "terminal's escape sequence in the name",
        "gpj.\u202eexe.jpg": "name that turns the direction of reading",
        "-o.jpg": "name that looks like an option",
        "'\"$(id);`.jpg": "name full of a shell's signs",
        "写真 📷.jpg": "name in Japanese with an emoji",
        "n" * 251 + ".jpg": "name of 255 bytes",
        " .jpg": "name of a blank",
    }
    for name, what in names.items():
        yield _file(name, what, "scored", photo)


def _other_kinds() -> Iterator[Hostile]:
    raw = dng(scene(192, 128))
    yield _file("sensor.dng", "RAW photo without a preview", "scored", raw)
    yield _file("cut.dng", "RAW photo cut off at half", "reason", raw[: len(raw) // 2])
    yield _file("header.cr2", "header of a Canon RAW photo alone", "reason",
                b"II*\0\x10\0\0\0CR\x02\0" + bytes(60))  # fmt: skip
    avif = encoded(scene(), "avif")
    yield _file("photo.avif", "AVIF", "scored", avif)
    yield _file("cut.avif", "AVIF cut off at half", "reason", avif[: len(avif) // 2])
    yield _file("header.heic", "header of a HEIC photo alone", "reason",
                b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")  # fmt: skip


def _breaking_their_decoder() -> Iterator[Hostile]:
    photo = encoded(scene(), "png")
    words = {"CRASH": "crashes", "ABORT": "aborts", "EXIT": "ends the program in",
             "KILL": "has killed", "GRAB": "takes more memory than there is in"}  # fmt: skip
    for word, what in words.items():
        yield _file(f"breaks-{word.lower()}.jpg", f"file that {what} its decoder (simulated)",
                    "reason", word.encode() + b"\n" + photo)  # fmt: skip
    yield _file("breaks-later.jpg", "file after which its decoder crashes at the next (simulated)",
                "scored", b"POISON\n" + photo)  # fmt: skip


def score_corpus(folder: Path, workers: int) -> dict[str, str]:
    """What came of each file that was found: name -> ``score 5.12``, or the reason."""
    from iae.scoring import child
    from iae.scoring.find import find_photos
    from iae.scoring.pipeline import score_photos
    from iae.scoring.scorer import Scorer

    found = find_photos([folder], leave_out=folder / "results")
    (folder / VANISHING).unlink(missing_ok=True)
    child._PROGRAM = broken_decoder.PROGRAM
    scored = score_photos(found, Scorer(), thumbnails=None, workers=workers)
    return {
        os.path.relpath(photo.path, folder): result.score.error
        or f"score {result.score.aesthetic_mean:.2f}"
        for photo, result in zip(found, scored, strict=True)
    }


def table(files: list[Hostile], outcomes: dict[str, str]) -> str:
    """Markdown; names with what would not show spelt out."""
    what = {file.name: file.what for file in files}
    lines = [
        "# What becomes of hostile files",
        "",
        "Made by `python tests/hostile.py FOLDER > docs/hostile-files.md`. Each file is a score or",
        "a row with its reason, and the scores of the good photos among them are those they have",
        "alone. The simulated ones break a decoder that was made to break.",
        "",
        "| file | what it is | what came out |",
        "|---|---|---|",
        *(
            f"| `{_shown(name)}` | {what.get(name.split('/')[0], 'good photo')} | {outcome} |"
            for name, outcome in outcomes.items()
        ),
        "",
        f"{len(files)} hostile or odd files, {len(good_photos())} good photos.",
    ]
    return "\n".join(lines)


def _shown(name: str) -> str:
    spelt = name.encode("unicode_escape").decode().replace("|", "\\|").replace("`", "'")
    return spelt if len(spelt) < 40 else f"{spelt[:36]}…"


def bound() -> list[str]:
    """What to put before a command so that file permissions bind it, also when we are root."""
    if os.geteuid() != 0:
        return []
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]


if __name__ == "__main__":
    if "--bound" not in sys.argv:
        command = [*bound(), sys.executable, *sys.argv, "--bound"]
        os.execvp(command[0], command)
    target = Path(sys.argv[1])
    print(table(write_corpus(target), score_corpus(target, workers=2)))  # noqa: T201
