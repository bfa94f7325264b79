"""What kind of file some bytes are, by how they begin, and what a file's name promises."""

from collections.abc import Mapping, Sequence

SUFFIX_KINDS: Mapping[str, str] = {
    ".jpg": "JPEG", ".jpeg": "JPEG", ".jpe": "JPEG", ".mpo": "JPEG",
    ".png": "PNG", ".webp": "WEBP", ".tif": "TIFF", ".tiff": "TIFF", ".bmp": "BMP", ".gif": "GIF",
}  # fmt: skip
"""Suffix in small letters -> the kind that it promises; read by every installation."""

OPTIONAL_SUFFIX_KINDS: Mapping[str, str] = {
    ".heic": "HEIC", ".heif": "HEIC", ".hif": "HEIC", ".avif": "AVIF",
} | dict.fromkeys((
    ".dng", ".nef", ".nrw", ".cr2", ".cr3", ".arw", ".sr2", ".orf", ".rw2", ".raf", ".pef", ".srw",
    ".3fr", ".iiq", ".rwl",
), "RAW")  # fmt: skip
"""The same for the kinds that need an optional part of the package, or of Pillow."""

_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"II*\0\x10\0\0\0CR", "RAW"),  # Canon, before TIFF, of which it is a kind
    (b"FUJIFILMCCD-RAW", "RAW"),
    (b"IIRO", "RAW"),
    (b"IIRS", "RAW"),
    (b"MMOR", "RAW"),
    (b"IIU\0", "RAW"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"BM", "BMP"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"%PDF", "PDF"),
    (b"PK\x03\x04", "ZIP"),
    (b"\x1f\x8b", "gzip"),
)


def kind_of(head: bytes) -> str | None:
    r"""The kind that the first 32 bytes of a file show, or None where it is none of the known.

    Besides the photos that are read, this names what is often saved under their names: the web
    page of an error, an archive, a photo of a newer kind.

    >>> kind_of(b"\xff\xd8\xff\xe0"), kind_of(b"<!DOCTYPE html>"), kind_of(b"")
    ('JPEG', 'HTML', None)
    """
    for start, kind in _STARTS:
        if head.startswith(start):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if head[4:8] == b"ftyp":
        return _kind_of_brands([head[i : i + 4] for i in (8, 16, 20, 24, 28)])
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return "HTML" if text.startswith((b"<!doctype", b"<html", b"<head")) else None


def _kind_of_brands(brands: Sequence[bytes]) -> str:
    """What a file of the ISO media family holds: the main brand first, then those it names too.

    A still picture of either coding may call itself ``mif1`` first (ISO/IEC 23008-12).
    """
    for brand in brands:
        if brand in (b"avif", b"avis"):
            return "AVIF"
        if brand in (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"):
            return "HEIC"
        if brand == b"crx ":
            return "RAW"
    return "HEIC" if brands[0] in (b"mif1", b"msf1") else "video"
