"""Where the sidecar of a photo lies, and what may be in its place."""

import stat
from collections.abc import Collection
from pathlib import Path

from iae.errors import XmpError
from iae.xmp.packet import MAX_BYTES

RAW_SUFFIXES = frozenset({".3fr", ".arw", ".cr2", ".cr3", ".crw", ".dcr", ".dng", ".erf", ".fff",
                          ".gpr", ".iiq", ".k25", ".kdc", ".mef", ".mos", ".mrw", ".nef", ".nrw",
                          ".orf", ".pef", ".raf", ".raw", ".rw2", ".rwl", ".sr2", ".srf", ".srw",
                          ".x3f"})  # fmt: skip
"""Camera raw files, in lower case. Of two photos with one stem, ``a.xmp`` is the raw one's."""

_OTHER_SUFFIXES = frozenset({".avif", ".bmp", ".gif", ".heic", ".heif", ".jfif", ".jpe", ".jpeg",
                             ".jpg", ".jxl", ".png", ".psd", ".tif", ".tiff",
                             ".webp"})  # fmt: skip


def sidecar_of(photo: Path, names: Collection[str], *, stem: bool) -> Path:
    """The sidecar's path.

    Args:
        photo: its path.
        names: the files in the photo's folder.
        stem: ``photo.xmp`` (Adobe) instead of ``photo.jpg.xmp`` (darktable, digiKam). A sidecar
            that is there under a name in capitals (``photo.XMP``) is the one.

    Raises:
        XmpError: by its stem the sidecar would be, or could be taken for, another photo's too.
    """
    if stem:
        _refuse_sharing(photo, names)
    wanted = (photo.stem if stem else photo.name) + ".xmp"
    in_capitals = wanted[: -len(".xmp")] + ".XMP"
    only_capitals = in_capitals in names and wanted not in names
    return photo.with_name(in_capitals if only_capitals else wanted)


def _refuse_sharing(photo: Path, names: Collection[str]) -> None:
    """Of photos with one stem the one raw file has the sidecar: so Adobe's programs read it."""
    others = sorted(
        name
        for name in names
        if Path(name).stem == photo.stem
        and name != photo.name
        and Path(name).suffix.lower() in RAW_SUFFIXES | _OTHER_SUFFIXES
    )
    raw = [name for name in others if Path(name).suffix.lower() in RAW_SUFFIXES]
    if not others or (photo.suffix.lower() in RAW_SUFFIXES and not raw):
        return
    owner = f"is that of {raw[0]}" if len(raw) == 1 else f"would be shared with {others[0]}"
    raise XmpError(f"{photo.stem}.xmp {owner}; use --xmp sidecar")


def read_sidecar(path: Path) -> bytes | None:
    """The bytes of a sidecar; None where there is none.

    Raises:
        XmpError: it cannot be read, is no plain file (a directory, a pipe, a link that leads
            nowhere), or is larger than any XMP.
    """
    try:
        if path.is_symlink() and not path.exists():
            raise XmpError(f"{path.name} is a link that leads nowhere; remove it")
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            what = "a directory" if stat.S_ISDIR(found.st_mode) else "no plain file"
            raise XmpError(f"{path.name} is {what}; move it away")
        if found.st_size > MAX_BYTES:
            raise XmpError(f"{path.name} is larger than {MAX_BYTES // 2**20} MiB, which no XMP is")
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except (
        OSError,
        RuntimeError,
    ) as error:  # Python before 3.13: RuntimeError for links in circles
        raise XmpError(
            f"cannot read {path.name}: {getattr(error, 'strerror', None) or error}"
        ) from None
